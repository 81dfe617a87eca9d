"""Addresses for the gateway."""

from django.urls import path

from .views import check_password

urlpatterns = [path("login", check_password)]

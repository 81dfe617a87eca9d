"""Addresses of the pages."""

from django.urls import path

from . import views

urlpatterns = [path("", views.purchases, name="purchases"), path("notes/", views.notes, name="notes")]

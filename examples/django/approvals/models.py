"""What people ask for."""

from django.conf import settings
from django.db import models


class Purchase(models.Model):
    """Something that somebody wants to buy."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        UNANSWERED = "unanswered"

    wanted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    article = models.CharField(max_length=100)
    price = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    budget = models.PositiveIntegerField(null=True)
    comment = models.TextField(blank=True)
    decided_by = models.TextField(blank=True)

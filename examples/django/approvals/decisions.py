"""Asking the administrator, and acting on the answer."""

from typing import Optional

from django.conf import settings

from xmpp.mailbox import ask, notify

from .forms import ApprovalForm
from .models import Purchase


def ask_for_approval(purchase: Purchase) -> None:
    """The view calls this; the answer comes to `decide` whenever the administrator gives it."""
    ask(
        settings.XMPP["ADMINISTRATOR"],
        f"{purchase.wanted_by.username} wants to buy {purchase.article} for {purchase.price}.",
        form=ApprovalForm(initial={"budget": purchase.price}),
        then=decide,
        context={"purchase": purchase.id},
    )


def decide(data: Optional[dict], context: dict, answered_by: Optional[str]) -> None:
    """Runs in the worker, in the transaction that closes the question."""
    purchase = Purchase.objects.select_for_update().get(id=context["purchase"])
    if data is None:
        purchase.state = Purchase.State.UNANSWERED
    else:
        purchase.state = Purchase.State.APPROVED if data["decision"] == "approve" else Purchase.State.REFUSED
        purchase.budget = data["budget"]
        purchase.comment = data["comment"]
        purchase.decided_by = answered_by
    purchase.save()
    notify(purchase.wanted_by.username, f"Your purchase of {purchase.article} is {purchase.state}.", subject="Purchase")

"""The pages: purchases, and notes."""

import json

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from xmpp.mailbox import jid_of
from xmpp.models import Inbox, Outbox

from .decisions import ask_for_approval
from .forms import PurchaseForm
from .models import Purchase

MAX_SHOWN = 50


@login_required
def purchases(request: HttpRequest) -> HttpResponse:
    """The user's purchases; a new one is put to the administrator."""
    form = PurchaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.wanted_by = request.user
        with transaction.atomic():
            ask_for_approval(form.save())
        return redirect("purchases")
    mine = Purchase.objects.filter(wanted_by=request.user).order_by("-id")[:MAX_SHOWN]
    return render(request, "approvals/purchases.html", {"form": form, "purchases": mine})


@login_required
def notes(request: HttpRequest) -> HttpResponse:
    """What the site sent to the user's chat client and how far it came, and what he wrote to the gateway."""
    jid = jid_of(request.user.username)
    rows = list(Outbox.objects.filter(kind="note", recipient=jid).order_by("-id")[:MAX_SHOWN])
    receipts = Inbox.objects.filter(kind="receipt", outbox_id__in=[row.id for row in rows])
    delivered = set(receipts.values_list("outbox_id", flat=True))
    sent = [
        {
            "text": json.loads(row.body).get("text", ""),
            "status": "delivered" if row.id in delivered else row.status,
            "error": row.error,
        }
        for row in rows
    ]
    received = Inbox.objects.filter(kind="message", sender__startswith=f"{jid}/").order_by("-id")[:MAX_SHOWN]
    return render(
        request,
        "approvals/notes.html",
        {"sent": sent, "received": [json.loads(row.body).get("text", "") for row in received]},
    )

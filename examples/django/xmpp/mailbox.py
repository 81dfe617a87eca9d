"""Telling people something, and asking them: rows in the gateway's outbox."""

import json
from datetime import timedelta
from typing import Any, Callable, Optional

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from .data_forms import describe_form, errors_of, from_answer
from .models import Inquiry, Outbox, Question, now_ms

QUESTION_LIFETIME = timedelta(days=1)


def jid_of(username: str) -> str:
    """The address of a user of this site."""
    return f"{username}@{settings.XMPP['DOMAIN']}"


def notify(username: str, text: str, *, subject: str = "", link: str = "", dedupe_key: Optional[str] = None) -> Outbox:
    """Sends a note to a user's chat client; a second one with the same key is the first."""
    body = {"text": text}
    if subject:
        body["subject"] = subject
    if link:
        body["link"] = link
    row = {"kind": "note", "recipient": jid_of(username), "body": json.dumps(body)}
    if dedupe_key is None:
        return Outbox.objects.create(**row)
    return Outbox.objects.get_or_create(dedupe_key=dedupe_key, defaults=row)[0]


def ask(
    username: str,
    text: str,
    *,
    form: forms.Form,
    then: Callable[..., None],
    context: Optional[dict] = None,
    lifetime: timedelta = QUESTION_LIFETIME,
) -> Inquiry:
    """Puts a question to a user, who gets the form in his chat client.

    `manage.py xmpp_worker` reads the answer with the class of `form`: what it refuses goes back to the user with the
    errors, and he is asked again. A valid answer is given to `then(data, context, answered_by)`, and nothing at all to
    `then(None, context, None)` when the time is over. `then` must be a function of a module, since it runs in another
    process; `context` is what it needs to know, as JSON.
    """
    body = {"text": text, "form": describe_form(form), "deadlineMs": lifetime // timedelta(milliseconds=1)}
    with transaction.atomic():
        return Inquiry.objects.create(
            outbox_id=_put(jid_of(username), body).id, form=_path_of(type(form)), then=_path_of(then), context=context or {}
        )


def read_answers() -> int:
    """Acts on every question that is over, and gives how many there were."""
    questions = {
        question.outbox_id: question
        for question in Question.objects.exclude(status="open").filter(
            outbox_id__in=list(Inquiry.objects.filter(is_over=False).values_list("outbox_id", flat=True))
        )
    }
    for outbox_id, question in questions.items():
        with transaction.atomic():
            inquiry = Inquiry.objects.select_for_update().filter(outbox_id=outbox_id, is_over=False).first()
            if inquiry is not None:
                _act(inquiry, question)
    return len(questions)


def _act(inquiry: Inquiry, question: Question) -> None:
    then = import_string(inquiry.then)
    if question.status == "answered":
        form = import_string(inquiry.form)(data=from_answer(json.loads(question.answer)))
        if not form.is_valid():
            _ask_again(inquiry, form)
            return
        then(form.cleaned_data, inquiry.context, question.answered_by)
    else:
        then(None, inquiry.context, None)
    inquiry.is_over = True
    inquiry.save()


def _ask_again(inquiry: Inquiry, form: forms.Form) -> None:
    """The same question once more, with what was wrong; the gateway shows the values that were given."""
    refused = Outbox.objects.get(id=inquiry.outbox_id)
    body = {**json.loads(refused.body), "again": {"outboxId": refused.id, "errors": errors_of(form)}}
    inquiry.outbox_id = _put(refused.recipient, body).id
    inquiry.save()


def _put(recipient: str, body: dict) -> Outbox:
    return Outbox.objects.create(
        kind="question", recipient=recipient, body=json.dumps(body), expires_at=now_ms() + body["deadlineMs"]
    )


def _path_of(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"

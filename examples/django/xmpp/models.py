"""The gateway's mailbox as models, and what the site remembers of its own questions.

The gateway makes and migrates its four tables (docs/mailbox.md); times in them are milliseconds since 1970, UTC.
"""

import time

from django.db import models


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Outbox(models.Model):
    """What the gateway is to send. A row needs only kind, recipient and body."""

    kind = models.TextField()
    recipient = models.TextField()
    body = models.TextField()
    dedupe_key = models.TextField(null=True, unique=True)
    not_before = models.BigIntegerField(null=True)
    expires_at = models.BigIntegerField(null=True)
    created_at = models.BigIntegerField(default=now_ms)
    status = models.TextField(default="new")
    attempts = models.IntegerField(default=0)
    sent_at = models.BigIntegerField(null=True)
    error = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "outbox"


class Inbox(models.Model):
    """What the gateway received."""

    kind = models.TextField()
    sender = models.TextField()
    stanza_id = models.TextField()
    body = models.TextField()
    stamp = models.BigIntegerField()
    created_at = models.BigIntegerField()
    outbox_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "inbox"


class Question(models.Model):
    """What has become of an outbox row of kind question."""

    code = models.TextField()
    outbox_id = models.BigIntegerField(null=True)
    asked = models.TextField()
    status = models.TextField()
    answer = models.TextField(null=True)
    answered_by = models.TextField(null=True)
    answered_at = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "questions"


class Call(models.Model):
    """A call of a method that this site serves."""

    method = models.TextField()
    params = models.TextField()
    requester = models.TextField()
    deadline_at = models.BigIntegerField()
    status = models.TextField()
    result = models.TextField(null=True)
    fault_code = models.IntegerField(null=True)
    fault_string = models.TextField(null=True)
    finished_at = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "calls"


class Inquiry(models.Model):
    """A question put by `ask`: which form reads the answer, and which function acts on it."""

    outbox_id = models.BigIntegerField(unique=True)
    form = models.TextField()
    then = models.TextField()
    context = models.JSONField(default=dict)
    is_over = models.BooleanField(default=False)

"""Waiting until the mailbox has something new: told by PostgreSQL, looked up in SQLite."""

import select
import time

from django.db import connection

POLL_SECONDS = 0.1


def listen() -> None:
    """From now on PostgreSQL tells this connection about new rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LISTEN jabber_rpc")


def wait(seconds: float) -> None:
    """Returns when there may be something new, after `seconds` at the latest; the caller looks in any case."""
    if connection.vendor != "postgresql":
        time.sleep(min(seconds, POLL_SECONDS))
        return
    raw = connection.connection
    raw.poll()
    if not raw.notifies:
        select.select([raw], [], [], seconds)
        raw.poll()
    raw.notifies.clear()

"""`manage.py xmpp_worker`: answers calls of the site's functions, and acts on answers of people."""

import signal
import time

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections, connection

from xmpp.changes import listen, wait
from xmpp.mailbox import read_answers
from xmpp.rpc import answer_next_call

PAUSE_SECONDS = 5.0
RETRY_SECONDS = 1.0


class Command(BaseCommand):
    help = "Serves the functions marked with @rpc_method and reads answers to questions, until it is stopped."

    def handle(self, *args: object, **options: object) -> None:
        self.is_running = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self.stdout.write("ready")
        self.stdout.flush()
        while self.is_running:
            try:
                listen()
                while self.is_running:
                    self._work()
                    wait(PAUSE_SECONDS)
            except OperationalError as error:
                # The database is away, or somebody holds a lock; what was begun is looked for again.
                self.stderr.write(f"database: {error}".strip())
                connection.close()
                close_old_connections()
                time.sleep(RETRY_SECONDS)

    def _work(self) -> None:
        while self.is_running and answer_next_call():
            pass
        read_answers()

    def _stop(self, *_signal: object) -> None:
        self.is_running = False

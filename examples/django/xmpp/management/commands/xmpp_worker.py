"""`manage.py xmpp_worker`: answers calls of the site's functions, and acts on answers of people."""

import signal
import time

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError, close_old_connections, connection

from xmpp.changes import listen, wait
from xmpp.mailbox import read_answers
from xmpp.rpc import answer_next_call

PAUSE_SECONDS = 5.0
RETRY_SECONDS = 1.0


class Command(BaseCommand):
    help = "Serves the functions marked with @rpc_method and reads answers to questions, until it is stopped."

    def handle(self, *args: object, **options: object) -> None:
        self.is_running = True
        self.said = ""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        is_ready = False
        while self.is_running:
            try:
                if not self._has_tables():
                    self._say("waiting for the gateway's tables; `manage.py xmpp` makes them")
                    time.sleep(RETRY_SECONDS)
                    continue
                if not is_ready:
                    is_ready = True
                    self.stdout.write("ready")
                    self.stdout.flush()
                listen()
                while self.is_running:
                    self._work()
                    self.said = ""
                    wait(PAUSE_SECONDS)
            except (OperationalError, ProgrammingError) as error:
                # The database is away, somebody holds a lock, or tables are gone; what was begun is looked for again.
                self._say(f"database: {error}".strip())
                connection.close()
                close_old_connections()
                time.sleep(RETRY_SECONDS)

    def _has_tables(self) -> bool:
        models = apps.get_app_config("xmpp").get_models()
        needed = {model._meta.db_table for model in models if not model._meta.managed}
        return needed <= set(connection.introspection.table_names())

    def _say(self, text: str) -> None:
        """Says it once, until it works again or something else is wrong."""
        if text != self.said:
            self.stderr.write(text)
            self.stderr.flush()
        self.said = text

    def _work(self) -> None:
        while self.is_running and answer_next_call():
            pass
        read_answers()

    def _stop(self, *_signal: object) -> None:
        self.is_running = False

"""`manage.py xmpp`: the gateway, beside the site and with its settings."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xmpp.gateway import gateway_environment, gateway_settings


class Command(BaseCommand):
    help = "Starts the XMPP gateway with this site's settings; ends with it."

    def handle(self, *args: object, **options: object) -> None:
        with tempfile.TemporaryDirectory(prefix="jabber-rpc-") as folder:
            config = Path(folder, "gateway.yaml")
            # JSON is YAML; the folder is for this user alone.
            config.write_text(json.dumps(gateway_settings(), indent=2))
            self._run("mailbox", "migrate", "--config", str(config))
            sys.exit(self._serve(config))

    def _serve(self, config: Path) -> int:
        # A process group of its own, since a terminal sends Ctrl-C to all of a group and the gateway would get two.
        gateway = subprocess.Popen(
            [*settings.XMPP["COMMAND"], "serve", "--config", str(config)], env=gateway_environment(), start_new_session=True
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: os.killpg(gateway.pid, received))
        return gateway.wait()

    def _run(self, *words: str) -> None:
        ended = subprocess.run([*settings.XMPP["COMMAND"], *words], env=gateway_environment(), check=False)
        if ended.returncode != 0:
            raise CommandError(f"jabber-rpc {' '.join(words[:2])} ended with {ended.returncode}")

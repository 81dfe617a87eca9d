"""The site itself: requests that an administrator approves from his chat client."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        # Marks the functions that are served over XMPP.
        from . import procedures  # noqa: F401

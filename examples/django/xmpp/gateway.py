"""The gateway's settings, made from Django's, so that there is one place to change anything."""

import os
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from .rpc import METHODS

DATABASE_URL = "SITE_DATABASE_URL"


def gateway_settings() -> dict:
    """The settings file (docs/settings.md) as data."""
    xmpp = settings.XMPP
    return {
        "link": {
            "mode": "standalone",
            "domain": xmpp["DOMAIN"],
            "listen": {"host": "127.0.0.1", "port": xmpp["PORT"]},
            "accounts": {"http": f"{xmpp['SITE_URL']}/xmpp/login"},
            # The site checks passwords, so the gateway has to see them; they never leave this machine.
            "plainOnLoopback": True,
        },
        "mailbox": {"url": {"env": DATABASE_URL}, "methods": [method.description for method in METHODS.values()]},
        "handlers": [],
        "access": xmpp["ACCESS"],
    }


def gateway_environment() -> dict:
    """Ours, and where the database is: it may hold a password, so it stands in no file and in no argument."""
    return {**os.environ, DATABASE_URL: _database_url()}


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:{database['NAME']}"
    if connection.vendor != "postgresql":
        raise ValueError(f"the mailbox is kept in SQLite or PostgreSQL, not in {connection.vendor}")
    user, password, host, name = (quote(str(database[key]), safe="") for key in ("USER", "PASSWORD", "HOST", "NAME"))
    return f"postgresql://{user}:{password}@{host}:{database['PORT'] or 5432}/{name}"

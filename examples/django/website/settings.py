"""Settings of the example site. What concerns XMPP stands at the end."""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("SITE_STATE", BASE_DIR))

# Without a key of its own, everybody has to log in again after a restart.
SECRET_KEY = os.environ.get("SITE_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = os.environ.get("SITE_DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "website.urls"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "xmpp",
    "approvals",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

# SQLite, or PostgreSQL where SITE_DB_HOST names one. The mailbox's tables stand beside the site's own.
if os.environ.get("SITE_DB_HOST"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["SITE_DB_HOST"],
            "PORT": os.environ.get("SITE_DB_PORT", "5432"),
            "NAME": os.environ.get("SITE_DB_NAME", "site"),
            "USER": os.environ.get("SITE_DB_USER", "site"),
            "PASSWORD": os.environ.get("SITE_DB_PASSWORD", ""),
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": STATE_DIR / "site.sqlite3",
            # The gateway writes to the same file.
            "OPTIONS": {"timeout": 20},
        }
    }

XMPP = {
    # How the gateway is started; a list, since no shell reads it.
    "COMMAND": os.environ.get("SITE_GATEWAY", "npx --no jabber-rpc").split(" "),
    "DOMAIN": "localhost",
    "PORT": int(os.environ.get("SITE_XMPP_PORT", "5222")),
    # Where the gateway reaches this site, to ask for passwords.
    "SITE_URL": os.environ.get("SITE_URL", "http://127.0.0.1:8000"),
    # Who is asked for approvals: the user of this name.
    "ADMINISTRATOR": "admin",
    # Who may call which of the functions marked with @rpc_method.
    "ACCESS": [{"allow": "*@localhost", "methods": "shop.*"}],
}

"""The app that talks to the gateway through the tables of its mailbox."""

from django.apps import AppConfig


class XmppConfig(AppConfig):
    name = "xmpp"

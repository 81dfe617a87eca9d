#!/usr/bin/env python3
"""Calls one Jabber-RPC method (XEP-0009) with slixmpp: Debian's python3-slixmpp, or pip install slixmpp.

It uses the codec of slixmpp's xep_0009 plugin, not the plugin: that one logs a traceback on every good reply.

    python3 call.py --jid svc@example.org --password-file pw rpc.example.org examples.getStateName 6

Parameters are read as JSON; what is no JSON is a text. Exit codes: 0 result, 2 fault, 3 stanza error, 4 no answer.
"""
import argparse
import asyncio
import json
import logging
import ssl
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0009.binding import py2xml, rpcbase64, rpctime, xml2fault, xml2py

NS = "jabber:iq:rpc"


class Fault(Exception):
    """What the method, or the responder, answered instead of a result."""

    def __init__(self, code, string):
        super().__init__(f"fault {code}: {string}")
        self.code = code
        self.string = string


class NoConnection(Exception):
    """The server could not be reached, or did not let us in."""


def write_call(method, params):
    """The <query/> of a call."""
    query = ET.Element(f"{{{NS}}}query")
    call = ET.SubElement(query, f"{{{NS}}}methodCall")
    ET.SubElement(call, f"{{{NS}}}methodName").text = method
    call.append(py2xml(*params))
    return query


def read_response(iq):
    """The result in an answer; raises Fault."""
    response = iq.xml.find(f"{{{NS}}}query/{{{NS}}}methodResponse")
    fault = response.find(f"{{{NS}}}fault")
    if fault is not None:
        details = xml2fault(fault)
        raise Fault(details["code"], details["string"])
    return xml2py(response.find(f"{{{NS}}}params"))[0]


async def log_in(jid, password, address):
    """A client that is online; raises NoConnection."""
    client = slixmpp.ClientXMPP(jid, password)
    # Without this slixmpp takes any certificate.
    client.ca_certs = ssl.get_default_verify_paths().cafile
    online = asyncio.get_running_loop().create_future()

    def fail(reason):
        if not online.done():
            online.set_exception(NoConnection(reason))
        client.abort()

    client.add_event_handler("session_start", lambda _: online.done() or online.set_result(None))
    client.add_event_handler("failed_all_auth", lambda _: fail(f"{jid} was not let in: wrong password?"))
    client.add_event_handler("connection_failed", lambda error: fail(f"no connection: {error}"))
    client.connect(address) if address else client.connect()
    await asyncio.wait_for(online, timeout=30)
    return client


async def call(client, to, method, params, timeout=30):
    """Calls a method; raises Fault, IqError or IqTimeout."""
    iq = client.make_iq_set(ito=to)
    iq.append(write_call(method, params))
    return read_response(await iq.send(timeout=timeout))


def read_parameter(word):
    try:
        return json.loads(word)
    except ValueError:
        return word


def show(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=show_scalar)


def show_scalar(value):
    if isinstance(value, rpctime):
        return value.iso8601()
    if isinstance(value, rpcbase64):
        return value.encoded()
    raise TypeError(type(value))


async def main():
    parser = argparse.ArgumentParser(description="Call a Jabber-RPC method.")
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password-file", required=True, type=Path)
    parser.add_argument("--service", help="host:port; default: what DNS says about the domain")
    parser.add_argument("target")
    parser.add_argument("method")
    parser.add_argument("params", nargs="*")
    args = parser.parse_args()
    host, _, port = (args.service or "").rpartition(":")
    address = (host, int(port)) if args.service else None
    try:
        client = await log_in(args.jid, args.password_file.read_text().rstrip("\n"), address)
    except (NoConnection, asyncio.TimeoutError) as error:
        print(error or "no answer from the server", file=sys.stderr)
        return 4
    try:
        print(show(await call(client, args.target, args.method, [read_parameter(word) for word in args.params])))
        return 0
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 2
    except IqTimeout:
        print(f"no answer from {args.target} within 30 s; whether it ran is unknown", file=sys.stderr)
        return 4
    except IqError as error:
        print(f"{error.condition}: {error.text}", file=sys.stderr)
        return 3
    finally:
        await client.disconnect()


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    sys.exit(asyncio.run(main()))

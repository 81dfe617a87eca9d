"""Uses topics with slixmpp's xep_0060, one request a line on standard input, one reply a line on standard output.

Usage: slixmpp_pubsub.py HOST:PORT JID PASSWORD SERVICE. A request is {"do": "create" | "subscribe" | "unsubscribe" | "publish" | "retract" |
"items" | "delete" | "purge" | "affiliate", "node": …} with "id", "title", "jid", "affiliation" where it needs them. Notifications come as
{"event": …} between the replies, which have "done" or "error".
"""
import asyncio
import json
import logging
import sys
from xml.etree import ElementTree

import slixmpp

ATOM = "{http://www.w3.org/2005/Atom}"
EVENT = "{http://jabber.org/protocol/pubsub#event}"


def say(what):
    print(json.dumps(what), flush=True)


def title_of(item):
    return item.findtext(f"{ATOM}entry/{ATOM}title")


def show(message):
    for items in message.xml.iter(f"{EVENT}items"):
        for item in items.iter(f"{EVENT}item"):
            say({"event": "item", "node": items.get("node"), "id": item.get("id"), "title": title_of(item)})
        for item in items.iter(f"{EVENT}retract"):
            say({"event": "retract", "node": items.get("node"), "id": item.get("id")})


async def main(service, jid, password, pubsub):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    client.register_plugin("xep_0060")
    online = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", lambda _: online.set_result(None))
    client.register_handler(
        slixmpp.xmlstream.handler.Callback(
            "events", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message/%sevent" % EVENT), show
        )
    )
    client.connect((host, int(port)), disable_starttls=True)
    await online
    client.send_presence()
    topics = client["xep_0060"]

    async def act(request):
        what, node = request["do"], request["node"]
        if what == "create":
            await topics.create_node(pubsub, node)
        elif what == "delete":
            await topics.delete_node(pubsub, node)
        elif what == "purge":
            await topics.purge(pubsub, node)
        elif what == "subscribe":
            await topics.subscribe(pubsub, node)
        elif what == "unsubscribe":
            await topics.unsubscribe(pubsub, node)
        elif what == "retract":
            await topics.retract(pubsub, node, request["id"], notify="true")
        elif what == "affiliate":
            await topics.modify_affiliations(pubsub, node, [(request["jid"], request["affiliation"])])
        elif what == "publish":
            entry = ElementTree.Element(f"{ATOM}entry")
            for name, text in (("id", f"urn:x:{request['id']}"), ("title", request["title"])):
                ElementTree.SubElement(entry, f"{ATOM}{name}").text = text
            ElementTree.SubElement(entry, f"{ATOM}updated").text = "2026-11-28T10:00:00Z"
            await topics.publish(pubsub, node, id=request["id"], payload=entry)
        elif what == "items":
            items = (await topics.get_items(pubsub, node))["pubsub"]["items"]
            return [[item["id"], title_of(item.xml)] for item in items]
        return True

    say({"online": client.boundjid.full})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            say({"done": await asyncio.wait_for(act(json.loads(line)), timeout=30)})
        except slixmpp.exceptions.IqError as error:
            say({"error": error.iq["error"]["condition"]})
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

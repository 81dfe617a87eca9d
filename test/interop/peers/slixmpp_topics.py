"""A subscriber and publisher made of slixmpp's xep_0060: slixmpp_topics.py HOST:PORT JID PASSWORD.

Each notification is printed as one line of JSON, and so is the answer to each line of standard input:
{"do": "create" | "subscribe" | "items" | "nodes" | "unsubscribe", "service": JID, "node": NODE} and
{"do": "publish", "service": JID, "node": NODE, "id": ID, "title": TEXT};
{"do": "admit", "service": JID, "node": NODE, "jid": JID} lets somebody in to a node of his;
{"do": "say", "to": JID, "body": TEXT} writes to somebody.
"""
import asyncio
import json
import logging
import sys
from xml.etree import ElementTree

import slixmpp

ATOM = "{http://www.w3.org/2005/Atom}"


def shown(item):
    entry = item.find(f"{ATOM}entry")
    json_payload = item.find("{urn:xmpp:json:0}json")
    return {
        "id": item.get("id"),
        "title": None if entry is None else entry.findtext(f"{ATOM}title"),
        "json": None if json_payload is None else json.loads(json_payload.text),
    }


def items_in(element):
    return [shown(item) for item in element.iter() if item.tag.endswith("}item")]


async def answer(client, act):
    pubsub = client["xep_0060"]
    if act["do"] == "say":
        client.send_message(mto=act["to"], mbody=act["body"], mtype="chat")
        return {"said": act["body"]}
    service, node = act["service"], act.get("node")
    if act["do"] == "subscribe":
        answered = await pubsub.subscribe(service, node, bare=act.get("bare", False))
        state = answered["pubsub"]["subscription"]["subscription"]
        return {"subscribed": node} if state == "subscribed" else {state: node}
    if act["do"] == "admit":
        await pubsub.modify_subscriptions(service, node, [(act["jid"], "subscribed")])
        return {"admitted": act["jid"]}
    if act["do"] == "create":
        form = client["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#node_config")
        for name, value in act.get("config", {}).items():
            form.add_field(var=f"pubsub#{name}", value=value)
        await pubsub.create_node(service, node, config=form)
        return {"created": node}
    if act["do"] == "unsubscribe":
        await pubsub.unsubscribe(service, node, bare=act.get("bare", False), subid=act.get("subid"))
        return {"unsubscribed": node}
    if act["do"] == "items":
        return {"items": items_in((await pubsub.get_items(service, node)).xml)}
    if act["do"] == "nodes":
        found = await client["xep_0030"].get_items(jid=service)
        return {"nodes": sorted(name for _, name, _ in found["disco_items"]["items"] if name)}
    entry = ElementTree.Element(f"{ATOM}entry")
    for name, text in (("id", f"urn:test:{act['id']}"), ("title", act["title"]), ("updated", "2026-11-28T10:00:00Z")):
        ElementTree.SubElement(entry, f"{ATOM}{name}").text = text
    await pubsub.publish(service, node, id=act["id"], payload=entry)
    return {"published": act["id"]}


async def main(service, jid, password):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    for plugin in ("xep_0004", "xep_0030", "xep_0060"):
        client.register_plugin(plugin)
    online = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", lambda _: online.set_result(None))

    def say(fact):
        print(json.dumps(fact), flush=True)

    def hear(message):
        event = message.xml.find("{http://jabber.org/protocol/pubsub#event}event")
        if event is not None:
            retracted = [one.get("id") for one in event.iter() if one.tag.endswith("}retract")]
            states = [one.get("subscription") for one in event.iter() if one.tag.endswith("}subscription")]
            say({"from": message["from"].full, "told": items_in(event), "retracted": retracted, "states": states})
        elif message["body"]:
            say({"from": message["from"].full, "told": [], "body": message["body"]})

    client.register_handler(
        slixmpp.xmlstream.handler.Callback("events", slixmpp.xmlstream.matcher.StanzaPath("message"), hear)
    )
    client.connect((host, int(port)), disable_starttls=True)
    await online
    client.send_presence()
    say({"online": client.boundjid.full})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            say(await answer(client, json.loads(line)))
        except slixmpp.exceptions.IqError as error:
            say({"error": error.condition})
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

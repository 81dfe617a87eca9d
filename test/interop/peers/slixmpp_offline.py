"""Reads messages that wait for an account with slixmpp's xep_0013, one step a line on standard input, one answer a line on standard output.

Usage: slixmpp_offline.py HOST:PORT JID PASSWORD. It sends no presence by itself. A step is {"do": "count" | "list" | "fetch" | "purge"},
{"do": "view" | "remove", "nodes": […]}, {"do": "send", "to": …, "bodies": […]}, or {"do": "come", "messages": n}, which sends presence and
answers with that many messages.
"""
import asyncio
import json
import logging
import sys

import slixmpp


async def main(service, jid, password):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    for plugin in ("xep_0013", "xep_0030", "xep_0199", "xep_0203"):
        client.register_plugin(plugin)
    online = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", lambda _: online.set_result(None))
    arrived = asyncio.Queue()
    client.add_event_handler("message", arrived.put_nowait)
    client.connect((host, int(port)), disable_starttls=True)
    await online
    offline = client["xep_0013"]

    def shown(message):
        return {"from": str(message["from"]), "body": message["body"], "delayed": message["delay"]["stamp"] is not None}

    async def asked(ask, *args):
        answered = asyncio.get_running_loop().create_future()
        ask(*args, callback=answered.set_result)
        iq = await answered
        if iq["type"] == "error":
            return {"error": iq["error"]["condition"]}
        results = iq["offline"]["results"] if ask in (offline.view, offline.fetch) else []
        return {"messages": [shown(message) for message in results]}

    async def answer(step):
        do = step["do"]
        if do == "count":
            info = await offline.get_count()
            form = info.xml.find(".//{jabber:x:data}field[@var='number_of_messages']/{jabber:x:data}value")
            return {"count": int(form.text)}
        if do == "list":
            items = (await offline.get_headers())["disco_items"]["items"]
            return {"items": sorted([node, name] for _, node, name in items)}
        if do in ("view", "remove"):
            return await asked(getattr(offline, do), step["nodes"])
        if do in ("fetch", "purge"):
            return await asked(getattr(offline, do))
        if do == "send":
            for body in step["bodies"]:
                client.send_message(mto=step["to"], mbody=body, mtype="chat")
            # A server takes the stanzas of a stream in order.
            await client["xep_0199"].send_ping(client.boundjid.host)
            return {}
        client.send_presence()
        return {"messages": [shown(await arrived.get()) for _ in range(step["messages"])]}

    print(json.dumps({"online": client.boundjid.full}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await asyncio.wait_for(answer(json.loads(line)), timeout=30)), flush=True)
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

"""Runs ad-hoc commands with slixmpp's xep_0050, one step a line on standard input, one reply a line on standard output.

Usage: slixmpp_commands.py HOST:PORT JID PASSWORD TO. A step is {"do": "list"}, or {"do": "start", "node": …}, or {"do": "next" | "prev" |
"complete" | "cancel", "fields": {…}}; with "session" it is sent in the session of that id, which need not be the own one.
"""
import asyncio
import json
import logging
import sys

import slixmpp


def reply_of(iq):
    if iq["type"] == "error":
        names = [child.tag.split("}")[1] for child in iq["error"].xml if not child.tag.endswith("}text")]
        return {"error": names, "type": iq["error"]["type"]}
    command = iq["command"]
    form = command["form"]
    reply = {
        "status": command["status"],
        "session": command["sessionid"],
        "actions": sorted(command["actions"]),
        "notes": [list(note) for note in command["notes"]],
        "title": form["title"],
        "values": form["values"] if command.xml.find("{jabber:x:data}x") is not None else {},
    }
    if form["items"]:
        reply["items"] = [dict(item) for item in form["items"]]
    return reply


async def main(service, jid, password, to):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    for plugin in ("xep_0004", "xep_0030", "xep_0050"):
        client.register_plugin(plugin)
    online = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", lambda _: online.set_result(None))
    client.connect((host, int(port)), disable_starttls=True)
    await online
    commands = client["xep_0050"]
    session = {}

    async def step(request):
        replied = asyncio.get_running_loop().create_future()

        def settle(iq, _):
            replied.set_result(reply_of(iq))

        session.update({"next": settle, "error": settle, "payload": None, "jid": to})
        if "session" in request:
            session.update({"id": request["session"], "node": request["node"]})
        if "fields" in request:
            form = client["xep_0004"].make_form(ftype="submit")
            for name, value in request["fields"].items():
                form.add_field(var=name, value=value)
            session["payload"] = form
        if request["do"] == "start":
            commands.start_command(to, request["node"], session)
        elif request["do"] == "complete":
            commands.complete_command(session)
        elif request["do"] == "cancel":
            commands.cancel_command(session)
        else:
            commands.continue_command(session, direction=request["do"])
        return await replied

    async def answer(request):
        if request["do"] != "list":
            return await step(request)
        items = (await commands.get_commands(to))["disco_items"]["items"]
        return {"nodes": sorted(node for _, node, _ in items)}

    print(json.dumps({"online": client.boundjid.full}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await asyncio.wait_for(answer(json.loads(line)), timeout=30)), flush=True)
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

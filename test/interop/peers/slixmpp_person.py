"""A person with a chat client made of slixmpp: slixmpp_person.py HOST:PORT JID PASSWORD GATEWAY.

Each message is printed as one line of JSON. Each line of standard input is something that the person does:
{"say": TEXT}, {"fill": {FIELD: VALUE}} for the form that came last, {"command": NODE, "fill": {…}}, {"list": true} for the commands,
{"presence": "available" | "unavailable"}.
"""
import asyncio
import json
import logging
import sys

import slixmpp


def shown(message):
    form = message.xml.find("{jabber:x:data}x")
    oob = message.xml.find("{jabber:x:oob}x/{jabber:x:oob}url")
    return {
        "from": message["from"].full,
        "type": message["type"],
        "body": message["body"],
        "thread": message["thread"],
        "fields": None if form is None else {name: field["type"] for name, field in message["form"].get_fields().items()},
        "values": None if form is None else message["form"].get_values(),
        "link": None if oob is None else oob.text,
        "delayed": message.xml.find("{urn:xmpp:delay}delay") is not None,
    }


async def main(service, jid, password, gateway):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    for plugin in ("xep_0004", "xep_0030", "xep_0050", "xep_0066", "xep_0184"):
        client.register_plugin(plugin)
    client["xep_0184"].auto_ack = True
    # A gateway that asks a web application for passwords has to see them; it is on this machine.
    client["feature_mechanisms"].unencrypted_plain = True
    online = asyncio.get_running_loop().create_future()
    last_form = {}

    def hear(message):
        if message.xml.find("{jabber:x:data}x") is not None:
            last_form["form"], last_form["from"] = message["form"], message["from"]
        print(json.dumps(shown(message)), flush=True)

    client.add_event_handler("session_start", lambda _: online.set_result(None))
    client.add_event_handler("message", hear)
    client.connect((host, int(port)), disable_starttls=True)
    await online
    client.send_presence()

    def fill(values):
        form = last_form["form"]
        reply = client["xep_0004"].make_form(ftype="submit")
        for name, field in form.get_fields().items():
            value = values.get(name, field["value"] if field["type"] == "hidden" else None)
            if value is not None:
                reply.add_field(var=name, value=value)
        message = client.make_message(mto=last_form["from"], mtype="chat")
        message.append(reply)
        message.send()

    async def run(node, values):
        done = asyncio.get_running_loop().create_future()

        def step(iq, session):
            command = iq["command"]
            if command["status"] == "completed":
                done.set_result([list(note) for note in command["notes"]])
                return
            names = list(command["form"].get_fields())
            form = client["xep_0004"].make_form(ftype="submit")
            for name in names:
                if name in values:
                    form.add_field(var=name, value=values[name])
                elif name == "question":
                    options = command["form"].get_fields()[name]["options"]
                    form.add_field(var=name, value=[one["value"] for one in options if values["code"] in one["label"]][0])
            session["payload"], session["next"] = form, step
            if "next" in command["actions"]:
                client["xep_0050"].continue_command(session)
            else:
                client["xep_0050"].complete_command(session)

        client["xep_0050"].start_command(gateway, node, {"next": step, "error": lambda iq, _: done.set_result(iq["error"]["condition"])})
        return await asyncio.wait_for(done, timeout=30)

    print(json.dumps({"online": client.boundjid.full}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        act = json.loads(line)
        if "say" in act:
            client.send_message(mto=gateway, mbody=act["say"], mtype="chat")
        elif "command" in act:
            print(json.dumps({"command": await run(act["command"], act["fill"])}), flush=True)
        elif "presence" in act:
            client.send_presence(ptype=act["presence"])
        elif "list" in act:
            items = (await client["xep_0050"].get_commands(gateway))["disco_items"]["items"]
            print(json.dumps({"nodes": sorted(node for _, node, _ in items)}), flush=True)
        else:
            fill(act["fill"])
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

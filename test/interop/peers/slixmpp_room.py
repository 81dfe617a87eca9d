"""A person in a room with slixmpp's xep_0045: slixmpp_room.py HOST:PORT JID PASSWORD ROOM NICK.

Prints one line of JSON for each thing that happens, and does what each line of standard input says:
{"join": {"password": TEXT?}}, {"say": TEXT}, {"whisper": TEXT, "nick": NICK}, {"chat": TEXT, "to": JID}, {"kick": NICK}, {"ban": JID},
{"configure": {FIELD: VALUE}}, {"invite": JID}, {"raw": XML}.
"""
import asyncio
import json
import logging
import sys

import slixmpp


def tell(**facts):
    print(json.dumps(facts), flush=True)


async def main(service, jid, password, room, nick):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    for plugin in ("xep_0004", "xep_0030", "xep_0045", "xep_0199", "xep_0249"):
        client.register_plugin(plugin)
    muc = client["xep_0045"]
    online = asyncio.get_running_loop().create_future()

    def heard(message):
        if message["mucnick"] == nick:
            return
        tell(said=message["body"], nick=message["mucnick"], delayed=message.xml.find("{urn:xmpp:delay}delay") is not None)

    client.add_event_handler("session_start", lambda _: online.set_result(None))
    client.add_event_handler("groupchat_message", heard)
    client.add_event_handler("message", lambda m: m["type"] in ("chat", "normal") and m["body"] and tell(chat=m["body"], **{"from": m["from"].full}))
    client.add_event_handler("message_error", lambda m: tell(error=m["error"]["condition"]))
    client.add_event_handler("groupchat_invite", lambda m: tell(invited=m["from"].bare))
    client.add_event_handler("groupchat_direct_invite", lambda m: tell(invited=str(m["groupchat_invite"]["jid"]), direct=True))
    client.add_event_handler(f"muc::{room}::got_online", lambda p: tell(came=p["muc"]["nick"]))
    client.add_event_handler(f"muc::{room}::got_offline", lambda p: tell(went=p["muc"]["nick"]))
    client.connect((host, int(port)), disable_starttls=True)
    await online
    client.send_presence()
    # What is answered after the presence: whoever writes to the bare address from now on is heard.
    await client.get_roster()
    tell(online=client.boundjid.full)

    async def configure(values):
        form = await muc.get_room_config(room)
        reply = client["xep_0004"].make_form(ftype="submit")
        for name, field in form.get_fields().items():
            value = values.get(name, field["value"])
            if name in values or field["type"] == "hidden" or value not in (None, ""):
                reply.add_field(var=name, value=value, ftype=field["type"])
        await muc.set_room_config(room, reply)

    async def act(what):
        if "join" in what:
            muc.join_muc(room, nick, password=what["join"].get("password", ""))
        elif "say" in what:
            client.send_message(mto=room, mbody=what["say"], mtype="groupchat")
        elif "whisper" in what:
            client.send_message(mto=f"{room}/{what['nick']}", mbody=what["whisper"], mtype="chat")
        elif "chat" in what:
            client.send_message(mto=what["to"], mbody=what["chat"], mtype="chat")
        elif "kick" in what:
            await muc.set_role(room, what["kick"], "none")
        elif "ban" in what:
            await muc.set_affiliation(room, "outcast", jid=what["ban"])
        elif "configure" in what:
            await configure(what["configure"])
        elif "invite" in what:
            client["xep_0249"].send_invitation(what["invite"], room)
        elif "raw" in what:
            client.send_raw(what["raw"])
        tell(did=next(iter(what)))

    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            await act(json.loads(line))
        except slixmpp.exceptions.IqError as error:
            tell(failed=error.condition)
    await client.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))

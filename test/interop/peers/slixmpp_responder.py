"""A responder of two kinds in one process: slixmpp_responder.py HOST:PORT JID PASSWORD.

JID/plugin answers with slixmpp's own xep_0009 plugin; JID/by-hand as pyobs does, which asks for more time before it answers.
"""
import asyncio
import logging
import sys
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.plugins.xep_0009.binding import fault2xml, py2xml, xml2py
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

NS = "jabber:iq:rpc"
MORE_SECONDS = 20
SLOW_SECONDS = 2


def with_plugin(jid, password):
    client = slixmpp.ClientXMPP(jid, password)
    client.register_plugin("xep_0009")
    rpc = client["xep_0009"]

    def answer(iq):
        method = iq["rpc_query"]["method_call"]["method_name"]
        params = xml2py(iq["rpc_query"]["method_call"]["params"])
        if method == "echo":
            rpc.make_iq_method_response(iq["id"], iq["from"], py2xml(*params)).send()
        elif method == "fail":
            rpc.make_iq_method_response_fault(iq["id"], iq["from"], fault2xml({"code": 7, "string": "as asked"})).send()
        elif method == "forbid":
            rpc._forbidden(iq).send()
        else:
            rpc._item_not_found(iq).send()

    client.add_event_handler("jabber_rpc_method_call", answer)
    return client


def by_hand(jid, password):
    client = slixmpp.ClientXMPP(jid, password)

    def reply(iq, content):
        query = ET.Element(f"{{{NS}}}query")
        query.append(content)
        answer = client.make_iq_result(id=iq["id"], ito=iq["from"])
        answer.append(query)
        answer.send()

    async def answer(iq):
        more = ET.Element(f"{{{NS}}}methodTimeout")
        ET.SubElement(more, f"{{{NS}}}timeout").text = str(MORE_SECONDS)
        reply(iq, more)
        await asyncio.sleep(SLOW_SECONDS)
        response = ET.Element(f"{{{NS}}}methodResponse")
        response.append(py2xml("slow but sure"))
        reply(iq, response)

    matcher = MatchXPath(f"{{{client.default_ns}}}iq/{{{NS}}}query/{{{NS}}}methodCall")
    client.register_handler(Callback("call", matcher, lambda iq: asyncio.ensure_future(answer(iq))))
    return client


async def main(service, jid, password):
    host, _, port = service.partition(":")
    clients = [with_plugin(f"{jid}/plugin", password), by_hand(f"{jid}/by-hand", password)]
    for client in clients:
        online = asyncio.get_running_loop().create_future()
        client.add_event_handler("session_start", lambda _, online=online: online.set_result(None))
        client.connect((host, int(port)))
        await online
    print("ready", flush=True)
    await asyncio.Event().wait()


logging.basicConfig(level=logging.ERROR)
asyncio.run(main(*sys.argv[1:]))

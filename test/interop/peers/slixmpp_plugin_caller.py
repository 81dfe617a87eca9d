"""One call with slixmpp's own xep_0009 plugin, as its users write it: slixmpp_plugin_caller.py HOST:PORT JID PASSWORD TO METHOD INT."""
import asyncio
import logging
import sys

import slixmpp
from slixmpp.plugins.xep_0009.binding import py2xml, xml2py


async def main(service, jid, password, to, method, number):
    host, _, port = service.partition(":")
    client = slixmpp.ClientXMPP(jid, password)
    client.register_plugin("xep_0009")
    answered = asyncio.get_running_loop().create_future()
    client.add_event_handler("jabber_rpc_method_response", lambda iq: answered.done() or answered.set_result(iq))

    async def call(_):
        request = client["xep_0009"].make_iq_method_call(to, method, py2xml(int(number)))
        request.send()

    client.add_event_handler("session_start", call)
    client.connect((host, int(port)))
    iq = await asyncio.wait_for(answered, timeout=30)
    [result] = xml2py(iq["rpc_query"]["method_response"]["params"])
    print(result)
    await client.disconnect()


# The plugin logs a traceback on every good reply; that is why examples/python/call.py does without it.
logging.basicConfig(level=logging.CRITICAL + 1)
asyncio.run(main(*sys.argv[1:]))

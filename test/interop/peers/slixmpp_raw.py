"""slixmpp as the ears and mouth of a test: slixmpp_raw.py HOST:PORT JID PASSWORD.

Each line of standard input is a stanza as a JSON text, sent as it is; each IQ that slixmpp read is printed the same way.
"""
import asyncio
import json
import sys
from pathlib import Path

from slixmpp.xmlstream import tostring

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples/python"))
from call import log_in  # noqa: E402


async def main(service, jid, password):
    host, _, port = service.partition(":")
    client = await log_in(jid, password, (host, int(port)))

    def show(stanza):
        if stanza.name == "iq":
            print(json.dumps(tostring(stanza.xml, top_level=True)), flush=True)
        return stanza

    client.add_filter("in", show)
    print(json.dumps({"online": client.boundjid.full}), flush=True)
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        client.send_raw(json.loads(line))
    await client.disconnect()


asyncio.run(main(*sys.argv[1:]))

"""A caller that the tests drive: one JSON call a line on standard input, one JSON outcome a line on standard output.

Usage: slixmpp_caller.py HOST:PORT JID PASSWORD. Values are {type: value} as the command line's --exact prints them.
"""
import asyncio
import base64
import json
import logging
import sys
from pathlib import Path

from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0009.binding import rpcbase64, rpctime

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples/python"))
from call import Fault, call, log_in  # noqa: E402


def from_exact(exact):
    [(kind, value)] = exact.items()
    if kind == "base64":
        return rpcbase64(value.encode())
    if kind == "dateTime.iso8601":
        return rpctime(value)
    if kind == "double":
        return float(value)
    if kind == "array":
        return [from_exact(item) for item in value]
    if kind == "struct":
        return {name: from_exact(member) for name, member in value.items()}
    return value


def to_exact(value):
    if value is None:
        return {"nil": None}
    if isinstance(value, bool):
        return {"boolean": value}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"double": value}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, rpcbase64):
        return {"base64": base64.b64encode(value.decode()).decode()}
    if isinstance(value, rpctime):
        return {"dateTime.iso8601": value.iso8601()}
    if isinstance(value, list):
        return {"array": [to_exact(item) for item in value]}
    return {"struct": {name: to_exact(member) for name, member in value.items()}}


async def outcome(client, request):
    params = [from_exact(param) for param in request["params"]]
    try:
        return {"value": to_exact(await call(client, request["to"], request["method"], params))}
    except Fault as fault:
        return {"fault": {"code": fault.code, "message": fault.string}}
    except IqError as error:
        return {"error": {"type": error.etype, "condition": error.condition, "text": error.text}}
    except Exception as error:  # the test shows what it was
        return {"failed": repr(error)}


async def main(service, jid, password):
    host, _, port = service.partition(":")
    client = await log_in(jid, password, (host, int(port)))
    print(json.dumps({"online": client.boundjid.full}), flush=True)
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def answer(request):
        print(json.dumps({"n": request["n"], **await outcome(client, request)}), flush=True)

    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await client.disconnect()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(*sys.argv[1:]))

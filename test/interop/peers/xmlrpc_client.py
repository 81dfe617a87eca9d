"""CPython's own XML-RPC client: reads JSON lines {"url", "method", "params"}, prints what each call came to.

Values are in the notation of `jabber-rpc call --exact`. {"url", "multicall": [[method, params], ...]} makes one multicall.
"""

import base64
import json
import sys
import xmlrpc.client


def from_json(exact):
    ((kind, value),) = exact.items()
    if kind == "array":
        return [from_json(item) for item in value]
    if kind == "struct":
        return {name: from_json(member) for name, member in value.items()}
    if kind == "base64":
        return xmlrpc.client.Binary(base64.b64decode(value))
    if kind == "dateTime.iso8601":
        return xmlrpc.client.DateTime(value)
    if kind == "double":
        return float(value)
    return value


def to_json(value):
    if value is None:
        return {"nil": None}
    if isinstance(value, bool):
        return {"boolean": value}
    if isinstance(value, int):
        return {"int": value} if -(2**31) <= value < 2**31 else {"i8": str(value)}
    if isinstance(value, float):
        return {"double": value}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, xmlrpc.client.DateTime):
        return {"dateTime.iso8601": str(value)}
    if isinstance(value, xmlrpc.client.Binary):
        return {"base64": base64.b64encode(value.data).decode()}
    if isinstance(value, list):
        return {"array": [to_json(item) for item in value]}
    return {"struct": {name: to_json(member) for name, member in value.items()}}


def run(url, method=None, params=(), multicall=None):
    # One new client a call, as scripts make them.
    with xmlrpc.client.ServerProxy(url, allow_none=True) as server:
        try:
            if multicall is None:
                return {"value": to_json(getattr(server, method)(*map(from_json, params)))}
            calls = xmlrpc.client.MultiCall(server)
            for name, values in multicall:
                getattr(calls, name)(*map(from_json, values))
            results = calls()
            slots = []
            for index in range(len(multicall)):
                try:
                    slots.append({"value": to_json(results[index])})
                except xmlrpc.client.Fault as fault:
                    slots.append({"fault": fault.faultCode})
            return {"slots": slots}
        except xmlrpc.client.Fault as fault:
            return {"fault": fault.faultCode, "text": fault.faultString}
        except xmlrpc.client.ProtocolError as error:
            return {"status": error.errcode}


for line in sys.stdin:
    print(json.dumps(run(**json.loads(line))), flush=True)

"""One call with aioxmpp, which asks for TLS unless told otherwise: aioxmpp_caller.py HOST:PORT JID PASSWORD TO METHOD INT.

The certificate to trust is what SSL_CERT_FILE names. Prints the texts of the answer, or the condition of its error.
"""
import asyncio
import sys

import aioxmpp
import aioxmpp.connector
import aioxmpp.security_layer
import aioxmpp.xso as xso

NS = "jabber:iq:rpc"


class Int(xso.XSO):
    TAG = (NS, "i4")
    number = xso.Text(type_=xso.Integer())


class String(xso.XSO):
    TAG = (NS, "string")
    text = xso.Text()


class Value(xso.XSO):
    TAG = (NS, "value")
    content = xso.Child([Int, String])


class Param(xso.XSO):
    TAG = (NS, "param")
    value = xso.Child([Value])


class Params(xso.XSO):
    TAG = (NS, "params")
    params = xso.ChildList([Param])


class MethodCall(xso.XSO):
    TAG = (NS, "methodCall")
    name = xso.ChildText((NS, "methodName"))
    params = xso.Child([Params])


class MethodResponse(xso.XSO):
    TAG = (NS, "methodResponse")
    params = xso.Child([Params])


@aioxmpp.IQ.as_payload_class
class Query(xso.XSO):
    TAG = (NS, "query")
    content = xso.Child([MethodCall, MethodResponse])


def write_call(method, number):
    integer = Int()
    integer.number = number
    value = Value()
    value.content = integer
    param = Param()
    param.value = value
    params = Params()
    params.params.append(param)
    query = Query()
    query.content = MethodCall()
    query.content.name = method
    query.content.params = params
    return query


async def main(service, jid, password, to, method, number):
    host, _, port = service.partition(":")
    client = aioxmpp.PresenceManagedClient(
        aioxmpp.JID.fromstr(jid),
        aioxmpp.make_security_layer(password),
        override_peer=[(host, int(port), aioxmpp.connector.STARTTLSConnector())],
        max_initial_attempts=1,
    )
    async with client.connected() as stream:
        call = aioxmpp.IQ(type_=aioxmpp.IQType.SET, to=aioxmpp.JID.fromstr(to), payload=write_call(method, int(number)))
        try:
            query = await client.send(call)
            print(query.content.params.params[0].value.content.text)
        except aioxmpp.errors.XMPPError as error:
            print("error", error.condition.value[1])


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=30))

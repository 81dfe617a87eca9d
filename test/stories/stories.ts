// Transcripts: what a requester sends, and what it must receive. They run in every connection mode with the same results.
// $GATEWAY is the address of the responder, $PEER that of the requester; * matches any text.

export interface Story {
  readonly name: string;
  readonly clause: string;
  readonly send: string;
  /** Undefined: no answer may come; the runner then expects the answer to a ping instead. */
  readonly receive: string | undefined;
}

const call = (content: string, id = "c1") =>
  `<iq type='set' to='$GATEWAY' id='${id}'><query xmlns='jabber:iq:rpc'>${content}</query></iq>`;
const methodCall = (name: string, params = "") =>
  `<methodCall><methodName>${name}</methodName><params>${params}</params></methodCall>`;
const answer = (content: string, id = "c1") =>
  `<iq type='result' from='$GATEWAY' id='${id}'><query xmlns='jabber:iq:rpc'><methodResponse>${content}</methodResponse></query></iq>`;
const value = (content: string) => answer(`<params><param><value>${content}</value></param></params>`);
const fault = (code: number, text: string) =>
  answer(
    `<fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member>` +
      `<member><name>faultString</name><value><string>${text}</string></value></member></struct></value></fault>`,
  );
const error = (
  type: string,
  condition: string,
  echo = "",
  text = "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>*</text>",
) =>
  `<iq type='error' from='$GATEWAY' id='c1'>${echo}<error type='${type}'><${condition} ` +
  `xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${text}</error></iq>`;

const command = (node: string, content = "", attributes = "") =>
  `<iq type='set' to='$GATEWAY' id='c1'><command xmlns='http://jabber.org/protocol/commands' node='${node}' ${attributes}>${content}</command></iq>`;
const submission = (index: string) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='index'><value>${index}</value></field></x>`;
const commandReply = (node: string, status: string, content: string) =>
  `<iq type='result' from='$GATEWAY' id='c1'><command xmlns='http://jabber.org/protocol/commands' node='${node}' ` +
  `sessionid='*' status='${status}' xml:lang='en'>${content}</command></iq>`;

/** Commands, which are the same methods for people (XEP-0050). */
const COMMAND_STORIES: readonly Story[] = [
  {
    name: "a command asks by the form of its method",
    clause: "XEP-0050 §2.4; XEP-0004 §3",
    send: command("examples.getStateName", "", "action='execute'"),
    receive: commandReply(
      "examples.getStateName",
      "executing",
      "<actions execute='complete'><complete/></actions><x xmlns='jabber:x:data' type='form'><title>examples.getStateName</title>" +
        "<instructions>Name of the index-th US state, 1 to 50.</instructions>" +
        "<field var='FORM_TYPE' type='hidden'><value>https://*#command</value></field>" +
        "<field var='index' type='text-single' label='Index'><desc>A whole number.</desc><required/>" +
        "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:int'><range min='-2147483648' max='2147483647'/></validate>" +
        "</field></x>",
    ),
  },
  {
    name: "a command runs by the form that its first request brings",
    clause: "XEP-0050 §2.4",
    send: command("examples.getStateName", submission("6")),
    receive: commandReply(
      "examples.getStateName",
      "completed",
      "<x xmlns='jabber:x:data' type='result'><field var='result' label='Result' type='text-single'><value>Colorado</value></field></x>",
    ),
  },
  {
    name: "a command without parameters runs at once",
    clause: "XEP-0050 §2.4.1",
    send: command("examples.hello"),
    receive: commandReply(
      "examples.hello",
      "completed",
      "<x xmlns='jabber:x:data' type='result'><field var='result'><value>Hello *</value></field></x>",
    ),
  },
  {
    name: "a command that fails is completed with an error note",
    clause: "XEP-0050 §3.6",
    send: command("examples.getStateName", submission("60")),
    receive: commandReply(
      "examples.getStateName",
      "completed",
      "<note type='error'>no state 60 [call *] (fault 4)</note>",
    ),
  },
  {
    name: "a forbidden command is a stanza error",
    clause: "XEP-0050 §4.4",
    send: command("shop.refund"),
    receive: error("cancel", "forbidden", "<command xmlns='http://jabber.org/protocol/commands' node='shop.refund'/>"),
  },
  {
    name: "a session of nobody is a stanza error with its own condition",
    clause: "XEP-0050 §4.4",
    send: command("examples.hello", "", "sessionid='nosuch'"),
    receive:
      "<iq type='error' from='$GATEWAY' id='c1'><command xmlns='http://jabber.org/protocol/commands' node='examples.hello'/>" +
      "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>*</text>" +
      "<bad-sessionid xmlns='http://jabber.org/protocol/commands'/></error></iq>",
  },
];

/** The gateway of the stories serves examples.* and validator1.* to the peer, and shop.refund to nobody. */
export const STORIES: readonly Story[] = [
  {
    name: "a call gets its result",
    clause: "XEP-0009 §2",
    send: call(methodCall("examples.getStateName", "<param><value><i4>6</i4></value></param>")),
    receive: value("<string>Colorado</string>"),
  },
  {
    name: "a method's own fault is a result",
    clause: "XEP-0009 §2; contract: outcomes",
    send: call(methodCall("examples.getStateName", "<param><value><int>60</int></value></param>")),
    receive: fault(4, "no state 60 [call *]"),
  },
  {
    name: "a forbidden method is a stanza error that echoes the query",
    clause: "XEP-0009 §5",
    send: call(methodCall("shop.refund")),
    receive:
      "<iq type='error' from='$GATEWAY' id='c1'><query xmlns='jabber:iq:rpc'><methodCall><methodName>shop.refund</methodName>" +
      "<params/></methodCall></query><error type='auth' code='403'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>* may not call this responder's shop.refund</text></error></iq>",
  },
  {
    name: "a forbidden name that does not exist is answered alike",
    clause: "XEP-0009 §5; contract: authorisation before lookup",
    send: call(methodCall("shop.nosuch")),
    receive:
      "<iq type='error' from='$GATEWAY' id='c1'><query xmlns='jabber:iq:rpc'><methodCall><methodName>shop.nosuch</methodName>" +
      "<params/></methodCall></query><error type='auth' code='403'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>* may not call this responder's shop.nosuch</text></error></iq>",
  },
  {
    name: "an unknown method is fault -32601",
    clause: "contract: outcomes",
    send: call(methodCall("examples.nosuch")),
    receive: fault(-32601, "no method examples.nosuch [call *]"),
  },
  {
    name: "a wrong type is fault -32602 with the path",
    clause: "contract: outcomes",
    send: call(methodCall("examples.getStateName", "<param><value>six</value></param>")),
    receive: fault(-32602, "params[0]*: int expected, got string [call *]"),
  },
  {
    name: "a wrong arity is fault -32602",
    clause: "contract: outcomes",
    send: call(methodCall("examples.getStateName")),
    receive: fault(-32602, "params: 1 expected, got 0 [call *]"),
  },
  {
    name: "a bad value inside a param is fault -32602",
    clause: "contract: outcomes; XML-RPC, scalars",
    send: call(methodCall("examples.getStateName", "<param><value><int>12abc</int></value></param>")),
    receive: fault(-32602, "params[0]: int expected, got * [call *]"),
  },
  {
    name: "bad structure outside a param is fault -32600",
    clause: "contract: outcomes",
    send: call("<methodCall><params/></methodCall>"),
    receive: fault(-32600, "*methodName* [call *]"),
  },
  {
    name: "an empty query is no call",
    clause: "RFC 6120 §8.3.3.1",
    send: call(""),
    receive: error("modify", "bad-request", "<query xmlns='jabber:iq:rpc'/>"),
  },
  {
    name: "a methodResponse in a set is no call",
    clause: "RFC 6120 §8.3.3.1",
    send: call("<methodResponse/>"),
    receive: error("modify", "bad-request", "<query xmlns='jabber:iq:rpc'><methodResponse/></query>"),
  },
  {
    name: "two calls in one query are none",
    clause: "XEP-0009 §2: one request per IQ",
    send: call("<methodCall/><methodCall/>"),
    receive: error("modify", "bad-request", "<query xmlns='jabber:iq:rpc'><methodCall/><methodCall/></query>"),
  },
  {
    name: "a get is refused",
    clause: "XEP-0009 §2",
    send: "<iq type='get' to='$GATEWAY' id='c1'><query xmlns='jabber:iq:rpc'/></iq>",
    receive: error("modify", "bad-request", "<query xmlns='jabber:iq:rpc'/>"),
  },
  {
    name: "an unknown namespace is service-unavailable",
    clause: "RFC 6120 §8.4",
    send: "<iq type='get' to='$GATEWAY' id='c1'><query xmlns='jabber:iq:nothing'/></iq>",
    receive: error("cancel", "service-unavailable", "<query xmlns='jabber:iq:nothing'/>", ""),
  },
  {
    name: "a late result is not answered",
    clause: "RFC 6120 §8.2.3",
    send: "<iq type='result' to='$GATEWAY' id='c1'/>",
    receive: undefined,
  },
  {
    name: "an error is not answered",
    clause: "RFC 6120 §8.3.1",
    send: "<iq type='error' to='$GATEWAY' id='c1'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    receive: undefined,
  },
  {
    name: "a string keeps its markup, entities and spaces",
    clause: "XML-RPC, strings",
    send: call(
      methodCall(
        "validator1.moderateSizeArrayCheck",
        `<param><value><array><data>${"<value> &lt;a&amp;b]]&gt; </value>".repeat(100)}</data></array></value></param>`,
      ),
    ),
    receive: value("<string> &lt;a&amp;b]]&gt;  &lt;a&amp;b]]&gt; </string>"),
  },
  {
    name: "an integral double stays a double",
    clause: "XML-RPC validator1; contract: exact form",
    send: call(
      methodCall(
        "validator1.echoStructTest",
        "<param><value><struct><member><name>d</name><value><double>3</double></value></member></struct></value></param>",
      ),
    ),
    receive: value("<struct><member><name>d</name><value><double>3.0</double></value></member></struct>"),
  },
  {
    name: "disco#info names the identity and the feature",
    clause: "XEP-0009 §4; XEP-0030 §3.1",
    send: "<iq type='get' to='$GATEWAY' id='c1'><query xmlns='http://jabber.org/protocol/disco#info' node='no such'/></iq>",
    receive: error("cancel", "item-not-found", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
  },
  {
    name: "a ping is answered",
    clause: "XEP-0199 §4",
    send: "<iq type='get' to='$GATEWAY' id='c1'><ping xmlns='urn:xmpp:ping'/></iq>",
    receive: "<iq type='result' from='$GATEWAY' id='c1'/>",
  },
  ...COMMAND_STORIES,
];

/** A story's text for one pair of addresses. */
export function fill(text: string, addresses: { readonly gateway: string; readonly peer: string }): string {
  return text.replaceAll("$GATEWAY", addresses.gateway).replaceAll("$PEER", addresses.peer);
}

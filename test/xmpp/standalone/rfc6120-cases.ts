// What one side sends and what it must receive: the rules of RFC 6120, as rows. `<alice>` stands for a login as alice/t.

import { HEADER } from "./support.js";

/** One transcript. Before it runs the client is in `phase`. */
export interface StreamCase {
  readonly name: string;
  readonly phase: "fresh" | "open" | "authenticated" | "bound";
  readonly sends: string | Uint8Array;
  /** Texts that must arrive in this order. */
  readonly receives: readonly string[];
  /** The endpoint closes its stream and the connection afterwards. */
  readonly ends: boolean;
}

const SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
const STREAM_HEAD = "xmlns:stream='http://etherx.jabber.org/streams'";
const ECHO = "<query xmlns='urn:echo'/>";
const PING = "<ping xmlns='urn:xmpp:ping'/>";

/** A stream error that ends the session; `to` the phases before binding a header comes first. */
function error(name: string, phase: StreamCase["phase"], sends: string | Uint8Array, condition: string): StreamCase {
  const receives = [`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`, "</stream:error></stream:stream>"];
  return { name, phase, sends, receives, ends: true };
}

/** An error in a header that was never accepted: our header comes first (RFC 6120 §4.9.1.2). */
function headerError(name: string, sends: string | Uint8Array, condition: string): StreamCase {
  const broken = error(name, "fresh", sends, condition);
  return { ...broken, receives: ["<stream:stream xmlns='jabber:client'", "<stream:error>", ...broken.receives] };
}

function answer(name: string, phase: StreamCase["phase"], sends: string, ...receives: string[]): StreamCase {
  return { name, phase, sends, receives, ends: false };
}

function saslFailure(name: string, sends: string, condition: string): StreamCase {
  return answer(name, "open", sends, `<failure xmlns="${SASL}"><${condition}/></failure>`);
}

function stanzaError(name: string, sends: string, condition: string): StreamCase {
  return answer(name, "bound", sends, "type='error'", `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`);
}

function header(changes: { to?: string; version?: string; ns?: string; content?: string; name?: string }): string {
  const { to = " to='localhost'", version = " version='1.0'", name = "stream:stream" } = changes;
  const { ns = "http://etherx.jabber.org/streams", content = " xmlns='jabber:client'" } = changes;
  return `<${name}${to}${version}${content} xmlns:stream='${ns}'>`;
}

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

const auth = (mechanism: string, text = "") => `<auth xmlns='${SASL}' mechanism='${mechanism}'>${text}</auth>`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const bind = (inner: string, attrs = "type='set' id='b'") =>
  `<iq ${attrs}><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${inner}</bind></iq>`;

/** The opening of a stream (§4.2, §4.7, §4.8, §4.9, §11). */
const HEADERS: readonly StreamCase[] = [
  answer(
    "a header gets a header and features that are not empty",
    "fresh",
    HEADER,
    "from='localhost' version='1.0'",
    "<mechanism>SCRAM-SHA-1</mechanism>",
    "</stream:features>",
  ),
  answer("a header without an XML declaration", "fresh", header({}), "</stream:features>"),
  answer("white space before the header", "fresh", `\r\n  ${header({})}`, "</stream:features>"),
  answer(
    "a sender in the header is answered to",
    "fresh",
    header({ to: " from='Alice@localhost' to='localhost'" }),
    " to='alice@localhost'",
    "</stream:features>",
  ),
  answer(
    "another prefix of the streams namespace",
    "fresh",
    "<s:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>",
    "</stream:features>",
  ),
  answer(
    "a higher minor version",
    "fresh",
    header({ version: " version='1.7'" }),
    "version='1.0'",
    "</stream:features>",
  ),
  answer("the domain in capitals", "fresh", header({ to: " to='LOCALHOST'" }), "</stream:features>"),
  answer(
    "no PLAIN and no TLS in clear without a certificate",
    "fresh",
    HEADER,
    "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>",
  ),
  answer(
    "the limits of a stranger are advertised",
    "fresh",
    HEADER,
    "<max-bytes>10000</max-bytes>",
    "</stream:features>",
  ),
  headerError("a domain that is not served", header({ to: " to='example.org'" }), "host-unknown"),
  headerError("no domain at all", header({ to: "" }), "improper-addressing"),
  headerError("a malformed domain", header({ to: " to='@@'" }), "improper-addressing"),
  headerError("no version", header({ version: "" }), "unsupported-version"),
  headerError("version 0.9", header({ version: " version='0.9'" }), "unsupported-version"),
  headerError("a version that is none", header({ version: " version='one'" }), "unsupported-version"),
  headerError("another streams namespace", header({ ns: "urn:other" }), "invalid-namespace"),
  headerError("the namespace of servers", header({ content: " xmlns='jabber:server'" }), "invalid-namespace"),
  headerError("no content namespace", header({ content: "" }), "invalid-namespace"),
  headerError("a root that is no stream", header({ name: "stream:open" }), "bad-format"),
  headerError(
    "a stream element without a prefix",
    "<stream xmlns='http://etherx.jabber.org/streams' to='localhost' version='1.0'>",
    "bad-namespace-prefix",
  ),
  headerError("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "not-well-formed"),
  headerError("TLS without asking", bytes([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]), "not-well-formed"),
  headerError("a byte order mark", bytes([0xef, 0xbb, 0xbf], HEADER), "not-well-formed"),
  headerError("UTF-16", bytes([0xff, 0xfe], [0x3c, 0]), "not-well-formed"),
  headerError("another encoding", `<?xml version='1.0' encoding='ISO-8859-1'?>${header({})}`, "unsupported-encoding"),
  headerError("a document type", `<!DOCTYPE x>${header({})}`, "restricted-xml"),
  headerError("a header over 10,000 bytes", header({ to: ` to='${"x".repeat(10_000)}'` }), "policy-violation"),
];

/** XML that no stream may hold (§11.1, §11.3). */
const HYGIENE: readonly StreamCase[] = [
  error("a comment", "bound", "<!-- x -->", "restricted-xml"),
  error(
    "a comment inside a stanza",
    "bound",
    "<message to='localhost'><!-- x --><body>x</body></message>",
    "restricted-xml",
  ),
  error("a processing instruction", "bound", "<?php x ?>", "restricted-xml"),
  error("a document type in the stream", "bound", "<!DOCTYPE x [<!ENTITY e 'x'>]>", "restricted-xml"),
  error("an entity of one's own", "bound", "<message to='localhost'><body>&foo;</body></message>", "restricted-xml"),
  error("NUL as a reference", "bound", "<message to='localhost'><body>&#0;</body></message>", "not-well-formed"),
  error("a raw NUL", "bound", "<message to='localhost'><body>\0</body></message>", "not-well-formed"),
  error("a bare ampersand", "bound", "<message to='localhost'><body>a & b</body></message>", "not-well-formed"),
  error("a doubled attribute", "bound", "<message to='localhost' to='localhost'/>", "not-well-formed"),
  error("an undeclared prefix", "bound", "<x:message to='localhost'/>", "not-well-formed"),
  error("crossed tags", "bound", "<message><body></message></body>", "not-well-formed"),
  error("text between stanzas", "bound", "hello", "not-well-formed"),
  error(
    "an overlong sequence",
    "bound",
    bytes("<message><body>", [0xc0, 0xaf], "</body></message>"),
    "not-well-formed",
  ),
  error("half a character", "bound", bytes("<message><body>", [0xc3], "</body></message>"), "not-well-formed"),
  error("a second XML declaration", "bound", "<?xml version='1.0'?>", "restricted-xml"),
  answer(
    "CDATA and references are fine",
    "bound",
    `<iq type='get' id='&#x31;' to='localhost'>${ECHO.replace("/>", "><![CDATA[<&]]></query>")}</iq>`,
    "id='1'",
  ),
  answer(
    "a character cut anywhere",
    "bound",
    `<iq type='get' id='é😀' to='localhost'>${ECHO}</iq>`,
    `id='${Buffer.from("é😀").toString("latin1")}'`,
  ),
  answer("white space between stanzas", "bound", ` \n\t ${bind("").replace("id='b'", "id='b2'")}`, "id='b2'"),
];

/** Before authentication, SASL and TLS (§4.3.5, §5, §6). */
const STRANGERS: readonly StreamCase[] = [
  error("an IQ before authentication", "open", `<iq type='get' id='1' to='localhost'>${PING}</iq>`, "not-authorized"),
  error("a message before authentication", "open", "<message to='localhost'/>", "not-authorized"),
  error("binding before authentication", "open", bind(""), "not-authorized"),
  error("an element nobody knows", "open", "<hello xmlns='urn:x'/>", "unsupported-stanza-type"),
  error("an element over 10,000 bytes", "open", auth("PLAIN", "A".repeat(10_000)), "policy-violation"),
  {
    name: "STARTTLS that was not offered",
    phase: "open",
    sends: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    receives: ["<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"],
    ends: true,
  },
  saslFailure("an unknown mechanism", auth("CRAM-MD5"), "invalid-mechanism"),
  saslFailure("no mechanism", `<auth xmlns='${SASL}'/>`, "invalid-mechanism"),
  saslFailure("PLAIN in clear", auth("PLAIN", base64("\0alice\0secret")), "invalid-mechanism"),
  saslFailure("ANONYMOUS that was not offered", auth("ANONYMOUS"), "invalid-mechanism"),
  saslFailure(
    "channel binding that was not offered",
    auth("SCRAM-SHA-1-PLUS", base64("p=tls-exporter,,n=alice,r=x")),
    "invalid-mechanism",
  ),
  saslFailure("text that is not base64", auth("SCRAM-SHA-1", "!!!!"), "incorrect-encoding"),
  saslFailure(
    "bytes that are not UTF-8",
    auth("SCRAM-SHA-1", Buffer.from([0xff, 0xfe, 0xfd]).toString("base64")),
    "incorrect-encoding",
  ),
  saslFailure("a SCRAM message that is none", auth("SCRAM-SHA-1", base64("hello")), "malformed-request"),
  saslFailure("an empty SCRAM message", auth("SCRAM-SHA-1", "="), "malformed-request"),
  saslFailure(
    "a SCRAM message with a mandatory extension",
    auth("SCRAM-SHA-1", base64("n,,m=x,n=alice,r=x")),
    "malformed-request",
  ),
  saslFailure(
    "channel binding in a mechanism without",
    auth("SCRAM-SHA-1", base64("p=tls-unique,,n=alice,r=x")),
    "malformed-request",
  ),
  saslFailure("a bad escape in a name", auth("SCRAM-SHA-1", base64("n,,n=al=ice,r=x")), "malformed-request"),
  saslFailure(
    "somebody else's authorisation identity",
    auth("SCRAM-SHA-1", base64("n,a=bob@localhost,n=alice,r=x")),
    "invalid-authzid",
  ),
  saslFailure("a response without an exchange", `<response xmlns='${SASL}'/>`, "malformed-request"),
  answer(
    "an exchange that is begun without a message",
    "open",
    auth("SCRAM-SHA-1"),
    `<challenge xmlns="${SASL}"></challenge>`,
  ),
  answer(
    "an exchange that is given up",
    "open",
    `${auth("SCRAM-SHA-1")}<abort xmlns='${SASL}'/>`,
    "<challenge",
    "<aborted/>",
  ),
  answer("a second beginning", "open", auth("SCRAM-SHA-1") + auth("SCRAM-SHA-1"), "<challenge", "<malformed-request/>"),
  answer("a client that could bind the channel", "open", auth("SCRAM-SHA-1", base64("y,,n=alice,r=x")), "<challenge"),
  answer(
    "the own authorisation identity",
    "open",
    auth("SCRAM-SHA-1", base64("n,a=alice@localhost,n=alice,r=x")),
    "<challenge",
  ),
  error("a stanza inside an exchange", "open", `${auth("SCRAM-SHA-1")}<message to='localhost'/>`, "not-authorized"),
  {
    ...error("the fifth failure", "open", auth("X").repeat(5), "policy-violation"),
    receives: [...Array.from({ length: 5 }, () => "<invalid-mechanism/>"), "<policy-violation"],
  },
  answer("the fourth failure", "open", auth("X").repeat(4), ...Array.from({ length: 4 }, () => "<invalid-mechanism/>")),
];

/** Resource binding (§7). */
const BINDING: readonly StreamCase[] = [
  answer("a resource of the server's making", "authenticated", bind(""), "<jid>alice@localhost/"),
  answer(
    "a resource of the client's choice",
    "authenticated",
    bind("<resource>home</resource>"),
    "<jid>alice@localhost/home</jid>",
  ),
  answer("an empty resource", "authenticated", bind("<resource/>"), "<jid>alice@localhost/"),
  answer(
    "a resource with a slash and an at",
    "authenticated",
    bind("<resource>a/b@c</resource>"),
    "<jid>alice@localhost/a/b@c</jid>",
  ),
  answer(
    "a resource of 1023 bytes",
    "authenticated",
    bind(`<resource>${"r".repeat(1023)}</resource>`),
    `/${"r".repeat(1023)}</jid>`,
  ),
  answer(
    "a resource of 1024 bytes",
    "authenticated",
    bind(`<resource>${"r".repeat(1024)}</resource>`),
    "type='error'",
    "<bad-request",
  ),
  answer(
    "a resource with a control character",
    "authenticated",
    bind("<resource>a&#x7f;b</resource>"),
    "type='error'",
    "<bad-request",
  ),
  answer("binding of type get", "authenticated", bind("", "type='get' id='b'"), "type='error'", "<bad-request"),
  error("an IQ before binding", "authenticated", `<iq type='get' id='1' to='localhost'>${PING}</iq>`, "not-authorized"),
  error("a second authentication", "authenticated", auth("SCRAM-SHA-1"), "unsupported-stanza-type"),
  stanzaError("a second binding", bind("<resource>other</resource>"), "not-allowed"),
  error("authentication after binding", "bound", auth("SCRAM-SHA-1"), "unsupported-stanza-type"),
];

/** Stanzas and where they go (§8, §10). */
const STANZAS: readonly StreamCase[] = [
  answer(
    "a request to the domain",
    "bound",
    `<iq type='get' id='1' to='localhost'>${ECHO}</iq>`,
    `<iq type='result' id='1' to='alice@localhost/t' from='localhost'>${ECHO}</iq>`,
  ),
  answer(
    "a request to the service's name",
    "bound",
    `<iq type='get' id='1' to='rpc.localhost'>${ECHO}</iq>`,
    "from='rpc.localhost'",
  ),
  answer(
    "a request to the alias, from the address asked",
    "bound",
    `<iq type='get' id='1' to='rpc@localhost/x'>${ECHO}</iq>`,
    "from='rpc@localhost/x'",
  ),
  answer(
    "a request to a resource of the domain",
    "bound",
    `<iq type='get' id='1' to='localhost/x'>${ECHO}</iq>`,
    "from='localhost/x'",
  ),
  answer(
    "the own address as sender",
    "bound",
    `<iq type='get' id='1' from='alice@localhost/t' to='localhost'>${ECHO}</iq>`,
    "type='result'",
  ),
  answer(
    "the own bare address as sender",
    "bound",
    `<iq type='get' id='1' from='ALICE@localhost' to='localhost'>${ECHO}</iq>`,
    "type='result'",
    "to='alice@localhost/t'",
  ),
  error(
    "somebody else as sender",
    "bound",
    `<iq type='get' id='1' from='bob@localhost' to='localhost'>${ECHO}</iq>`,
    "invalid-from",
  ),
  error(
    "another resource as sender",
    "bound",
    `<iq type='get' id='1' from='alice@localhost/u' to='localhost'>${ECHO}</iq>`,
    "invalid-from",
  ),
  error("a stanza of servers", "bound", "<message xmlns='jabber:server' to='localhost'/>", "invalid-namespace"),
  error("an element that is no stanza", "bound", "<r xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type"),
  stanzaError("an IQ without an id", `<iq type='get' to='localhost'>${ECHO}</iq>`, "bad-request"),
  stanzaError("an IQ without a type", `<iq id='1' to='localhost'>${ECHO}</iq>`, "bad-request"),
  stanzaError("an IQ of an unknown type", `<iq type='foo' id='1' to='localhost'>${ECHO}</iq>`, "bad-request"),
  stanzaError("an IQ without a child", "<iq type='get' id='1' to='localhost'/>", "bad-request"),
  stanzaError("an IQ with two children", `<iq type='get' id='1' to='localhost'>${ECHO}${PING}</iq>`, "bad-request"),
  stanzaError(
    "an IQ that nobody serves",
    "<iq type='get' id='1' to='localhost'><query xmlns='urn:unknown'/></iq>",
    "service-unavailable",
  ),
  stanzaError(
    "private storage",
    "<iq type='get' id='1'><query xmlns='jabber:iq:private'/></iq>",
    "service-unavailable",
  ),
  stanzaError(
    "a change of the contact list",
    "<iq type='set' id='1'><query xmlns='jabber:iq:roster'/></iq>",
    "not-allowed",
  ),
  answer(
    "the contact list",
    "bound",
    "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
    'jid="localhost" name="jabber-rpc" subscription="both"',
  ),
  answer(
    "a session in the old way",
    "bound",
    "<iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
    "type='result'",
  ),
  answer(
    "a ping to the account",
    "bound",
    `<iq type='get' id='1' to='alice@localhost'>${PING}</iq>`,
    "type='result' id='1'",
    "from='alice@localhost'",
  ),
  stanzaError(
    "an absent resource",
    `<iq type='get' id='1' to='alice@localhost/away'>${ECHO}</iq>`,
    "service-unavailable",
  ),
  stanzaError("an absent account", `<iq type='get' id='1' to='nobody@localhost'>${ECHO}</iq>`, "service-unavailable"),
  stanzaError(
    "a message to another account",
    "<message to='bob@localhost'><body>x</body></message>",
    "service-unavailable",
  ),
  stanzaError("another domain", `<iq type='get' id='1' to='example.org'>${ECHO}</iq>`, "remote-server-not-found"),
  stanzaError(
    "a message to another domain",
    "<message to='x@example.org'><body>x</body></message>",
    "remote-server-not-found",
  ),
  stanzaError("a malformed address", `<iq type='get' id='1' to='@'>${ECHO}</iq>`, "jid-malformed"),
  answer(
    "answers that nobody asked for are dropped",
    "bound",
    `<iq type='result' id='9' to='example.org'/><iq type='error' id='8' to='bob@localhost/x'/><iq type='get' id='1' to='localhost'>${ECHO}</iq>`,
    "id='1'",
  ),
  answer(
    "initial presence shows the gateway",
    "bound",
    "<presence/>",
    'from="localhost" to="alice@localhost/t"',
    'from="rpc@localhost/gateway"',
  ),
  answer(
    "a subscription to the gateway",
    "bound",
    "<presence type='subscribe' to='rpc@localhost'/>",
    'type="subscribed" from="rpc@localhost" to="alice@localhost"',
    '<presence from="rpc@localhost/gateway"',
  ),
  answer("a probe of the gateway", "bound", "<presence type='probe' to='localhost'/>", '<presence from="localhost"'),
  {
    name: "the end of the stream",
    phase: "bound",
    sends: "</stream:stream>",
    receives: ["</stream:stream>"],
    ends: true,
  },
  {
    name: "an error of the client's",
    phase: "bound",
    sends: `<stream:error ${STREAM_HEAD}><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
    receives: ["</stream:stream>"],
    ends: true,
  },
  {
    name: "an answer before the end",
    phase: "bound",
    sends: `<iq type='get' id='1' to='localhost'>${ECHO}</iq></stream:stream>`,
    receives: ["id='1'", "</stream:stream>"],
    ends: true,
  },
];

export const STREAM_CASES: readonly StreamCase[] = [...HEADERS, ...HYGIENE, ...STRANGERS, ...BINDING, ...STANZAS];

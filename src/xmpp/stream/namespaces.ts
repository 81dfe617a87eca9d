// The namespaces of streams and of what is negotiated on them.

export const NS_STREAM = "http://etherx.jabber.org/streams";
/** The conditions of stream errors (RFC 6120 §4.9.3). */
export const NS_STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";
export const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";
export const NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
export const NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind";
/** Stream management (XEP-0198). */
export const NS_MANAGEMENT = "urn:xmpp:sm:3";
/** The stanzas of a client's stream (RFC 6120 §4.8.2). */
export const NS_CLIENT = "jabber:client";
/** The stanzas of a component's stream (XEP-0114 §3). */
export const NS_COMPONENT = "jabber:component:accept";

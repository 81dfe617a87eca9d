// Namespaces of the stand-alone endpoint's own business.

export const NS_CLIENT = "jabber:client";
export const NS_STREAM = "http://etherx.jabber.org/streams";
export const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";
export const NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
export const NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind";
export const NS_SESSION = "urn:ietf:params:xml:ns:xmpp-session";
export const NS_STREAM_LIMITS = "urn:xmpp:stream-limits:0";
export const NS_FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
export const NS_ROSTER = "jabber:iq:roster";
export const NS_PING = "urn:xmpp:ping";
export const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
export const NS_OFFLINE = "http://jabber.org/protocol/offline";
export const NS_DATA_FORMS = "jabber:x:data";
export const NS_DELAY = "urn:xmpp:delay";
export const NS_HINTS = "urn:xmpp:hints";
export const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";

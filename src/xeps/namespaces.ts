// Every namespace that is spoken here, by the name of its specification.

/** Our own namespaces stand under the package's URL. */
const PACKAGE_URL = "https://www.npmjs.com/package/jabber-rpc";

export const NS = Object.freeze({
  rpc: "jabber:iq:rpc",
  discoInfo: "http://jabber.org/protocol/disco#info",
  discoItems: "http://jabber.org/protocol/disco#items",
  caps: "http://jabber.org/protocol/caps",
  ping: "urn:xmpp:ping",
  version: "jabber:iq:version",
  roster: "jabber:iq:roster",
  delay: "urn:xmpp:delay",
  legacyDelay: "jabber:x:delay",
  dataForms: "jabber:x:data",
  dataValidate: "http://jabber.org/protocol/xdata-validate",
  offline: "http://jabber.org/protocol/offline",
  archive: "urn:xmpp:mam:2",
  resultSet: "http://jabber.org/protocol/rsm",
  client: "jabber:client",
  commands: "http://jabber.org/protocol/commands",
  receipts: "urn:xmpp:receipts",
  oob: "jabber:x:oob",
  hints: "urn:xmpp:hints",
  attention: "urn:xmpp:attention:0",
  forward: "urn:xmpp:forward:0",
  carbons: "urn:xmpp:carbons:2",
  encryption: "urn:xmpp:eme:0",
  muc: "http://jabber.org/protocol/muc",
  mucUser: "http://jabber.org/protocol/muc#user",
  mucOwner: "http://jabber.org/protocol/muc#owner",
  /** Direct invitations (XEP-0249). */
  conference: "jabber:x:conference",
  /** Stable ids of stanzas (XEP-0359). */
  stanzaIds: "urn:xmpp:sid:0",
  /** The form of a disco node that holds a method's description. */
  description: `${PACKAGE_URL}#description`,
  /** The element that carries a call's key, for at-most-once delivery. */
  call: `${PACKAGE_URL}#call`,
  /** Marks the answers to commands in chat, so that no other gateway takes one for a command. */
  chatAnswer: `${PACKAGE_URL}#chat-answer`,
  /** The FORM_TYPE of the forms of our commands. */
  commandForm: `${PACKAGE_URL}#command`,
  /** The FORM_TYPE of the forms of questions. */
  questionForm: `${PACKAGE_URL}#question`,
});

/** The product URL that names this software in caps (XEP-0115 §4). */
export const CAPS_NODE = PACKAGE_URL;

// The namespaces of publish-subscribe and of what its items hold (XEP-0060 §15; RFC 4287; XEP-0335).

const PUBSUB = "http://jabber.org/protocol/pubsub";

export const PUBSUB_NS = Object.freeze({
  /** Requests of everybody. */
  pubsub: PUBSUB,
  /** Requests of owners: configure, delete, purge, who subscribes, who may what. */
  owner: `${PUBSUB}#owner`,
  /** Notifications. */
  event: `${PUBSUB}#event`,
  /** What errors say beside their condition. */
  errors: `${PUBSUB}#errors`,
  /** FORM_TYPE of a node's configuration. */
  nodeConfig: `${PUBSUB}#node_config`,
  /** FORM_TYPE of the conditions of a publication. */
  publishOptions: `${PUBSUB}#publish-options`,
  /** FORM_TYPE of what an owner is asked when somebody wants to subscribe. */
  subscribeAuthorization: `${PUBSUB}#subscribe_authorization`,
  /** The command that has those questions asked again. */
  getPending: `${PUBSUB}#get-pending`,
  atom: "http://www.w3.org/2005/Atom",
  xhtml: "http://www.w3.org/1999/xhtml",
  json: "urn:xmpp:json:0",
});

/** What features of a service begin with: `http://jabber.org/protocol/pubsub#publish`. */
export const PUBSUB_FEATURE_PREFIX = `${PUBSUB}#`;

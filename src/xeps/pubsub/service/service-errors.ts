// What the service refuses, as XEP-0060 names it (§6.1.3, §6.2.3, §6.5.9, §7.1.3, §8.1).

import { element } from "../../../xml/index.js";
import { type StanzaCondition, StanzaError, type StanzaErrorType } from "../../../xmpp/index.js";
import { PUBSUB_NS } from "../namespaces.js";

/** What stands beside the condition (XEP-0060 §15.3). */
export type PubSubCondition =
  | "closed-node"
  | "invalid-jid"
  | "invalid-subid"
  | "jid-required"
  | "nodeid-required"
  | "not-subscribed"
  | "too-many-subscriptions";

/** An error with a condition of publish-subscribe. */
export function refusal(
  condition: StanzaCondition,
  name: PubSubCondition,
  details: { readonly type?: StanzaErrorType; readonly text?: string } = {},
): StanzaError {
  return new StanzaError(condition, { ...details, application: element(name, { xmlns: PUBSUB_NS.errors }) });
}

/** For what the service does not offer; `feature` is the name of XEP-0060 §10. */
export function unsupported(feature: string): StanzaError {
  const application = element("unsupported", { xmlns: PUBSUB_NS.errors, feature });
  return new StanzaError("feature-not-implemented", { application });
}

/** There is no such node, or no such item. */
export function notFound(text: string): StanzaError {
  return new StanzaError("item-not-found", { text });
}

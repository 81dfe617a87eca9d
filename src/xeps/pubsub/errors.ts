// Stanza errors of services to PubSubError, in one table (XEP-0060 §6.1.3 to §8.9).

import { PubSubError, type PubSubErrorCode } from "../../ports/index.js";
import { type StanzaCondition, StanzaError } from "../../xmpp/index.js";

/** What was asked for, where the same condition means several things. */
export type PubSubOperation = "create" | "configure" | "publish" | "retract" | "items" | "other";

/** By what the error says beside its condition: the more precise of the two. */
const BY_APPLICATION: Readonly<Record<string, PubSubErrorCode>> = {
  "closed-node": "closed-node",
  "configuration-required": "configuration-required",
  "invalid-jid": "invalid-jid",
  "invalid-options": "invalid-options",
  "invalid-payload": "invalid-payload",
  "invalid-subid": "subid-invalid",
  "item-forbidden": "item-forbidden",
  "item-required": "item-required",
  "jid-required": "invalid-jid",
  "max-items-exceeded": "max-items-exceeded",
  "max-nodes-exceeded": "max-nodes-exceeded",
  "node-full": "node-full",
  "nodeid-required": "node-required",
  "not-in-roster-group": "not-in-roster-group",
  "not-subscribed": "not-subscribed",
  "payload-required": "payload-required",
  "payload-too-big": "payload-too-big",
  "pending-subscription": "pending-subscription",
  "precondition-not-met": "precondition-not-met",
  "presence-subscription-required": "presence-subscription-required",
  "subid-required": "subid-required",
  "too-many-subscriptions": "too-many-subscriptions",
  unsupported: "unsupported",
};

const BY_CONDITION: Partial<Record<StanzaCondition, PubSubErrorCode>> = {
  "feature-not-implemented": "unsupported",
  forbidden: "forbidden",
  gone: "no-such-node",
  "item-not-found": "no-such-node",
  "not-authorized": "forbidden",
  "policy-violation": "overloaded",
  "registration-required": "forbidden",
  "remote-server-not-found": "unavailable",
  "remote-server-timeout": "unavailable",
  "resource-constraint": "overloaded",
  "service-unavailable": "unavailable",
  "subscription-required": "forbidden",
};

const BY_OPERATION: Readonly<Record<PubSubOperation, Partial<Record<StanzaCondition, PubSubErrorCode>>>> = {
  // COMPAT(Prosody 0.12): how it says that it has no such access model, and no room for so many items.
  create: { conflict: "node-exists", "not-acceptable": "invalid-options", "bad-request": "invalid-options" },
  configure: { "not-acceptable": "invalid-options", "bad-request": "invalid-options" },
  // XEP-0060 §7.1.5: the only conflict of a publication that names no reason.
  publish: { conflict: "precondition-not-met" },
  retract: { "item-not-found": "no-such-item" },
  items: {},
  other: {},
};

/** What is thrown for an error: a {@link PubSubError} for what a service answered, everything else as it is. */
export function pubSubErrorOf(error: unknown, operation: PubSubOperation, service: string, node?: string): unknown {
  if (!StanzaError.is(error)) return error;
  const { condition, details } = error;
  // COMPAT(ejabberd 23.01): how it says that it knows no such field, or no such value.
  const isUnknownField =
    condition === "resource-constraint" && /^(?:Unknown field|Bad value of field)/.test(details.text ?? "");
  const code =
    (isUnknownField ? "invalid-options" : undefined) ??
    BY_APPLICATION[details.applicationCondition ?? ""] ??
    BY_OPERATION[operation][condition] ??
    BY_CONDITION[condition] ??
    "refused";
  const where = node === undefined ? service : `node ${JSON.stringify(node.slice(0, 200))} at ${service}`;
  const said = [condition, ...(details.text === undefined ? [] : [details.text.slice(0, 500)])].join(": ");
  const what = said === code ? code : `${code} (${said})`;
  return new PubSubError(code, `${where}: ${what}`, { cause: error, mayRetry: error.type === "wait" });
}

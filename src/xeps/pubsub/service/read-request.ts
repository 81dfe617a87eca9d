// Requests to the service, and what is refused before anything is looked up (XEP-0060 §5.6, §5.7, §6, §7, §8).

import { type Jid, tryParseJid } from "../../../jid.js";
import { childElements, type XmlElement } from "../../../xml/index.js";
import { type IqRequest, StanzaError } from "../../../xmpp/index.js";
import { PUBSUB_NS } from "../namespaces.js";
import { refusal, unsupported } from "./service-errors.js";

/** What somebody asks for. */
export type ServiceRequest =
  | { readonly kind: "subscribe" | "unsubscribe"; readonly node: string; readonly jid: Jid }
  | {
      readonly kind: "items";
      readonly node: string;
      readonly max: number | undefined;
      /** Empty: all. */
      readonly ids: readonly string[];
    }
  | { readonly kind: "subscriptions" | "affiliations"; readonly node: string | undefined };

type Reader = (asked: XmlElement, others: readonly XmlElement[], requester: Jid) => ServiceRequest;

const READERS: Readonly<Record<string, Reader>> = {
  "get items": readItemsRequest,
  "get subscriptions": ({ attrs }) => ({ kind: "subscriptions", node: attrs["node"] }),
  "get affiliations": ({ attrs }) => ({ kind: "affiliations", node: attrs["node"] }),
  "get default": () => refuse(unsupported("retrieve-default-sub")),
  "get options": () => refuse(unsupported("subscription-options")),
  "set options": () => refuse(unsupported("subscription-options")),
  "set subscribe": readSubscribe,
  "set unsubscribe": readUnsubscribe,
  "set create": () => refuse(unsupported("create-nodes")),
  // Only the gateway itself publishes, whatever the node.
  "set publish": () => refuse(new StanzaError("forbidden")),
  "set retract": () => refuse(new StanzaError("forbidden")),
};

/** The features that requests of owners presuppose, none of which is offered (XEP-0060 §8). */
const OWNER_FEATURES: Readonly<Record<string, string>> = {
  affiliations: "modify-affiliations",
  configure: "config-node",
  default: "retrieve-default",
  delete: "delete-nodes",
  purge: "purge-nodes",
  subscriptions: "manage-subscriptions",
};

/** Reads a request. Throws the StanzaError that answers it when it cannot be served. */
export function readRequest({ type, payload }: IqRequest, requester: Jid): ServiceRequest {
  const [asked, ...others] = childElements(payload).filter(({ ns }) => ns === payload.ns);
  if (asked === undefined) throw new StanzaError("bad-request", { text: "what is asked for is missing" });
  if (payload.ns === PUBSUB_NS.owner) {
    const feature = OWNER_FEATURES[asked.name];
    throw feature === undefined ? unknown(asked) : unsupported(feature);
  }
  const key = `${type} ${asked.name}`;
  const read = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (read === undefined) throw unknown(asked);
  return read(asked, others, requester);
}

function unknown({ name }: XmlElement): StanzaError {
  return new StanzaError("bad-request", { text: `<${name}/> is not asked for like that` });
}

function refuse(error: StanzaError): never {
  throw error;
}

function nodeOf({ attrs }: XmlElement): string {
  const { node } = attrs;
  if (node === undefined || node === "") throw refusal("bad-request", "nodeid-required");
  return node;
}

function readItemsRequest(asked: XmlElement): ServiceRequest {
  const node = nodeOf(asked);
  const { max_items: max } = asked.attrs;
  if (max !== undefined && !/^[1-9]\d{0,8}$/.test(max))
    throw new StanzaError("bad-request", { text: "max_items: a number from 1 expected" });
  const ids = childElements(asked).flatMap(({ name, ns, attrs }) =>
    name === "item" && ns === asked.ns ? (attrs["id"] ?? []) : [],
  );
  return { kind: "items", node, max: max === undefined ? undefined : Number(max), ids };
}

function readSubscribe(asked: XmlElement, others: readonly XmlElement[], requester: Jid): ServiceRequest {
  const node = nodeOf(asked);
  if (others.some(({ name }) => name === "options")) throw unsupported("subscription-options");
  const jid = subscriberOf(asked);
  // XEP-0060 §6.1.3.1.
  if (jid === undefined || jid.bare !== requester.bare) throw refusal("bad-request", "invalid-jid");
  return { kind: "subscribe", node, jid };
}

function readUnsubscribe(asked: XmlElement, _others: readonly XmlElement[], requester: Jid): ServiceRequest {
  const node = nodeOf(asked);
  const jid = subscriberOf(asked);
  if (jid === undefined) throw refusal("bad-request", "invalid-jid");
  // XEP-0060 §6.2.3.3: the subscription of somebody else.
  if (jid.bare !== requester.bare) throw new StanzaError("forbidden");
  // §6.2.3.5: an address has one subscription here, and that has no id.
  if (asked.attrs["subid"] !== undefined) throw refusal("not-acceptable", "invalid-subid");
  return { kind: "unsubscribe", node, jid };
}

function subscriberOf({ attrs }: XmlElement): Jid | undefined {
  const { jid } = attrs;
  if (jid === undefined || jid === "") throw refusal("bad-request", "jid-required");
  return tryParseJid(jid);
}

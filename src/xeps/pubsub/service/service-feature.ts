// The service as the network sees it: who subscribes, what is there, who it is (XEP-0060 §5, §6).

import { type Jid, tryParseJid } from "../../../jid.js";
import { messageOf } from "../../../message-of.js";
import type { Logger } from "../../../observe/index.js";
import { element, type XmlElement, type XmlText } from "../../../xml/index.js";
import { type IqRequest, type Link, readStanzaError, StanzaError } from "../../../xmpp/index.js";
import { encodeForm, type Field, FORM_TYPE } from "../../data-forms/index.js";
import type { DiscoItem, DiscoNode, Feature } from "../../feature.js";
import { PUBSUB_FEATURE_PREFIX, PUBSUB_NS } from "../namespaces.js";
import { writeAffiliation, writeSubscription } from "../subscription.js";
import { writeItem } from "../write-items.js";
import type { TopicLimits } from "./limits.js";
import type { Notifier } from "./notifier.js";
import { readRequest, type ServiceRequest } from "./read-request.js";
import { notFound, refusal } from "./service-errors.js";
import type { TopicConfigs } from "./topic-configs.js";
import type { StoredItem, TopicStore } from "./topic-store.js";

/** What the service stands on. */
export interface ServiceFeatureOptions {
  readonly link: Pick<Link, "jid">;
  readonly store: () => TopicStore;
  readonly configs: TopicConfigs;
  readonly notifier: Notifier;
  readonly limits: TopicLimits & { readonly maxSentBytes: number };
  /** Whether an id of a stanza is one of the notifier's. */
  readonly isOurs: (stanzaId: string) => boolean;
  readonly log: Logger;
}

/** What the service does, as XEP-0060 §10 names it; `publish` and `retract-items` are what it does for the gateway alone. */
const SERVICE_FEATURES: readonly string[] = [
  "access-open",
  "access-whitelist",
  "item-ids",
  "last-published",
  "meta-data",
  "persistent-items",
  "publish",
  "retract-items",
  "retrieve-affiliations",
  "retrieve-items",
  "retrieve-subscriptions",
  "subscribe",
];

/** Tags and attributes around an answer; addresses and id come on top. */
const ENVELOPE_BYTES = 256;

/** Makes the feature. */
export function createServiceFeature(options: ServiceFeatureOptions): Feature {
  const { link, store, configs, notifier, limits, isOurs, log } = options;

  const requesterOf = (iq: IqRequest): Jid => {
    const requester = iq.from ?? link.jid;
    if (requester === undefined) throw new StanzaError("bad-request", { text: "the request has no sender" });
    return requester;
  };
  const createdAt = async (node: string): Promise<{ readonly createdAt?: number } | undefined> =>
    (await store().find(node)) ?? (configs.declared.has(node) ? {} : undefined);
  const mustExist = async (node: string): Promise<void> => {
    if ((await createdAt(node)) === undefined) throw notFound("no such node");
  };
  const mustAdmit = async (node: string, requester: Jid): Promise<void> => {
    await mustExist(node);
    // XEP-0060 §6.1.3.5, §6.5.9.7.
    if (!(await configs.admits(node, requester))) throw refusal("not-allowed", "closed-node");
  };

  const subscribe = async (node: string, jid: Jid, requester: Jid): Promise<XmlText> => {
    await mustAdmit(node, requester);
    if (!(await store().isSubscribed(node, jid.full))) {
      const [ofNode, ofAccount] = await Promise.all([
        store().countSubscriptions({ node }),
        store().countSubscriptions({ bare: jid.bare }),
      ]);
      // §6.1.3.8.
      if (ofNode >= limits.topicSubscribers || ofAccount >= limits.topicSubscriptionsPerAccount)
        throw refusal("policy-violation", "too-many-subscriptions");
      await store().create(node);
      await store().subscribe(node, jid.full, jid.bare);
      log.info("topics.subscribed", { node, jid: jid.full });
      // §6.1.7: behind the answer.
      if (configs.of(node).sendLastItem) setImmediate(() => void sendLast(node, jid.full));
    }
    return answer(PUBSUB_NS.pubsub, writeSubscription({ node, jid: jid.full, state: "subscribed" }));
  };
  const sendLast = (node: string, jid: string): Promise<void> =>
    notifier.sendLast(node, jid).catch((error: unknown) => {
      log.warn("topics.last-item-unsent", { node, jid, cause: messageOf(error) });
    });

  const unsubscribe = async (node: string, jid: Jid): Promise<XmlText | undefined> => {
    await mustExist(node);
    if (!(await store().unsubscribe(node, jid.full)))
      throw refusal("unexpected-request", "not-subscribed", { type: "cancel" });
    log.info("topics.unsubscribed", { node, jid: jid.full });
    return undefined;
  };

  const items = async (
    { node, max, ids }: Extract<ServiceRequest, { readonly kind: "items" }>,
    iq: IqRequest,
    requester: Jid,
  ): Promise<XmlText> => {
    await mustAdmit(node, requester);
    const { maxItems } = configs.of(node);
    const which = { max: Math.min(max ?? maxItems, maxItems), ...(ids.length === 0 ? {} : { ids }) };
    const found = await store().items(node, which);
    if (found.length === 0 && ids.length > 0) throw notFound("no such item");
    const roomBytes = limits.maxSentBytes - ENVELOPE_BYTES - 6 * (addressChars(iq) + node.length);
    const fitting = newestWithin(found, roomBytes);
    // §6.5.4: what is asked for is larger than a stanza may be; one item was, or the limit was made smaller since it was published.
    if (fitting.length === 0 && found.length > 0)
      throw new StanzaError("not-acceptable", { text: `the item is over the limit of ${limits.maxSentBytes} bytes` });
    return answer(PUBSUB_NS.pubsub, element("items", { node }, ...fitting));
  };

  const subscriptions = async (node: string | undefined, requester: Jid): Promise<XmlText> => {
    if (node !== undefined) await mustExist(node);
    const own = await store().subscriptions({ bare: requester.bare });
    const shown = own.filter((subscription) => node === undefined || subscription.node === node);
    const children = shown.map((subscription) => writeSubscription({ ...subscription, state: "subscribed" }));
    return answer(PUBSUB_NS.pubsub, element("subscriptions", { node }, ...children));
  };

  /** Where not everybody is admitted, who is admitted is a member (§4.1). */
  const affiliations = async (node: string | undefined, requester: Jid): Promise<XmlText> => {
    if (node !== undefined) await mustExist(node);
    const closed = (node === undefined ? await allNodes() : [node]).filter((name) => !configs.of(name).isOpen);
    const own = await admitting(closed, requester);
    const children = own.map((name) => writeAffiliation({ node: name, affiliation: "member" }));
    return answer(PUBSUB_NS.pubsub, element("affiliations", { node }, ...children));
  };

  const allNodes = async (): Promise<string[]> => {
    const made = await store().nodes();
    return [...new Set([...configs.declared, ...made.map(({ node }) => node)])].sort();
  };
  const admitting = async (nodes: readonly string[], requester: Jid): Promise<string[]> => {
    const admitted: string[] = [];
    for (const node of nodes) if (await configs.admits(node, requester)) admitted.push(node);
    return admitted;
  };

  const serve = async (iq: IqRequest): Promise<XmlText | undefined> => {
    const own = link.jid?.full ?? "";
    // Notifications come from one address, and are believed only from the one that was subscribed at.
    if (iq.toText !== undefined && tryParseJid(iq.toText)?.full !== own)
      throw new StanzaError("service-unavailable", { text: `topics are at ${own}` });
    const requester = requesterOf(iq);
    const request = readRequest(iq, requester);
    switch (request.kind) {
      case "subscribe":
        return subscribe(request.node, request.jid, requester);
      case "unsubscribe":
        return unsubscribe(request.node, request.jid);
      case "items":
        return items(request, iq, requester);
      case "subscriptions":
        return subscriptions(request.node, requester);
      case "affiliations":
        return affiliations(request.node, requester);
    }
  };

  const discoNode = async (node: string, iq: IqRequest): Promise<DiscoNode | undefined> => {
    const found = await createdAt(node);
    if (found === undefined || !(await configs.admits(node, requesterOf(iq)))) return undefined;
    const { title, maxItems } = configs.of(node);
    const [ids, subscribers] = await Promise.all([
      store().itemIds(node, maxItems),
      store().countSubscriptions({ node }),
    ]);
    const jid = link.jid?.full ?? "";
    const roomBytes = limits.maxSentBytes - ENVELOPE_BYTES - 6 * (addressChars(iq) + node.length);
    return {
      info: {
        identities: [{ category: "pubsub", type: "leaf", name: title ?? node }],
        features: [PUBSUB_NS.pubsub],
        forms: [metaData(node, found.createdAt, subscribers)],
      },
      // §5.5: the name of such an item is the id.
      items: itemsWithin(
        ids.map((id) => ({ jid, name: id })),
        roomBytes,
      ),
    };
  };

  /** §5.4. */
  const metaData = (node: string, created: number | undefined, subscribers: number): XmlText => {
    const { title, description, maxItems, isOpen, deliverPayloads, notificationType } = configs.of(node);
    const values: Readonly<Record<string, string | undefined>> = {
      "pubsub#title": title,
      "pubsub#description": description,
      "pubsub#creation_date": created === undefined ? undefined : new Date(created).toISOString(),
      "pubsub#num_subscribers": String(subscribers),
      "pubsub#access_model": isOpen ? "open" : "whitelist",
      "pubsub#publish_model": "publishers",
      "pubsub#max_items": String(maxItems),
      "pubsub#deliver_payloads": deliverPayloads ? "1" : "0",
      "pubsub#notification_type": notificationType,
    };
    const fields = Object.entries(values).flatMap(([name, value]): Field[] =>
      value === undefined ? [] : [{ var: name, values: [value] }],
    );
    const formType: Field = { var: FORM_TYPE, type: "hidden", values: [`${PUBSUB_FEATURE_PREFIX}meta-data`] };
    return encodeForm({ type: "result", fields: [formType, ...fields] });
  };

  /** A notification came back: a subscriber whose address is gone for good is not told again (RFC 6120 §8.3.3.5). */
  const returned = (stanza: XmlElement): boolean => {
    const { type, id, from } = stanza.attrs;
    if (type !== "error" || id === undefined || !isOurs(id)) return false;
    const { condition } = readStanzaError(stanza);
    const jid = tryParseJid(from);
    log.debug("topics.notification-returned", { from, condition });
    if (condition === "gone" && jid !== undefined)
      void forget(jid).catch((error: unknown) => {
        log.warn("topics.unsubscribe-failed", { jid: jid.full, cause: messageOf(error) });
      });
    return true;
  };
  const forget = async (jid: Jid): Promise<void> => {
    for (const subscription of await store().subscriptions({ bare: jid.bare })) {
      if (subscription.jid !== jid.full) continue;
      await store().unsubscribe(subscription.node, subscription.jid);
      log.info("topics.subscriber-gone", { node: subscription.node, jid: subscription.jid });
    }
  };

  return {
    name: "topics",
    identities: [{ category: "pubsub", type: "service" }],
    features: [PUBSUB_NS.pubsub, ...SERVICE_FEATURES.map((feature) => PUBSUB_FEATURE_PREFIX + feature)],
    routes: [PUBSUB_NS.pubsub, PUBSUB_NS.owner].flatMap((ns) =>
      (["get", "set"] as const).map((type) => ({ type, ns, name: "pubsub", handle: serve })),
    ),
    discoNode,
    discoItems: async (iq) => {
      const jid = link.jid?.full ?? "";
      const nodes = await admitting(await allNodes(), requesterOf(iq));
      const listed = nodes.map((node) => ({ jid, node, name: configs.of(node).title ?? node }));
      return itemsWithin(listed, limits.maxSentBytes - 4 * ENVELOPE_BYTES - 6 * addressChars(iq));
    },
    message: returned,
    online: () => notifier.wake(),
  };
}

function answer(xmlns: string, content: XmlText): XmlText {
  return element("pubsub", { xmlns }, content);
}

function addressChars({ id, fromText = "", toText = "" }: IqRequest): number {
  return id.length + fromText.length + toText.length;
}

/** §6.5.4: the newest that one stanza can hold, oldest first. */
function newestWithin(items: readonly StoredItem[], roomBytes: number): XmlText[] {
  const fitting: XmlText[] = [];
  let bytes = 0;
  for (const { id, payload } of items.toReversed()) {
    const text = writeItem({ id, payload });
    bytes += Buffer.byteLength(text);
    if (bytes > roomBytes) break;
    fitting.push(text);
  }
  return fitting.reverse();
}

/** The first that one stanza can hold. */
function itemsWithin(items: readonly DiscoItem[], roomBytes: number): readonly DiscoItem[] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(element("item", { ...item }));
    return bytes > roomBytes;
  });
  return end < 0 ? items : items.slice(0, end);
}

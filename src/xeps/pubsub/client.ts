// The asking side of publish-subscribe: one request a function, its answer read, its errors named (XEP-0060 §5 to §8).

import {
  type AffiliationName,
  type ItemsOptions,
  type NodeConfig,
  type PublishOptions,
  type PubSub,
  type PubSubAffiliation,
  PubSubError,
  type PubSubSubscription,
} from "../../ports/index.js";
import type { ItemPayload, PublishedItem } from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import { element, findChild, type XmlElement, type XmlText } from "../../xml/index.js";
import { type IqRouter, StanzaError } from "../../xmpp/index.js";
import { readDiscoInfo, readDiscoItems } from "../disco.js";
import { NS } from "../namespaces.js";
import { type PubSubOperation, pubSubErrorOf } from "./errors.js";
import { PUBSUB_FEATURE_PREFIX, PUBSUB_NS } from "./namespaces.js";
import { configOf, readConfigFields, writeChangedConfig, writeConfig } from "./node-config.js";
import { readItems } from "./read-items.js";
import {
  readAffiliations,
  readSubscription,
  readSubscriptions,
  writeAffiliation,
  writeSubscription,
} from "./subscription.js";
import { writeItem, writeItems } from "./write-items.js";
import { writePayload } from "./write-payload.js";

/** What a client stands on. */
export interface PubSubClientOptions {
  readonly request: IqRouter["request"];
  /** The address that notifications are to go to; undefined before the link is online. */
  readonly ownJid: () => string | undefined;
  readonly maxSentBytes: number;
}

/** All of {@link PubSub} that is one request and its answer. */
export type PubSubClient = Omit<PubSub, "follow" | "pending" | "admit" | symbol>;

/** One request. */
interface Asked {
  readonly type: "get" | "set";
  readonly ns: string;
  readonly service: string;
  readonly node?: string | undefined;
  readonly operation?: PubSubOperation;
  readonly content: readonly XmlText[];
}

/** Makes a client over a router. */
export function createPubSubClient({ request, ownJid, maxSentBytes }: PubSubClientOptions): PubSubClient {
  const own = (): string => {
    const jid = ownJid();
    if (jid === undefined) throw new Error("there is no link yet");
    return jid;
  };

  /** The `<pubsub/>` of the answer; undefined for one without, which says no more than that it was done. */
  const ask = async (asked: Asked): Promise<XmlElement | undefined> => {
    const { type, ns, service, node, operation = "other", content } = asked;
    // Without a name some services make a topic of their own naming, which nobody would find (XEP-0060 §8.1.2).
    if (node === "") throw new ValueError("node: a name expected, got an empty one");
    const payload = element("pubsub", { xmlns: ns }, ...content);
    if (Buffer.byteLength(payload) > maxSentBytes)
      throw new PubSubError("payload-too-big", `${service}: payload-too-big (more than ${maxSentBytes} bytes)`);
    try {
      return findChild(await request(type, service, payload), "pubsub", ns);
    } catch (error) {
      throw pubSubErrorOf(error, operation, service, node);
    }
  };

  const answerIn = async (asked: Asked, name: string): Promise<XmlElement> => {
    const answer = await ask(asked);
    const child = answer && findChild(answer, name);
    if (child !== undefined) return child;
    throw new StanzaError("undefined-condition", { text: `${asked.service} answered without a <${name}/>` });
  };

  const configForm = async (service: string, node: string) => {
    const content = [element("configure", { node })];
    return readConfigFields(await answerIn({ type: "get", ns: PUBSUB_NS.owner, service, node, content }, "configure"));
  };

  const configure: PubSubClient["configure"] = async (service, node, config) => {
    const form = writeChangedConfig(PUBSUB_NS.nodeConfig, await configForm(service, node), config);
    const content = [element("configure", { node }, form)];
    const asked = { type: "set", ns: PUBSUB_NS.owner, service, node, operation: "configure", content } as const;
    await ask(asked).catch(rethrowNaming(config));
  };

  const create: PubSubClient["create"] = async (service, node, config) => {
    // XEP-0060 §8.1.3: configure stands behind create, and names no node.
    const content = [
      element("create", { node }),
      ...(config === undefined ? [] : [element("configure", {}, writeConfig(PUBSUB_NS.nodeConfig, config))]),
    ];
    const asked = { type: "set", ns: PUBSUB_NS.pubsub, service, node, operation: "create", content } as const;
    const answer = await ask(asked).catch(rethrowNaming(config));
    const name = (answer && findChild(answer, "create"))?.attrs["node"] ?? node;
    if (name !== undefined) return name;
    throw new StanzaError("undefined-condition", { text: `${service} did not say what it called the node` });
  };

  const ownerList = (service: string, node: string, name: string): Promise<XmlElement> =>
    answerIn({ type: "get", ns: PUBSUB_NS.owner, service, node, content: [element(name, { node })] }, name);

  const ownList = (service: string, node: string | undefined, name: string): Promise<XmlElement> =>
    answerIn({ type: "get", ns: PUBSUB_NS.pubsub, service, node, content: [element(name, { node })] }, name);

  const ownerSet = async (service: string, node: string, name: string, ...children: XmlText[]): Promise<void> => {
    const content = [element(name, { node }, ...children)];
    await ask({ type: "set", ns: PUBSUB_NS.owner, service, node, content });
  };

  return {
    features: async (service) => {
      try {
        const info = readDiscoInfo(await request("get", service, element("query", { xmlns: NS.discoInfo })));
        const named = info.features.filter((feature) => feature.startsWith(PUBSUB_FEATURE_PREFIX));
        return new Set(named.map((feature) => feature.slice(PUBSUB_FEATURE_PREFIX.length)));
      } catch (error) {
        throw pubSubErrorOf(error, "other", service);
      }
    },
    create,
    ensure: async (service, node, config) => {
      try {
        await create(service, node, config);
        return true;
      } catch (error) {
        if (!PubSubError.is(error) || error.code !== "node-exists") throw error;
      }
      if (config !== undefined) await configure(service, node, config);
      return false;
    },
    configure,
    configuration: async (service, node) => configOf(await configForm(service, node)),
    delete: (service, node) => ownerSet(service, node, "delete"),
    purge: (service, node) => ownerSet(service, node, "purge"),
    publish: async (service, node, payload: ItemPayload, { itemId, conditions }: PublishOptions = {}) => {
      const item = writeItem({ id: itemId, payload: writePayload(payload, own()) });
      const options = conditions && writeConfig(PUBSUB_NS.publishOptions, conditions);
      const content = [
        element("publish", { node }, item),
        ...(options === undefined ? [] : [element("publish-options", {}, options)]),
      ];
      const answer = await ask({ type: "set", ns: PUBSUB_NS.pubsub, service, node, operation: "publish", content });
      const published = answer && findChild(answer, "publish");
      const id = (published && findChild(published, "item"))?.attrs["id"] ?? itemId;
      if (id !== undefined) return id;
      throw new StanzaError("undefined-condition", { text: `${service} did not say which id it gave the item` });
    },
    retract: async (service, node, itemId, notify = true) => {
      const content = [element("retract", { node, notify: notify ? "1" : "0" }, writeItem({ id: itemId }))];
      await ask({ type: "set", ns: PUBSUB_NS.pubsub, service, node, operation: "retract", content });
    },
    items: async (service, node, { max, ids = [] }: ItemsOptions = {}): Promise<PublishedItem[]> => {
      const content = [
        writeItems(
          node,
          ids.map((id) => ({ id })),
          max,
        ),
      ];
      const asked = { type: "get", ns: PUBSUB_NS.pubsub, service, node, operation: "items", content } as const;
      return readItems(await answerIn(asked, "items"));
    },
    itemIds: async (service, node) => {
      try {
        const items = readDiscoItems(await request("get", service, element("query", { xmlns: NS.discoItems, node })));
        return items.flatMap(({ name }) => name ?? []);
      } catch (error) {
        throw pubSubErrorOf(error, "items", service, node);
      }
    },
    subscribe: async (service, node, jid = own()): Promise<PubSubSubscription> => {
      const content = [element("subscribe", { node, jid })];
      const answer = await ask({ type: "set", ns: PUBSUB_NS.pubsub, service, node, content });
      const child = answer && findChild(answer, "subscription");
      // XEP-0060 §6.1.2: a service may answer with nothing but success.
      return (child && readSubscription(child)) ?? { node, jid, state: "subscribed" };
    },
    unsubscribe: async (service, node, { jid = own(), subid } = {}) => {
      const content = [element("unsubscribe", { node, jid, subid })];
      await ask({ type: "set", ns: PUBSUB_NS.pubsub, service, node, content });
    },
    subscriptions: async (service, node) => readSubscriptions(await ownList(service, node, "subscriptions")),
    affiliations: async (service, node) => readAffiliations(await ownList(service, node, "affiliations")),
    subscribers: async (service, node) => readSubscriptions(await ownerList(service, node, "subscriptions")),
    setSubscriber: (service, node, { jid, state, subid }: PubSubSubscription) => {
      const subscription = writeSubscription({ jid, state, ...(subid === undefined ? {} : { subid }) });
      return ownerSet(service, node, "subscriptions", subscription);
    },
    affiliates: async (service, node): Promise<PubSubAffiliation[]> =>
      readAffiliations(await ownerList(service, node, "affiliations")),
    setAffiliate: (service, node, jid: string, affiliation: AffiliationName) =>
      ownerSet(service, node, "affiliations", writeAffiliation({ jid, affiliation })),
  };
}

/** Says what a configuration was that a service has refused: services do not say which field they mean. */
function rethrowNaming(config: NodeConfig = {}): (error: unknown) => never {
  return (error) => {
    if (!PubSubError.is(error) || error.code !== "invalid-options") throw error;
    const fields = Object.entries(config).map(([name, value]) => `${name}=${String(value)}`);
    const { code, message, cause, mayRetry } = error;
    throw new PubSubError(code, `${message}; asked for ${fields.join(", ").slice(0, 500)}`, { cause, mayRetry });
  };
}

// The service `pubsub`: topics at publish-subscribe services, for whom the access list lets use them (XEP-0060).

import { randomUUID } from "node:crypto";
import { entryOfPlain, PubSub, PubSubError, type PubSubErrorCode } from "../ports/index.js";
import {
  any,
  array,
  dateTime,
  enumeration,
  type ItemPayload,
  int,
  named,
  optional,
  type PublishedItem,
  RpcFault,
  record,
  rpcMethod,
  rpcService,
  serverFault,
  string,
  struct,
} from "../rpc/index.js";
import { jsonOf, ValueError } from "../values/index.js";

const service = named("service", string);
const node = named("node", string);
const itemId = named("itemId", optional(string));
const entry = struct({
  title: string,
  text: optional(string),
  html: optional(string),
  summary: optional(string),
  link: optional(string),
  author: optional(string),
  categories: optional(array(string)),
  id: optional(string),
  updated: optional(dateTime),
  published: optional(dateTime),
});
const item = struct({
  id: string,
  kind: enumeration("atom", "json", "xml", "none"),
  title: optional(string),
  text: optional(string),
  link: optional(string),
  updated: optional(dateTime),
  author: optional(string),
  json: optional(string),
  xml: optional(string),
  publisher: optional(string),
});
const subscription = struct({ jid: string, state: string, node: optional(string), subid: optional(string) });
const request = struct({ jid: string, subid: optional(string) });
const affiliation = struct({ affiliation: string, jid: optional(string), node: optional(string) });

interface Entry {
  title: string;
  text?: string | undefined;
  html?: string | undefined;
  summary?: string | undefined;
  link?: string | undefined;
  author?: string | undefined;
  categories?: string[] | undefined;
  id?: string | undefined;
  updated?: Date | undefined;
  published?: Date | undefined;
}

interface Item {
  id: string;
  kind: "atom" | "json" | "xml" | "none";
  title?: string;
  text?: string;
  link?: string;
  updated?: Date;
  author?: string;
  json?: string;
  xml?: string;
  publisher?: string;
}

/** Faults of what a service refuses: 1 it is not there, 2 it is not allowed, 3 it stands against it, 4 it cannot be so, 5 not now or not here. */
const FAULTS: Readonly<Record<PubSubErrorCode, number>> = {
  "no-such-item": 1,
  "no-such-node": 1,
  "not-subscribed": 1,
  "closed-node": 2,
  forbidden: 2,
  "not-in-roster-group": 2,
  "pending-subscription": 2,
  "presence-subscription-required": 2,
  "max-items-exceeded": 3,
  "max-nodes-exceeded": 3,
  "node-exists": 3,
  "node-full": 3,
  "precondition-not-met": 3,
  "too-many-subscriptions": 3,
  "configuration-required": 4,
  "invalid-jid": 4,
  "invalid-options": 4,
  "invalid-payload": 4,
  "item-forbidden": 4,
  "item-required": 4,
  "node-required": 4,
  "payload-required": 4,
  "payload-too-big": 4,
  refused: 4,
  "subid-invalid": 4,
  "subid-required": 4,
  overloaded: 5,
  unavailable: 5,
  unsupported: 5,
};

/** Publishes, reads and administers topics as the gateway's own address. */
@rpcService("pubsub")
export class PubSubService {
  constructor(private readonly pubsub: PubSub) {}

  @rpcMethod({
    params: [service, node, named("entry", entry), itemId],
    returns: string,
    doc: "Publishes an entry with a title; gives the item's id.\nAn item of the same id is replaced.",
  })
  publish(at: string, topic: string, plain: Entry, id?: string): Promise<string> {
    const atom = entryOfPlain(plain, { id: `urn:uuid:${randomUUID()}`, now: new Date() });
    return this.#publish(at, topic, { atom }, id);
  }

  @rpcMethod({
    params: [service, node, named("value", any), itemId],
    returns: string,
    doc: "Publishes a value as JSON (XEP-0335); gives the item's id.",
  })
  publishJson(at: string, topic: string, value: unknown, id?: string): Promise<string> {
    return this.#publish(at, topic, { json: jsonOf(value) }, id);
  }

  @rpcMethod({
    params: [service, node, named("xml", string), itemId],
    returns: string,
    doc: "Publishes one element of any namespace; gives the item's id.",
  })
  publishXml(at: string, topic: string, xml: string, id?: string): Promise<string> {
    return this.#publish(at, topic, { xml }, id);
  }

  @rpcMethod({
    params: [service, node, named("max", optional(int))],
    returns: array(item),
    doc: "The newest items of a topic, as the service orders them.",
  })
  items(at: string, topic: string, max?: number): Promise<Item[]> {
    if (max !== undefined && max < 1) throw serverFault("invalidParams", "max: at least 1 expected");
    return faulted(async () => (await this.pubsub.items(at, topic, max === undefined ? {} : { max })).map(itemOf));
  }

  @rpcMethod({ params: [service, node, named("itemId", string)], doc: "Removes an item; subscribers are told." })
  retract(at: string, topic: string, id: string): Promise<void> {
    return faulted(() => this.pubsub.retract(at, topic, id));
  }

  @rpcMethod({ params: [service, node], doc: "Removes every item of a topic." })
  purge(at: string, topic: string): Promise<void> {
    return faulted(() => this.pubsub.purge(at, topic));
  }

  @rpcMethod({
    params: [service, node, named("config", optional(record(string)))],
    returns: string,
    doc: "Makes a topic; fields of its configuration may be given, such as title or access_model.",
  })
  create(at: string, topic: string, config?: Record<string, string>): Promise<string> {
    return faulted(() => this.pubsub.create(at, topic, config));
  }

  @rpcMethod({
    params: [service, node, named("config", record(string))],
    doc: "Changes fields of a topic's configuration.",
  })
  configure(at: string, topic: string, config: Record<string, string>): Promise<void> {
    return faulted(() => this.pubsub.configure(at, topic, config));
  }

  @rpcMethod({ params: [service, node], doc: "Deletes a topic with all that is in it." })
  delete(at: string, topic: string): Promise<void> {
    return faulted(() => this.pubsub.delete(at, topic));
  }

  @rpcMethod({
    params: [service, node],
    returns: subscription,
    doc: "Subscribes the gateway; the state pending means that the topic's owner has to agree.",
  })
  subscribe(at: string, topic: string): Promise<Subscription> {
    return faulted(() => this.pubsub.subscribe(at, topic));
  }

  @rpcMethod({
    params: [service, node, named("subid", optional(string))],
    doc: "Ends the gateway's subscription.",
  })
  unsubscribe(at: string, topic: string, subid?: string): Promise<void> {
    return faulted(() => this.pubsub.unsubscribe(at, topic, subid === undefined ? {} : { subid }));
  }

  @rpcMethod({
    params: [service, node],
    returns: array(subscription),
    doc: "Who subscribes to a topic of the gateway.",
  })
  subscribers(at: string, topic: string): Promise<Subscription[]> {
    return faulted(() => this.pubsub.subscribers(at, topic));
  }

  @rpcMethod({
    params: [service, node],
    returns: array(request),
    doc: "Who waits to be let in to a topic of the gateway whose access_model is authorize.",
  })
  pending(at: string, topic: string): Promise<Request[]> {
    return faulted(async () =>
      (await this.pubsub.pending(at, topic)).map(({ jid, subid }) => ({
        jid,
        ...(subid === undefined ? {} : { subid }),
      })),
    );
  }

  @rpcMethod({
    params: [
      service,
      node,
      named("jid", string),
      named("state", enumeration("subscribed", "none")),
      named("subid", optional(string)),
    ],
    doc: "Lets somebody in who waits, or subscribes him (subscribed); refuses him, or ends his subscription (none).",
  })
  setSubscriber(at: string, topic: string, jid: string, state: "subscribed" | "none", subid?: string): Promise<void> {
    return faulted(() =>
      this.pubsub.setSubscriber(at, topic, { jid, state, ...(subid === undefined ? {} : { subid }) }),
    );
  }

  @rpcMethod({ params: [service, node], returns: array(affiliation), doc: "Who may what at a topic of the gateway." })
  affiliates(at: string, topic: string): Promise<Affiliation[]> {
    return faulted(() => this.pubsub.affiliates(at, topic));
  }

  @rpcMethod({
    params: [
      service,
      node,
      named("jid", string),
      named("affiliation", enumeration("owner", "publisher", "publish-only", "member", "none", "outcast")),
    ],
    doc: "Says what somebody may at a topic of the gateway; none takes it away.",
  })
  setAffiliate(
    at: string,
    topic: string,
    jid: string,
    may: "owner" | "publisher" | "publish-only" | "member" | "none" | "outcast",
  ): Promise<void> {
    return faulted(() => this.pubsub.setAffiliate(at, topic, jid, may));
  }

  #publish(at: string, topic: string, payload: ItemPayload, id: string | undefined): Promise<string> {
    return faulted(() => this.pubsub.publish(at, topic, payload, id === undefined ? {} : { itemId: id }));
  }
}

interface Subscription {
  jid: string;
  state: string;
  node?: string;
  subid?: string;
}

interface Request {
  jid: string;
  subid?: string;
}

interface Affiliation {
  affiliation: string;
  jid?: string;
  node?: string;
}

async function faulted<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (PubSubError.is(error)) throw new RpcFault(FAULTS[error.code], error.message, { cause: error });
    if (ValueError.is(error)) throw serverFault("invalidParams", error.message);
    throw error;
  }
}

function itemOf({ id, payload, publisher }: PublishedItem): Item {
  const common = { id, ...(publisher === undefined ? {} : { publisher }) };
  if (payload === undefined) return { ...common, kind: "none" };
  if ("json" in payload) return { ...common, kind: "json", json: JSON.stringify(payload.json) };
  if ("xml" in payload) return { ...common, kind: "xml", xml: payload.xml };
  const { title, updated, content, summary, links, authors } = payload.atom;
  const text = content?.text ?? summary;
  const link = links?.find(({ rel = "alternate" }) => rel === "alternate")?.href;
  const author = authors?.[0]?.name;
  return {
    ...common,
    kind: "atom",
    title,
    updated,
    ...(text === undefined ? {} : { text }),
    ...(link === undefined ? {} : { link }),
    ...(author === undefined ? {} : { author }),
  };
}

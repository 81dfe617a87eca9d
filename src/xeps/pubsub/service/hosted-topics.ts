// The topics of the gateway, as programs have them: the port Topics over a store and a notifier.

import { createHash, randomUUID } from "node:crypto";
import { tryParseJid } from "../../../jid.js";
import {
  type ItemsOptions,
  PubSubError,
  type PubSubErrorCode,
  type PubSubSubscription,
  Topics,
} from "../../../ports/index.js";
import type { ItemPayload, PublishedItem } from "../../../rpc/index.js";
import { parseDocument } from "../../../xml/index.js";
import { readPayload } from "../read-payload.js";
import { writePayload } from "../write-payload.js";
import type { TopicLimits } from "./limits.js";
import type { Notifier } from "./notifier.js";
import type { TopicConfigs } from "./topic-configs.js";
import type { StoredItem, TopicStore } from "./topic-store.js";

/** What the topics stand on. */
export interface HostedTopicsOptions {
  /** Throws before the gateway is started. */
  readonly store: () => TopicStore;
  readonly configs: TopicConfigs;
  readonly notifier: Notifier;
  readonly limits: TopicLimits & { readonly maxSentBytes: number };
  /** Whose an entry without an author is. */
  readonly author: () => string;
  /** What else such a name means here, in words; undefined for a name that is free. */
  readonly meaningOf: (node: string) => string | undefined;
}

/** Room for the stanza around an item: addresses, ids and tags. */
const ENVELOPE_BYTES = 4_096;

/** Makes the port. */
export function createHostedTopics(options: HostedTopicsOptions): Topics {
  return new HostedTopics(options);
}

class HostedTopics extends Topics {
  readonly #options: HostedTopicsOptions;

  constructor(options: HostedTopicsOptions) {
    super();
    this.#options = options;
  }

  async publish(node: string, payload: ItemPayload, { itemId }: { readonly itemId?: string } = {}): Promise<string> {
    const { store, notifier, limits, author } = this.#options;
    const id = itemId ?? defaultId(payload);
    if (id === "" || id.length > limits.topicNameChars)
      throw this.#error("refused", node, `an item's id of 1 to ${limits.topicNameChars} characters expected`);
    const text = writePayload(payload, author());
    const maxBytes = limits.maxSentBytes - ENVELOPE_BYTES;
    if (Buffer.byteLength(text) > maxBytes) throw this.#error("payload-too-big", node, `more than ${maxBytes} bytes`);
    await this.create(node);
    await store().put(node, id, text);
    notifier.wake();
    return id;
  }

  async retract(node: string, itemId: string): Promise<void> {
    const { store, notifier } = this.#options;
    if (!(await store().retract(node, itemId))) throw this.#error("no-such-item", node, JSON.stringify(itemId));
    notifier.wake();
  }

  async items(node: string, options: ItemsOptions = {}): Promise<PublishedItem[]> {
    await this.#mustExist(node);
    const { maxItems } = this.#options.configs.of(node);
    const items = await this.#options
      .store()
      .items(node, { ...options, max: Math.min(options.max ?? maxItems, maxItems) });
    return items.map(publishedItem);
  }

  async subscribers(node: string): Promise<PubSubSubscription[]> {
    await this.#mustExist(node);
    const subscriptions = await this.#options.store().subscriptions({ node });
    return subscriptions.map(({ jid }) => ({ node, jid, state: "subscribed" }));
  }

  async unsubscribe(node: string, jid: string): Promise<void> {
    await this.#mustExist(node);
    const address = tryParseJid(jid)?.full ?? jid;
    if (!(await this.#options.store().unsubscribe(node, address))) throw this.#error("not-subscribed", node, address);
  }

  async nodes(): Promise<string[]> {
    const { store, configs } = this.#options;
    const made = (await store().nodes()).map(({ node }) => node);
    return [...new Set([...configs.declared, ...made])].sort();
  }

  async create(node: string): Promise<boolean> {
    const { store, limits, meaningOf } = this.#options;
    if ((await store().find(node)) !== undefined) return false;
    if (node === "" || node.length > limits.topicNameChars)
      throw this.#error("refused", node, `a name of 1 to ${limits.topicNameChars} characters expected`);
    const meaning = meaningOf(node);
    if (meaning !== undefined) throw this.#error("node-exists", node, meaning);
    if ((await this.nodes()).length >= limits.topicNodes && !this.#options.configs.declared.has(node))
      throw this.#error("max-nodes-exceeded", node, `${limits.topicNodes} topics are there`);
    return (await store().create(node)) && !this.#options.configs.declared.has(node);
  }

  async delete(node: string): Promise<void> {
    const { store, notifier } = this.#options;
    if (await store().delete(node)) notifier.wake();
    else await this.#mustExist(node);
  }

  async #mustExist(node: string): Promise<void> {
    const { store, configs } = this.#options;
    if (!configs.declared.has(node) && (await store().find(node)) === undefined)
      throw this.#error("no-such-node", node);
  }

  #error(code: PubSubErrorCode, node: string, said?: string): PubSubError {
    const where = `node ${JSON.stringify(node.slice(0, 200))}`;
    return new PubSubError(code, `${where}: ${code}${said === undefined ? "" : ` (${said})`}`);
  }
}

/** XEP-0472 §4.6.1: an entry that is published again replaces itself. */
function defaultId(payload: ItemPayload): string {
  return "atom" in payload ? createHash("sha256").update(payload.atom.id).digest("base64url") : randomUUID();
}

function publishedItem({ id, payload }: StoredItem): PublishedItem {
  return { id, payload: readPayload(parseDocument(payload)) };
}

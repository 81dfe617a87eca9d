// One followed topic: subscribed again after every reconnect, what was missed is fetched, every item is handed over once.

import type { Memory } from "../../memory/index.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { PubSubError } from "../../ports/index.js";
import type { FollowedItem, ItemFollow, PublishedItem } from "../../rpc/index.js";
import type { Clock } from "../../xmpp/index.js";
import { Disconnected } from "../../xmpp/index.js";
import type { PubSubClient } from "./client.js";
import { fetchItems, fetchNewest, listItemIds, oldestFirst } from "./fetch-unseen.js";
import { itemKey, SEEN } from "./item-key.js";
import type { FollowLimits } from "./limits.js";
import { payloadKind } from "./read-payload.js";
import { within } from "./within.js";

/** What a topic stands on. */
export interface TopicOptions {
  readonly follow: ItemFollow;
  /** What its memory is called; the same after a restart. */
  readonly name: string;
  readonly client: Pick<PubSubClient, "items" | "itemIds" | "subscribe" | "unsubscribe">;
  readonly memory: Memory;
  readonly limits: FollowLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Under this key stands that the topic was followed before. */
const STARTED = "started";
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;

/** A topic that is followed. Its work is done in order, one thing after the other. */
export class Topic {
  readonly #options: TopicOptions;
  readonly #attempts = new Map<string, number>();
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isChecking = false;
  #isOnline = false;
  #isStopped = false;
  /** Something is left that only fetching brings. */
  #isIncomplete = false;
  #retryMs = FIRST_RETRY_MS;
  #subscription: { readonly jid: string; readonly subid?: string } | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(options: TopicOptions) {
    this.#options = options;
  }

  get follow(): ItemFollow {
    return this.#options.follow;
  }

  /** The link is up: subscribes, and fetches what was missed. */
  online(): void {
    this.#isOnline = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.check();
  }

  offline(): void {
    this.#isOnline = false;
    this.#cancelTimer();
  }

  /** Subscribes and fetches once more, behind what is being done. */
  check(): void {
    if (this.#isChecking || !this.#isOnline || this.#isStopped) return;
    this.#isChecking = true;
    this.#cancelTimer();
    this.#do(async () => {
      this.#isChecking = false;
      this.#isIncomplete = false;
      await this.#catchUp();
    });
  }

  /** Takes the items of a notification. */
  take(items: readonly PublishedItem[]): void {
    for (const item of items) {
      if (this.#waiting >= this.#options.limits.followQueue) {
        if (!this.#isIncomplete) this.#warn("pubsub.queue-full", { waiting: this.#waiting });
        this.#isIncomplete = true;
        return;
      }
      this.#waiting += 1;
      this.#do(async () => {
        this.#waiting -= 1;
        await this.#takeOne(item);
        if (this.#waiting === 0 && this.#isIncomplete) this.check();
      });
    }
  }

  /** Resolves when nothing is being done; ends the subscription if `unsubscribe` says so. */
  async stop(unsubscribe: boolean): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#work;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (!unsubscribe || !this.#isOnline || subscription === undefined) return;
    const { service, node } = this.follow;
    await this.#options.client.unsubscribe(service, node, subscription).catch((error: unknown) => {
      this.#warn("pubsub.unsubscribe-failed", { cause: messageOf(error) });
    });
  }

  #do(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isStopped) return;
      try {
        await step();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  async #catchUp(): Promise<void> {
    const { client, limits, memory, name } = this.#options;
    const { service, node } = this.follow;
    const subscription = await client.subscribe(service, node);
    this.#subscription = subscription;
    if (subscription.state !== "subscribed") {
      // Its owner, or its configuration, has to say yes; the service then notifies.
      this.#options.log.info("pubsub.subscription", { service, node, state: subscription.state });
      this.#later(limits.followCheckMs);
      return;
    }
    await this.#skipHistory();
    const { items, ids } = await this.#fetchUnseen();
    for (const item of items) {
      if (this.#isStopped || !this.#isOnline) return;
      await this.#takeOne(item);
    }
    await memory.prune(name, limits.followMemory, [STARTED, ...ids.map((id) => itemKey({ id }, this.follow))]);
    if (this.#isIncomplete) this.#retry();
    else {
      this.#retryMs = FIRST_RETRY_MS;
      this.#later(limits.followCheckMs);
    }
  }

  /** The first time, what is beyond the wanted history counts as seen. */
  async #skipHistory(): Promise<void> {
    const { client, memory, name, limits } = this.#options;
    const { service, node, history, updates } = this.follow;
    if (history === undefined || (await memory.find(name, [STARTED])).size > 0) return;
    const fetching = { client, service, node, max: limits.followCatchUp, batch: limits.followBatch };
    const ids = await oldestFirst(fetching, (await listItemIds(fetching)) ?? []);
    const old = ids.slice(0, Math.max(0, ids.length - history));
    // What an item holds is part of its key only where updates are wanted.
    const items = updates === true ? await fetchItems(fetching, old, () => undefined) : old.map((id) => ({ id }));
    for (const item of items) await memory.put(name, itemKey(item, this.follow), SEEN);
    await memory.put(name, STARTED, SEEN);
  }

  /** The unseen items, oldest first, and the ids of all. */
  async #fetchUnseen(): Promise<{ readonly items: readonly PublishedItem[]; readonly ids: readonly string[] }> {
    const { client, limits } = this.#options;
    const { service, node, updates } = this.follow;
    const fetching = { client, service, node, max: limits.followCatchUp, batch: limits.followBatch };
    const listed = await listItemIds(fetching);
    if (listed === undefined || listed.length === 0) {
      const items = await fetchNewest(fetching);
      return { items, ids: items.map(({ id }) => id) };
    }
    const unordered = updates === true ? listed : await this.#unseenIds(listed);
    if (unordered.length === 0) return { items: [], ids: listed };
    const ids = await oldestFirst(fetching, listed);
    const chosen = new Set(unordered);
    const wanted = ids.slice(-limits.followCatchUp).filter((id) => chosen.has(id));
    const items = await fetchItems(fetching, wanted, (id) => this.#warn("pubsub.item-too-large", { item: id }));
    return { items, ids };
  }

  async #unseenIds(ids: readonly string[]): Promise<string[]> {
    const { memory, name } = this.#options;
    const seen = await memory.find(
      name,
      ids.map((id) => itemKey({ id }, this.follow)),
    );
    return ids.filter((id) => !seen.has(itemKey({ id }, this.follow)));
  }

  async #takeOne(item: PublishedItem): Promise<void> {
    const { memory, name } = this.#options;
    const whole = await this.#withPayload(item);
    if (whole === undefined) return;
    const key = itemKey(whole, this.follow);
    if ((await memory.find(name, [key])).has(key)) return;
    const { payload: wanted } = this.follow;
    const kind = whole.payload === undefined ? "none" : payloadKind(whole.payload);
    if (wanted !== undefined && kind !== wanted) {
      this.#warn("pubsub.item-refused", { item: whole.id, problem: `${wanted} expected, got ${kind}` });
      await memory.put(name, key, SEEN);
    } else if (await this.#handOver(whole, key)) await memory.put(name, key, SEEN);
  }

  /** An item whose notification came without payload is fetched (XEP-0060 §6.5.8), unless it was seen. */
  async #withPayload(item: PublishedItem): Promise<PublishedItem | undefined> {
    if (item.payload !== undefined) return item;
    const { client, limits } = this.#options;
    const { service, node, updates } = this.follow;
    if (updates !== true && (await this.#unseenIds([item.id])).length === 0) return undefined;
    const fetching = { client, service, node, max: 1, batch: limits.followBatch };
    const [found] = await fetchItems(fetching, [item.id], (id) => this.#warn("pubsub.item-too-large", { item: id }));
    return found ?? item;
  }

  /** True if the handler is done with the item, or is not to get it again. */
  async #handOver(item: PublishedItem, key: string): Promise<boolean> {
    const { limits } = this.#options;
    const { service, node, handler } = this.follow;
    const followed: FollowedItem = { ...item, service, node };
    try {
      await within(this.#options.clock, limits.followHandlerMs, () => handler(followed));
      this.#attempts.delete(key);
      return true;
    } catch (error) {
      const attempts = (this.#attempts.get(key) ?? 0) + 1;
      const isLast = attempts >= limits.followAttempts;
      const { log } = this.#options;
      const facts = { service, node, item: item.id, attempts, cause: messageOf(error) };
      if (isLast) log.error("pubsub.item-given-up", facts);
      else log.warn("pubsub.item-failed", facts);
      if (isLast) this.#attempts.delete(key);
      else {
        this.#attempts.set(key, attempts);
        this.#retry();
      }
      return isLast;
    }
  }

  #failed(error: unknown): void {
    // The link says itself that it is lost, and `online` begins anew.
    if (Disconnected.is(error) && !this.#isOnline) return;
    const code = PubSubError.is(error) ? error.code : undefined;
    this.#warn("pubsub.follow-failed", { code, cause: messageOf(error) });
    this.#retry();
  }

  #retry(): void {
    this.#later(this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  #later(ms: number): void {
    this.#cancelTimer();
    if (this.#isOnline && !this.#isStopped) this.#cancelTimer = this.#options.clock.after(ms, () => this.check());
  }

  #warn(event: string, facts: Parameters<Logger["warn"]>[1]): void {
    const { service, node } = this.follow;
    this.#options.log.warn(event, { service, node, ...facts });
  }
}

// What hosted topics need kept: nodes, items, and who subscribes. The mailbox keeps it in its database, else it is kept in memory.

import type { XmlText } from "../../../xml/index.js";

/** One node that was made. */
export interface StoredNode {
  readonly node: string;
  /** Epoch milliseconds, as all times here. */
  readonly createdAt: number;
}

/** One item. */
export interface StoredItem {
  readonly id: string;
  /** The complete element. */
  readonly payload: XmlText;
  readonly publishedAt: number;
}

/** Something that subscribers have not been told yet. */
export interface PendingEvent {
  /** Grows with every publication. */
  readonly seq: number;
  readonly kind: "item" | "retract";
  readonly node: string;
  readonly item: StoredItem;
}

/** One subscription. */
export interface StoredSubscription {
  readonly node: string;
  readonly jid: string;
}

/** A subscriber who has not been told yet that a topic is gone. */
export interface TopicEnd extends StoredSubscription {
  readonly seq: number;
}

/** Whose subscriptions: at one node, of one account, or both. */
export type SubscriptionFilter = { readonly node: string } | { readonly bare: string };

/** Keeps topics. Every function is done as a whole or not at all. */
export interface TopicStore {
  /** In the order of their names. */
  nodes(): Promise<readonly StoredNode[]>;
  find(node: string): Promise<StoredNode | undefined>;
  /** False if it was there. */
  create(node: string): Promise<boolean>;
  /** Removes it with all that is in it; its subscribers are still to be told. False if it was not there. */
  delete(node: string): Promise<boolean>;
  /** Adds an item as the newest of a node that exists, in place of one with the same id; it is pending. */
  put(node: string, id: string, payload: XmlText): Promise<void>;
  /** Takes an item back; that is pending. False if there is none. */
  retract(node: string, id: string): Promise<boolean>;
  /** The items that are there, oldest first: the newest `max`, those of the ids, or both. */
  items(
    node: string,
    which: { readonly max?: number; readonly ids?: readonly string[] },
  ): Promise<readonly StoredItem[]>;
  itemIds(node: string, max: number): Promise<readonly string[]>;
  /** The oldest events that are pending, in order. */
  pending(max: number): Promise<readonly PendingEvent[]>;
  /**
   * These events are told, unless their items were changed meanwhile. Items beyond the newest of a node are then forgotten.
   *
   * @param keep how many of a node's items stay
   */
  told(events: readonly PendingEvent[], keep: (node: string) => number): Promise<void>;
  /** The oldest ends that are to be told, in order. */
  ends(max: number): Promise<readonly TopicEnd[]>;
  endsTold(ends: readonly TopicEnd[]): Promise<void>;
  /** In the order in which they were made. */
  subscriptions(filter: SubscriptionFilter): Promise<readonly StoredSubscription[]>;
  countSubscriptions(filter: SubscriptionFilter): Promise<number>;
  isSubscribed(node: string, jid: string): Promise<boolean>;
  /** Once and again is the same. */
  subscribe(node: string, jid: string, bare: string): Promise<void>;
  /** False if there was no such subscription. */
  unsubscribe(node: string, jid: string): Promise<boolean>;
}

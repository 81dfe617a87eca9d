// The topics that the gateway hosts itself, as a program has them (XEP-0060; docs/topics.md).

import type { ItemPayload, PublishedItem } from "../rpc/index.js";
import type { ItemsOptions, PubSubSubscription } from "./pubsub.js";

const TOPICS = Symbol.for("jabber-rpc.Topics");

/**
 * The topics that the gateway hosts under its own address, for handlers. Only the gateway publishes there. Import the class itself, never
 * with `import type`.
 *
 * Every method rejects with a {@link PubSubError} for what cannot be done, and with `ValueError` for what cannot be sent.
 */
export abstract class Topics {
  readonly [TOPICS] = true;

  /** True for an object of this class, also of another copy of the package. */
  static is(value: unknown): value is Topics {
    return typeof value === "object" && value !== null && TOPICS in value;
  }

  /**
   * Publishes one item, on a node that is made if it is missing, and resolves with the item's id once the item is kept: subscribers are
   * told as soon as the link is up, and again if it is not known whether they were.
   *
   * @param options.itemId an item of the same id is replaced. Default: for an Atom entry always the same for the same `id`, else a new one
   */
  abstract publish(node: string, payload: ItemPayload, options?: { readonly itemId?: string }): Promise<string>;

  /** Removes an item and tells the subscribers. Rejects with `no-such-item` when it is not there. */
  abstract retract(node: string, itemId: string): Promise<void>;

  /** The items of a node, the newest last. */
  abstract items(node: string, options?: ItemsOptions): Promise<PublishedItem[]>;

  /** Who subscribes to a node, the longest subscribed first. */
  abstract subscribers(node: string): Promise<PubSubSubscription[]>;

  /** Ends somebody's subscription. Rejects with `not-subscribed` when there is none. */
  abstract unsubscribe(node: string, jid: string): Promise<void>;

  /** The names of all nodes, in the order of their names. */
  abstract nodes(): Promise<string[]>;

  /** Makes a node without an item. True if it was not there. */
  abstract create(node: string): Promise<boolean>;

  /** Deletes a node with its items and subscriptions, and tells who subscribed. One of the settings stays, empty. */
  abstract delete(node: string): Promise<void>;
}

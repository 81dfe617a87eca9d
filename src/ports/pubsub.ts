// Publish-subscribe as a program has it: what a handler may have injected, and a gateway offers (XEP-0060).

import type { FollowOptions, ItemHandler, ItemPayload, PublishedItem } from "../rpc/index.js";

/** XEP-0060 §4.2. */
export const SUBSCRIPTION_STATES = ["none", "pending", "subscribed", "unconfigured"] as const;
/** One of {@link SUBSCRIPTION_STATES}. */
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** XEP-0060 §4.1. */
export const AFFILIATIONS = ["owner", "publisher", "publish-only", "member", "none", "outcast"] as const;
/** One of {@link AFFILIATIONS}. */
export type AffiliationName = (typeof AFFILIATIONS)[number];

/** One subscription. */
export interface PubSubSubscription {
  /** Undefined where it goes without saying. */
  readonly node?: string;
  /** Where notifications go. */
  readonly jid: string;
  /** `pending` waits for the owner; it is no error. */
  readonly state: SubscriptionState;
  /** Tells several subscriptions of one address apart; such a one is ended only with it. */
  readonly subid?: string;
}

/** One affiliation. */
export interface PubSubAffiliation {
  /** Undefined where it goes without saying. */
  readonly node?: string;
  /** Undefined in the list of one's own. */
  readonly jid?: string;
  readonly affiliation: AffiliationName;
}

/**
 * The configuration of a node, by field: `{"pubsub#title": "News", "pubsub#persist_items": true}`. The prefix `pubsub#` may be
 * left out.
 */
export type NodeConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** How something is published. */
export interface PublishOptions {
  /** An item of the same id is replaced. Default: the service chooses one. */
  readonly itemId?: string;
  /** What the node must be configured as; where it is not, nothing is published (XEP-0060 §7.1.5). */
  readonly conditions?: NodeConfig;
}

/** Which items are read. */
export interface ItemsOptions {
  /** So many of the newest. Default: as many as the service gives. */
  readonly max?: number;
  /** These and no others. */
  readonly ids?: readonly string[];
}

/** A topic that is followed. */
export interface Following {
  /** Ends it; the subscription is ended too unless `keep` says otherwise. May be called twice. */
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

/** Somebody who asks to subscribe to a node whose access model is `authorize`. */
export interface SubscriptionRequest {
  readonly service: string;
  readonly node: string;
  /** Who asks, as the service says. */
  readonly jid: string;
  readonly subid?: string;
}

/**
 * Says whether somebody may subscribe: true lets him in, false refuses. Undefined leaves him waiting, and so does what is thrown; he is
 * asked about again later.
 */
export type AdmissionHandler = (request: SubscriptionRequest) => boolean | undefined | Promise<boolean | undefined>;

/** A node at which is decided who may subscribe. */
export interface Admission {
  /** Ends it; who asks then waits. May be called twice. */
  stop(): Promise<void>;
}

const PUBSUB = Symbol.for("jabber-rpc.PubSub");

/**
 * Topics at publish-subscribe services: create, publish, subscribe, read, administer.
 *
 * Services are addresses such as `pubsub.example.org`. Every method rejects with a {@link PubSubError} for what the service
 * refuses, with `CallTimeout` or `Disconnected` where there is no answer, and with `ValueError` for what cannot be sent.
 */
export abstract class PubSub {
  readonly [PUBSUB] = true;

  /** True for an object of this class, also of another copy of the package. */
  static is(value: unknown): value is PubSub {
    return typeof value === "object" && value !== null && PUBSUB in value;
  }

  /** What the service can, as XEP-0060 §10 names it: `publish`, `create-nodes`, `persistent-items` … */
  abstract features(service: string): Promise<ReadonlySet<string>>;

  /**
   * Makes a node, configured as `config` says beyond the service's defaults.
   *
   * @param node undefined lets the service name it
   * @returns its name; rejects with `node-exists` for one that is there
   */
  abstract create(service: string, node: string | undefined, config?: NodeConfig): Promise<string>;

  /** {@link PubSub.create}, but a node that is there already is configured instead. True if it was made. */
  abstract ensure(service: string, node: string, config?: NodeConfig): Promise<boolean>;

  /** Changes the named fields of a node's configuration and leaves the others. */
  abstract configure(service: string, node: string, config: NodeConfig): Promise<void>;

  /** The configuration of a node, for its owner; every field as its values. */
  abstract configuration(service: string, node: string): Promise<Readonly<Record<string, readonly string[]>>>;

  /** Deletes a node with all that is in it. */
  abstract delete(service: string, node: string): Promise<void>;

  /** Removes every item of a node. */
  abstract purge(service: string, node: string): Promise<void>;

  /** Publishes one item and resolves with its id. */
  abstract publish(service: string, node: string, payload: ItemPayload, options?: PublishOptions): Promise<string>;

  /** Removes an item. @param notify whether subscribers are told; default true */
  abstract retract(service: string, node: string, itemId: string, notify?: boolean): Promise<void>;

  /** The items of a node, as the service orders them. */
  abstract items(service: string, node: string, options?: ItemsOptions): Promise<PublishedItem[]>;

  /** The ids of all the items of a node, in no particular order. */
  abstract itemIds(service: string, node: string): Promise<string[]>;

  /** Subscribes. @param jid where notifications go; default: this gateway. Another address must have the same bare one. */
  abstract subscribe(service: string, node: string, jid?: string): Promise<PubSubSubscription>;

  /** Ends a subscription. */
  abstract unsubscribe(
    service: string,
    node: string,
    subscription?: { readonly jid?: string; readonly subid?: string },
  ): Promise<void>;

  /** The own subscriptions, at one node or all. */
  abstract subscriptions(service: string, node?: string): Promise<PubSubSubscription[]>;

  /** The own affiliations, at one node or all. */
  abstract affiliations(service: string, node?: string): Promise<PubSubAffiliation[]>;

  /** Who subscribes to a node, for its owner. */
  abstract subscribers(service: string, node: string): Promise<PubSubSubscription[]>;

  /** Lets somebody subscribe who waits (`subscribed`), subscribes him, or ends it (`none`); for the owner. */
  abstract setSubscriber(service: string, node: string, subscription: PubSubSubscription): Promise<void>;

  /** Who waits to be let in to a node of ours; `setSubscriber` decides. */
  abstract pending(service: string, node: string): Promise<SubscriptionRequest[]>;

  /**
   * Decides who may subscribe to a node of ours whose access model is `authorize`: who waits already, and everybody who asks from now on.
   *
   * @param service an address; throws JidError for what is none
   */
  abstract admit(service: string, node: string, decide: AdmissionHandler): Admission;

  /** Who may what at a node, for its owner. */
  abstract affiliates(service: string, node: string): Promise<PubSubAffiliation[]>;

  /** Says what somebody may; for the owner. `none` takes it away. */
  abstract setAffiliate(service: string, node: string, jid: string, affiliation: AffiliationName): Promise<void>;

  /**
   * Subscribes, hands over what the node already holds and then every item as it comes, each once; what was missed while the
   * link was down is fetched.
   */
  abstract follow(service: string, node: string, handler: ItemHandler, options?: FollowOptions): Following;
}

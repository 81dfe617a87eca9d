// The port PubSub over one link.

import { type Following, PubSub } from "../../ports/index.js";
import type { FollowOptions, ItemHandler } from "../../rpc/index.js";
import type { Admissions } from "./admission.js";
import type { PubSubClient } from "./client.js";
import type { Follower } from "./follower.js";

/** Makes the port of a client, a follower, and who decides about subscribers. */
export function createPubSub(
  client: PubSubClient,
  follower: Pick<Follower, "follow">,
  admissions: Pick<Admissions, "pending" | "admit">,
): PubSub {
  return new LinkedPubSub(client, follower, admissions);
}

class LinkedPubSub extends PubSub {
  readonly features: PubSub["features"];
  readonly create: PubSub["create"];
  readonly ensure: PubSub["ensure"];
  readonly configure: PubSub["configure"];
  readonly configuration: PubSub["configuration"];
  readonly delete: PubSub["delete"];
  readonly purge: PubSub["purge"];
  readonly publish: PubSub["publish"];
  readonly retract: PubSub["retract"];
  readonly items: PubSub["items"];
  readonly itemIds: PubSub["itemIds"];
  readonly subscribe: PubSub["subscribe"];
  readonly unsubscribe: PubSub["unsubscribe"];
  readonly subscriptions: PubSub["subscriptions"];
  readonly affiliations: PubSub["affiliations"];
  readonly subscribers: PubSub["subscribers"];
  readonly setSubscriber: PubSub["setSubscriber"];
  readonly pending: PubSub["pending"];
  readonly admit: PubSub["admit"];
  readonly affiliates: PubSub["affiliates"];
  readonly setAffiliate: PubSub["setAffiliate"];
  readonly #follower: Pick<Follower, "follow">;

  constructor(
    client: PubSubClient,
    follower: Pick<Follower, "follow">,
    admissions: Pick<Admissions, "pending" | "admit">,
  ) {
    super();
    this.features = client.features;
    this.create = client.create;
    this.ensure = client.ensure;
    this.configure = client.configure;
    this.configuration = client.configuration;
    this.delete = client.delete;
    this.purge = client.purge;
    this.publish = client.publish;
    this.retract = client.retract;
    this.items = client.items;
    this.itemIds = client.itemIds;
    this.subscribe = client.subscribe;
    this.unsubscribe = client.unsubscribe;
    this.subscriptions = client.subscriptions;
    this.affiliations = client.affiliations;
    this.subscribers = client.subscribers;
    this.setSubscriber = client.setSubscriber;
    this.pending = admissions.pending;
    this.admit = admissions.admit;
    this.affiliates = client.affiliates;
    this.setAffiliate = client.setAffiliate;
    this.#follower = follower;
  }

  follow(service: string, node: string, handler: ItemHandler, options: FollowOptions = {}): Following {
    return this.#follower.follow({ ...options, service, node, handler });
  }
}

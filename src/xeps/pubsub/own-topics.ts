// A publish-subscribe client for a gateway that hosts topics itself: what is for its own address does not go over the network.

import { PubSubError, type Topics } from "../../ports/index.js";
import type { PubSubClient } from "./client.js";

/**
 * Hands what concerns the gateway's own topics to them. What only a foreign service can do is asked of the service as ever,
 * which will say so.
 *
 * @param ownTopics the topics hosted at that address; undefined for every other service
 */
export function withOwnTopics(client: PubSubClient, ownTopics: (service: string) => Topics | undefined): PubSubClient {
  return {
    ...client,
    publish: async (service, node, payload, options = {}) => {
      const own = ownTopics(service);
      if (own === undefined) return client.publish(service, node, payload, options);
      if (options.conditions !== undefined)
        throw new PubSubError("unsupported", `${service} ${node}: own topics know no conditions`);
      return own.publish(node, payload, options.itemId === undefined ? {} : { itemId: options.itemId });
    },
    retract: async (service, node, itemId, notify) => {
      const own = ownTopics(service);
      return own === undefined ? client.retract(service, node, itemId, notify) : own.retract(node, itemId);
    },
    items: async (service, node, options) => {
      const own = ownTopics(service);
      return own === undefined ? client.items(service, node, options) : own.items(node, options);
    },
    itemIds: async (service, node) => {
      const own = ownTopics(service);
      return own === undefined ? client.itemIds(service, node) : (await own.items(node)).map(({ id }) => id);
    },
    create: async (service, node, config) => {
      const own = ownTopics(service);
      if (own === undefined) return client.create(service, node, config);
      if (node === undefined) throw new PubSubError("node-required", `${service}: own topics have names`);
      if (!(await own.create(node))) throw new PubSubError("node-exists", `${service} ${node}: it is there already`);
      return node;
    },
    ensure: async (service, node, config) => {
      const own = ownTopics(service);
      return own === undefined ? client.ensure(service, node, config) : own.create(node);
    },
    delete: async (service, node) => {
      const own = ownTopics(service);
      return own === undefined ? client.delete(service, node) : own.delete(node);
    },
    subscribers: async (service, node) => {
      const own = ownTopics(service);
      return own === undefined ? client.subscribers(service, node) : own.subscribers(node);
    },
    setSubscriber: async (service, node, subscription) => {
      const own = ownTopics(service);
      if (own === undefined) return client.setSubscriber(service, node, subscription);
      if (subscription.state !== "none")
        throw new PubSubError("unsupported", `${service} ${node}: people subscribe to own topics themselves`);
      return own.unsubscribe(node, subscription.jid);
    },
  };
}

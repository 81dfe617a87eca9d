// Notifications as a subscriber reads them (XEP-0060 §7.1.2, §7.2.2, §8.2.3, §8.4.2, §8.5.2, §8.6).

import type { PubSubSubscription } from "../../ports/index.js";
import type { PublishedItem } from "../../rpc/index.js";
import { childElements, findChild, type XmlElement } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { readItems } from "./read-items.js";
import { readSubscription } from "./subscription.js";

/** One thing that happened to a node. */
export type PubSubEvent =
  | {
      readonly kind: "items";
      readonly node: string;
      /** Without a payload where the node does not send them. */
      readonly items: readonly PublishedItem[];
      /** The ids of items that are no longer there. */
      readonly retracted: readonly string[];
    }
  | { readonly kind: "purge" | "delete" | "configuration"; readonly node: string }
  | { readonly kind: "subscription"; readonly node: string; readonly subscription: PubSubSubscription };

/** The events that a message brings, in order; empty when it brings none that can be read. */
export function readEvents(message: XmlElement): PubSubEvent[] {
  const event = findChild(message, "event", PUBSUB_NS.event);
  if (event === undefined) return [];
  return childElements(event).flatMap((child) => {
    const { node } = child.attrs;
    return node === undefined || node === "" || child.ns !== event.ns ? [] : readOne(child, node);
  });
}

function readOne(child: XmlElement, node: string): PubSubEvent[] {
  switch (child.name) {
    case "items":
      return [{ kind: "items", node, items: readItems(child), retracted: readRetracted(child) }];
    case "purge":
    case "delete":
    case "configuration":
      return [{ kind: child.name, node }];
    case "subscription": {
      const subscription = readSubscription(child);
      return subscription === undefined ? [] : [{ kind: "subscription", node, subscription }];
    }
    default:
      return [];
  }
}

function readRetracted(items: XmlElement): string[] {
  return childElements(items).flatMap(({ name, ns, attrs }) =>
    name === "retract" && ns === items.ns ? (attrs["id"] ?? []) : [],
  );
}

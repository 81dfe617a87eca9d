// Notifications as a service writes them (XEP-0060 §7.1.2, §7.2.2, §8.4.2, §8.5.2).

import type { PubSubSubscription } from "../../ports/index.js";
import { element, type XmlText } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { writeSubscription } from "./subscription.js";
import { type WrittenItem, writeItem } from "./write-items.js";

/** What a service tells its subscribers. */
export type WrittenEvent =
  | { readonly kind: "items"; readonly node: string; readonly items: readonly WrittenItem[] }
  | { readonly kind: "retract"; readonly node: string; readonly ids: readonly string[] }
  | { readonly kind: "purge" | "delete"; readonly node: string }
  | { readonly kind: "subscription"; readonly subscription: PubSubSubscription };

/** The `<event/>` of a notification. */
export function writeEvent(event: WrittenEvent): XmlText {
  return element("event", { xmlns: PUBSUB_NS.event }, writeContent(event));
}

function writeContent(event: WrittenEvent): XmlText {
  switch (event.kind) {
    case "items":
      return element("items", { node: event.node }, ...event.items.map(writeItem));
    case "retract":
      return element("items", { node: event.node }, ...event.ids.map((id) => element("retract", { id })));
    case "purge":
    case "delete":
      return element(event.kind, { node: event.node });
    case "subscription":
      return writeSubscription(event.subscription);
  }
}

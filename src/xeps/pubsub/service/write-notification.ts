// Notifications of the service as stanzas (XEP-0060 §7.1.2, §7.2.2, §8.4.2, §12.18; XEP-0203).

import { element, escapeAttribute, joinXml, type XmlText } from "../../../xml/index.js";
import { NS } from "../../namespaces.js";
import { type WrittenEvent, writeEvent } from "../write-event.js";
import type { TopicConfig } from "./topic-configs.js";
import type { PendingEvent, StoredItem } from "./topic-store.js";

/** What all stanzas of a notification have in common. */
export interface Notification {
  readonly from: string;
  readonly type: TopicConfig["notificationType"];
  readonly content: XmlText;
}

/** The notification of an event that was kept. @param late whether it says when it happened, since that is a while ago */
export function notificationOf(
  { kind, node, item }: PendingEvent,
  config: TopicConfig,
  from: string,
  late: boolean,
): Notification {
  const event: WrittenEvent =
    kind === "retract" ? { kind, node, ids: [item.id] } : { kind: "items", node, items: [writtenItem(item, config)] };
  return { from, type: config.notificationType, content: joinXml([writeEvent(event), ...delay(item, from, late)]) };
}

/** The notification of a topic's end. */
export function deletionOf(node: string, config: TopicConfig, from: string): Notification {
  return { from, type: config.notificationType, content: writeEvent({ kind: "delete", node }) };
}

/** The stanza for one subscriber. */
export function writeNotification({ from, type, content }: Notification, to: string, id: string): XmlText {
  const head = `<message from='${escapeAttribute(from)}' to='${escapeAttribute(to)}' id='${id}' type='${type}'>`;
  // Attributes are escaped, the id is base64url, and the content is XmlText: the whole is well-formed.
  return `${head}${content}</message>` as XmlText;
}

function writtenItem({ id, payload }: StoredItem, { deliverPayloads }: TopicConfig) {
  return deliverPayloads ? { id, payload } : { id };
}

function delay({ publishedAt }: StoredItem, from: string, late: boolean): XmlText[] {
  return late ? [element("delay", { xmlns: NS.delay, from, stamp: new Date(publishedAt).toISOString() })] : [];
}

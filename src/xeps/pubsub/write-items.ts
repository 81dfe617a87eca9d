// Items, as publications, answers and notifications hold them (XEP-0060 §6.5.3, §7.1.1, §7.1.2).

import { element, type XmlText } from "../../xml/index.js";

/** An item as it is written: the payload is the complete element. */
export interface WrittenItem {
  /** Undefined in a publication whose id the service is to choose. */
  readonly id: string | undefined;
  /** Absent in requests for items, and in notifications without payloads. */
  readonly payload?: XmlText | undefined;
  readonly publisher?: string | undefined;
}

/** One `<item/>`, in the namespace around it. */
export function writeItem({ id, payload, publisher }: WrittenItem): XmlText {
  return element("item", { id, publisher }, ...(payload === undefined ? [] : [payload]));
}

/** The `<items/>` of a node, in the namespace around it. */
export function writeItems(node: string, items: readonly WrittenItem[], maxItems?: number): XmlText {
  return element("items", { node, max_items: maxItems?.toString() }, ...items.map(writeItem));
}

// Items, as answers and notifications hold them (XEP-0060 §6.5.3, §7.1.2).

import type { PublishedItem } from "../../rpc/index.js";
import { childElements, type XmlElement } from "../../xml/index.js";
import { readPayload } from "./read-payload.js";

/** The `<item/>` of an element, in order; one without an id is left out, since nobody could name it again. */
export function readItems(items: XmlElement): PublishedItem[] {
  return childElements(items).flatMap((item) => {
    const { id, publisher } = item.attrs;
    if (item.name !== "item" || item.ns !== items.ns || id === undefined || id === "") return [];
    const [content] = childElements(item);
    return [
      {
        id,
        ...(content === undefined ? {} : { payload: readPayload(content) }),
        ...(publisher === undefined ? {} : { publisher }),
      },
    ];
  });
}

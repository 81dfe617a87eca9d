// What a client may ask about its kept messages (XEP-0013 §2).

import { childElements, element, escapeText, joinXml, type XmlElement, type XmlText } from "../../../xml/index.js";
import { StanzaError } from "../../stanza-error.js";
import { NS_DATA_FORMS, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_OFFLINE } from "../namespaces.js";
import type { OfflineMessageEntry } from "./offline-store.js";

/** One request. */
export type OfflineRequest =
  | { readonly kind: "count" | "list" | "fetch" | "purge" }
  | { readonly kind: "view" | "remove"; readonly ids: readonly string[] };

/** Reads the payload of a request; undefined when it is about something else. Throws {@link StanzaError}. */
export function readOfflineRequest(type: string | undefined, payload: XmlElement): OfflineRequest | undefined {
  const { node } = payload.attrs;
  if (payload.name === "query" && node === NS_OFFLINE && type === "get") {
    if (payload.ns === NS_DISCO_INFO) return { kind: "count" };
    if (payload.ns === NS_DISCO_ITEMS) return { kind: "list" };
  }
  if (payload.ns !== NS_OFFLINE || payload.name !== "offline") return undefined;
  const children = childElements(payload).filter(({ ns }) => ns === NS_OFFLINE);
  const [first] = children;
  // COMPAT(slixmpp 1.8): its xep_0013 fetches by set.
  if (first?.name === "fetch") return { kind: "fetch" };
  if (first?.name === "purge" && type === "set") return { kind: "purge" };
  const action = type === "get" ? "view" : "remove";
  const ids = children.map((child) => {
    const { action: asked, node: id } = child.attrs;
    if (child.name !== "item" || id === undefined || asked !== action)
      throw new StanzaError("bad-request", { text: `items with a node and the action ${action} expected` });
    return id;
  });
  if (ids.length === 0) throw new StanzaError("bad-request", { text: "an item, fetch or purge expected" });
  return { kind: action, ids: [...new Set(ids)] };
}

/** The answer to `count`. */
export function writeCount(count: number): XmlText {
  const field = (name: string, value: string, type?: string): XmlText =>
    element("field", { var: name, type }, element("value", {}, escapeText(value)));
  return element(
    "query",
    { xmlns: NS_DISCO_INFO, node: NS_OFFLINE },
    element("identity", { category: "automation", type: "message-list" }),
    element("feature", { var: NS_OFFLINE }),
    element(
      "x",
      { xmlns: NS_DATA_FORMS, type: "result" },
      field("FORM_TYPE", NS_OFFLINE, "hidden"),
      field("number_of_messages", String(count)),
    ),
  );
}

/** The answer to `list`. */
export function writeList(account: string, entries: readonly OfflineMessageEntry[]): XmlText {
  const items = entries.map(({ id, from }) => element("item", { jid: account, node: id, name: from }));
  return element("query", { xmlns: NS_DISCO_ITEMS, node: NS_OFFLINE }, joinXml(items));
}

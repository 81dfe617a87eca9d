// Service Discovery: who we are, what we can, what else is here; derived from the registered features (XEP-0030).

import { childElements, element, type XmlElement, type XmlText } from "../xml/index.js";
import { type IqRequest, StanzaError } from "../xmpp/index.js";
import type { Feature, Identity } from "./feature.js";
import { NS } from "./namespaces.js";

/** What disco#info says about one address or node. */
export interface DiscoInfo {
  readonly identities: readonly Identity[];
  readonly features: readonly string[];
}

/** One entry of disco#items. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name?: string;
}

/**
 * Answers disco#info and disco#items for the own address. A node is known when `infoOfNode` answers for it; items
 * stand only at the root (XEP-0030 §4.1, §7: an unknown node is item-not-found, no items is an empty list).
 */
export function createDisco(options: {
  info(): DiscoInfo;
  infoOfNode?(node: string, iq: IqRequest): DiscoInfo | undefined;
  items?(iq: IqRequest): readonly DiscoItem[];
}): Feature {
  const infoFor = (iq: IqRequest): DiscoInfo => {
    const node = iq.payload.attrs["node"];
    const info = node === undefined ? options.info() : options.infoOfNode?.(node, iq);
    if (info === undefined) throw new StanzaError("item-not-found", { text: "no such node" });
    return info;
  };
  return {
    name: "disco",
    features: [NS.discoInfo, NS.discoItems],
    routes: [
      {
        type: "get",
        ns: NS.discoInfo,
        name: "query",
        handle: (iq) => writeInfo(infoFor(iq), iq.payload.attrs["node"]),
      },
      {
        type: "get",
        ns: NS.discoItems,
        name: "query",
        handle: (iq) => {
          const node = iq.payload.attrs["node"];
          if (node !== undefined) infoFor(iq);
          const items = node === undefined ? (options.items?.(iq) ?? []) : [];
          return element("query", { xmlns: NS.discoItems, node }, ...items.map((item) => element("item", { ...item })));
        },
      },
    ],
  };
}

function writeInfo(info: DiscoInfo, node: string | undefined): XmlText {
  return element(
    "query",
    { xmlns: NS.discoInfo, node },
    ...info.identities.map((identity) => element("identity", { ...identity })),
    ...info.features.map((feature) => element("feature", { var: feature })),
  );
}

/** Reads the answer to a disco#info request; what is malformed in it is left out. */
export function readDiscoInfo(result: XmlElement): DiscoInfo {
  const identities: Identity[] = [];
  const features: string[] = [];
  for (const child of queryChildren(result, NS.discoInfo)) {
    const { category, type, name, var: feature } = child.attrs;
    if (child.name === "identity" && category !== undefined && type !== undefined) {
      identities.push({ category, type, ...(name === undefined ? {} : { name }) });
    } else if (child.name === "feature" && feature !== undefined) features.push(feature);
  }
  return { identities, features };
}

/** Reads the answer to a disco#items request; entries without an address are left out. */
export function readDiscoItems(result: XmlElement): DiscoItem[] {
  const items: DiscoItem[] = [];
  for (const { name: tag, attrs } of queryChildren(result, NS.discoItems)) {
    const { jid, node, name } = attrs;
    if (tag !== "item" || jid === undefined) continue;
    items.push({ jid, ...(node === undefined ? {} : { node }), ...(name === undefined ? {} : { name }) });
  }
  return items;
}

function queryChildren(result: XmlElement, ns: string): XmlElement[] {
  const query = childElements(result).find((child) => child.name === "query" && child.ns === ns);
  return query === undefined ? [] : childElements(query);
}

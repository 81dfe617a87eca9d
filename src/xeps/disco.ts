// Service Discovery: who we are, what we can, what else is here; derived from the registered features (XEP-0030).

import { childElements, element, type XmlElement, type XmlText } from "../xml/index.js";
import { type IqRequest, StanzaError } from "../xmpp/index.js";
import type { DiscoInfo, DiscoItem, DiscoNode, Feature, Identity } from "./feature.js";
import { NS } from "./namespaces.js";

/**
 * Answers disco#info and disco#items for the own address and its nodes. A node is known when `node` answers for it
 * (XEP-0030 §4.1, §7: an unknown node is item-not-found, no items is an empty list).
 */
export function createDisco(options: {
  info(): DiscoInfo;
  items?(iq: IqRequest): Promise<readonly DiscoItem[]>;
  node?(node: string, iq: IqRequest): Promise<DiscoNode | undefined>;
}): Feature {
  const find = async (iq: IqRequest): Promise<DiscoNode> => {
    const node = iq.payload.attrs["node"];
    if (node === undefined) return { info: options.info(), items: [] };
    const known = await options.node?.(node, iq);
    if (known === undefined) throw new StanzaError("item-not-found", { text: "no such node" });
    return known;
  };
  return {
    name: "disco",
    features: [NS.discoInfo, NS.discoItems],
    routes: [
      {
        type: "get",
        ns: NS.discoInfo,
        name: "query",
        handle: async (iq) => writeInfo((await find(iq)).info, iq.payload.attrs["node"]),
      },
      {
        type: "get",
        ns: NS.discoItems,
        name: "query",
        handle: async (iq) => {
          const isOwn = iq.payload.attrs["node"] === undefined;
          const known = isOwn ? await options.items?.(iq) : (await find(iq)).items;
          const items = (known ?? []).map((item) => element("item", { ...item }));
          return element("query", { xmlns: NS.discoItems, node: iq.payload.attrs["node"] }, ...items);
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
    ...(info.forms ?? []),
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

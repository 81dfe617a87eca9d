// Entity Capabilities: a hash of disco#info in every presence, so that others know what we can without asking (XEP-0115).

import { createHash } from "node:crypto";
import { element, type XmlText } from "../xml/index.js";
import type { DiscoInfo } from "./feature.js";
import { CAPS_NODE, NS } from "./namespaces.js";

/** The verification string of XEP-0115 §5.1, for entities without extension forms. */
export function capsVersion(info: DiscoInfo): string {
  const identities = info.identities.map(({ category, type, name }) => `${category}/${type}//${name ?? ""}<`);
  const features = info.features.map((feature) => `${feature}<`);
  const text = [...sortOctets(identities), ...sortOctets(features)].join("");
  return createHash("sha1").update(text).digest("base64");
}

/** The `<c/>` element that announces `info` in presence (XEP-0115 §4). */
export function writeCaps(info: DiscoInfo): XmlText {
  return element("c", { xmlns: NS.caps, hash: "sha-1", node: CAPS_NODE, ver: capsVersion(info) });
}

/** The node under which others ask what the announced hash stands for (XEP-0115 §6.2). */
export function capsNode(info: DiscoInfo): string {
  return `${CAPS_NODE}#${capsVersion(info)}`;
}

/** i;octet collation: by UTF-8 bytes, not by UTF-16 units as JavaScript sorts. */
function sortOctets(lines: readonly string[]): string[] {
  return [...lines].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

// Descriptions of methods in service discovery: the node `describe;<method>` holds what system.describe answers
// (XEP-0030 §4.2, XEP-0128 §2; ARCHITECTURE.md, nodes).

import type { Jid } from "../jid.js";
import { type Access, describeMethod, type MethodTable } from "../rpc/index.js";
import { element, escapeText } from "../xml/index.js";
import type { Feature } from "./feature.js";
import { NS } from "./namespaces.js";

/** What descriptions are made from. */
export interface DescriptionsOptions {
  readonly table: Pick<MethodTable, "find">;
  readonly access: Pick<Access, "mayCall">;
  /** Who asks when the link stamps no sender: the own account. */
  ownJid(): Jid | undefined;
}

const PREFIX = "describe;";

/** Describes each method to whoever may call it; to others there is no such node. */
export function createDescriptions({ table, access, ownJid }: DescriptionsOptions): Feature {
  return {
    name: "descriptions",
    discoNode: (node, iq) => {
      const requester = iq.from ?? ownJid();
      if (!node.startsWith(PREFIX) || requester === undefined) return undefined;
      const name = node.slice(PREFIX.length);
      const method = access.mayCall(requester, name).allowed ? table.find(name) : undefined;
      if (method === undefined) return undefined;
      const json = escapeText(JSON.stringify(describeMethod(method.spec)));
      const form = element(
        "x",
        { xmlns: NS.dataForms, type: "result" },
        element("field", { var: "FORM_TYPE", type: "hidden" }, element("value", {}, escapeText(NS.description))),
        element("field", { var: "openrpc" }, element("value", {}, json)),
      );
      const identity = { category: "automation", type: "rpc", name };
      return { info: { identities: [identity], features: [NS.description], forms: [form] } };
    },
  };
}

// XMPP Ping: answers that we are here (XEP-0199 §4).

import type { Feature } from "./feature.js";
import { NS } from "./namespaces.js";

/** Answers pings, and advertises that. */
export function createPing(): Feature {
  return {
    name: "ping",
    features: [NS.ping],
    routes: [{ type: "get", ns: NS.ping, name: "ping", handle: () => undefined }],
  };
}

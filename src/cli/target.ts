// Which address a command talks to: a bare account address is resolved to the resource that offers Jabber-RPC.

import { parseJid } from "../jid.js";
import type { Requester } from "../requester.js";
import { NS } from "../xeps/index.js";
import { UsageError } from "./exit.js";

/** Presences of contacts arrive shortly after logging in; this long they are waited for. */
const PRESENCE_WAIT_MS = 1000;
const PRESENCE_POLL_MS = 50;

/** What an address is looked for to offer. */
interface Wanted {
  readonly feature: string;
  readonly what: string;
}

/**
 * The address to call. A domain and a full address are themselves; for `local@domain` the available resources are
 * asked whether they offer what is wanted, since servers answer for bare addresses (RFC 6121 §8.5.2.1.3).
 *
 * @throws {UsageError} when no resource is visible, or several offer it
 */
export async function resolveTarget(
  requester: Requester,
  text: string,
  wanted: Wanted = { feature: NS.rpc, what: "methods" },
): Promise<string> {
  const jid = parseJid(text);
  if (jid.local === "" || jid.resource !== "") return jid.full;
  const candidates = await offering(requester, await visibleResources(requester, jid.bare), wanted.feature);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  if (candidates.length > 1)
    throw new UsageError(`${jid.bare} offers ${wanted.what} at ${candidates.join(", ")}; name one`);
  throw new UsageError(
    `no resource of ${jid.bare} is visible to you that offers ${wanted.what}. Servers answer for bare addresses, so give the ` +
      `full one: ${jid.bare}/RESOURCE`,
  );
}

async function visibleResources(requester: Requester, bare: string): Promise<readonly string[]> {
  for (let waitedMs = 0; waitedMs < PRESENCE_WAIT_MS; waitedMs += PRESENCE_POLL_MS) {
    const resources = requester.availableResources(bare);
    if (resources.length > 0) return resources;
    await new Promise((resolve) => setTimeout(resolve, PRESENCE_POLL_MS));
  }
  return [];
}

async function offering(requester: Requester, resources: readonly string[], feature: string): Promise<string[]> {
  const answers = await Promise.all(
    resources.map(async (full) => {
      const info = await requester.discoInfo(full).catch(() => undefined);
      return info?.features.includes(feature) === true ? full : undefined;
    }),
  );
  return answers.filter((full) => full !== undefined);
}

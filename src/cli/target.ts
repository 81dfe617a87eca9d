// Which address a command talks to: a bare account address is resolved to the resource that offers Jabber-RPC.

import { parseJid } from "../jid.js";
import type { Requester } from "../requester.js";
import { NS } from "../xeps/index.js";
import { UsageError } from "./exit.js";
import { presencesSettled } from "./presences.js";

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
  await presencesSettled(requester, [jid.bare]);
  const candidates = await offering(requester, requester.availableResources(jid.bare), wanted.feature);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  if (candidates.length > 1)
    throw new UsageError(`${jid.bare} offers ${wanted.what} at ${candidates.join(", ")}; name one`);
  throw new UsageError(
    `no resource of ${jid.bare} is visible to you that offers ${wanted.what}. Servers answer for bare addresses, so give the ` +
      `full one: ${jid.bare}/RESOURCE`,
  );
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

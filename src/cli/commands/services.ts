// jabber-rpc services: the responders that a domain and the own contacts offer.

import type { Command } from "commander";
import { parseJid } from "../../jid.js";
import type { Requester } from "../../requester.js";
import { NS } from "../../xeps/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { table } from "../printable.js";

/** Adds `services` to the program. */
export function addServicesCommand(program: Command): void {
  withConnectionFlags(program.command("services [jid]"))
    .description("list responders: the items of a domain (default: your server's) and your contacts")
    .action(async (jid: string | undefined, flags: ConnectionFlags) => {
      await withRequester(flags, async (requester, own) => {
        const rows = await findResponders(requester, jid ?? own.domain);
        process.stdout.write(`${table([["JID", "SOFTWARE", "METHODS", "PRESENCE"], ...rows])}\n`);
      });
    });
}

/** More addresses than these are not asked. */
const MAX_CANDIDATES = 500;
const ANSWER_TIMEOUT_MS = 5000;

async function findResponders(requester: Requester, domain: string): Promise<string[][]> {
  const [items, contacts] = await Promise.all([
    requester.discoItems(domain).catch(() => []),
    requester.roster().catch(() => []),
  ]);
  const seen = new Set([domain, ...items.map((item) => item.jid)]);
  for (const contact of contacts) {
    for (const resource of requester.availableResources(contact)) seen.add(resource);
    if (!contact.includes("@")) seen.add(contact);
  }
  const rows = await Promise.all([...seen].slice(0, MAX_CANDIDATES).map((candidate) => describe(requester, candidate)));
  return rows.filter((row) => row !== undefined);
}

async function describe(requester: Requester, jid: string): Promise<string[] | undefined> {
  const info = await requester.discoInfo(jid).catch(() => undefined);
  if (info?.features.includes(NS.rpc) !== true) return undefined;
  const [software, methods] = await Promise.all([
    requester.softwareVersion(jid).catch(() => "unknown"),
    requester.listMethods(jid, { timeoutMs: ANSWER_TIMEOUT_MS }).then(
      (names) => String(names.length),
      () => "-",
    ),
  ]);
  const { bare, local } = parseJid(jid);
  const isVisible = local === "" || requester.availableResources(bare).length > 0;
  return [jid, software, methods, isVisible ? "available" : "unknown"];
}

// jabber-rpc services: the responders that a domain and the own contacts offer.

import type { Command } from "commander";
import { parseJid } from "../../jid.js";
import type { Requester } from "../../requester.js";
import { NS } from "../../xeps/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { presencesSettled } from "../presences.js";
import { table } from "../printable.js";

/** Adds `services` to the program. */
export function addServicesCommand(program: Command): void {
  withConnectionFlags(program.command("services [jid]"))
    .description("list responders: the items of a domain (default: your server's) and your contacts")
    .action(async (jid: string | undefined, flags: ConnectionFlags) => {
      await withRequester(flags, async (requester, own) => {
        // An address that was named has to answer; one's own server may have nothing to list.
        const items = await itemsOf(requester, jid ?? own.domain, jid !== undefined);
        const contacts = await contactsOf(requester, own.bare);
        const candidates = [...new Set([...items, ...contacts])].slice(0, MAX_CANDIDATES);
        const rows = await Promise.all(candidates.map((candidate) => describe(requester, candidate)));
        const found = rows.filter((row) => row !== undefined);
        process.stdout.write(`${table([["JID", "SOFTWARE", "METHODS", "PRESENCE"], ...found])}\n`);
      });
    });
}

/** More addresses than these are not asked. */
const MAX_CANDIDATES = 500;
const ANSWER_TIMEOUT_MS = 5000;

async function itemsOf(requester: Requester, domain: string, mustAnswer: boolean): Promise<string[]> {
  try {
    const items = await requester.discoItems(domain);
    return [domain, ...items.map((item) => item.jid)];
  } catch (error) {
    if (mustAnswer) throw error;
    return [domain];
  }
}

/** The available resources of one's contacts and of one's own account; a contact that is a domain is itself. */
async function contactsOf(requester: Requester, own: string): Promise<string[]> {
  const roster = await requester.roster().catch(() => []);
  const accounts = [own, ...roster.filter((contact) => contact.includes("@"))];
  if (accounts.length > 1) await presencesSettled(requester, accounts);
  return [
    ...roster.filter((contact) => !contact.includes("@")),
    ...accounts.flatMap((account) => requester.availableResources(account)),
  ];
}

async function describe(requester: Requester, jid: string): Promise<string[] | undefined> {
  const info = await requester.discoInfo(jid, undefined, { timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => undefined);
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

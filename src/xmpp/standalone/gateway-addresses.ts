// The addresses behind which the gateway's services are: the domain, a name under it, and a local part at it.

import { parseJid, tryParseJid } from "../../jid.js";
import type { Contact } from "./accounts.js";

/** The local part of the gateway's alias where the settings name no other. */
export const DEFAULT_ALIAS_NAME = "rpc";

/** Knows which addresses are the gateway's own. */
export class GatewayAddresses {
  readonly domain: string;
  /** The address that clients can write to which know only people. */
  readonly alias: string;
  readonly contacts: readonly Contact[];
  readonly #bare: ReadonlySet<string>;

  /** Throws `JidError` when an address is none. */
  constructor(options: {
    readonly domain: string;
    readonly service: string;
    readonly alias: string;
    readonly name: string;
  }) {
    const { name } = options;
    this.domain = parseJid(options.domain).full;
    this.alias = parseJid(options.alias).bare;
    this.#bare = new Set([this.domain, parseJid(options.service).bare, this.alias]);
    this.contacts = [
      { jid: this.domain, name },
      { jid: this.alias, name: `${name} (chat)` },
    ];
  }

  /** All of them, the domain first. */
  all(): readonly string[] {
    return [...this.#bare];
  }

  /** Whether `address`, as somebody wrote it, is the gateway's, with any resource. */
  owns(address: string): boolean {
    if (this.#bare.has(address)) return true;
    const jid = tryParseJid(address);
    return jid !== undefined && this.#bare.has(jid.bare);
  }

  /** The local part that no account may have. */
  get reservedName(): string {
    return parseJid(this.alias).local;
  }
}

// Where a client connects when the settings name no service: what the domain's DNS says (RFC 6120 §3.2; XEP-0368).

import { resolveSrv } from "node:dns/promises";
import { isIP } from "node:net";
import { LinkError } from "../link.js";
import type { DefaultPorts, Target } from "../stream/service.js";

/** One answer of DNS (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Looks up the SRV records of a name; rejects or gives none when there are none. */
export type SrvResolver = (name: string) => Promise<readonly SrvRecord[]>;

/** The registered ports of clients (RFC 6120 §14.7), and the customary one of direct TLS. */
export const CLIENT_PORTS: DefaultPorts = Object.freeze({ "xmpp:": 5222, "xmpps:": 5223 });

/**
 * The places to try for `domain`, best first; never empty. Without SRV records this is the domain itself on port 5222. Rejects with
 * {@link LinkError} `connect-failed` when the domain says that it offers no such service.
 */
export async function resolveTargets(
  domain: string,
  resolve: SrvResolver = resolveSrv,
  random = Math.random,
): Promise<Target[]> {
  if (isIP(domain) !== 0 || domain === "localhost")
    return [{ host: domain, port: CLIENT_PORTS["xmpp:"], directTls: false }];
  // A failed lookup is the same as no record: the address of the domain itself may still answer (RFC 6120 §3.2.1 step 8).
  const [direct, upgraded] = await Promise.all([
    resolve(`_xmpps-client._tcp.${domain}`).catch(() => []),
    resolve(`_xmpp-client._tcp.${domain}`).catch(() => []),
  ]);
  const found = [
    ...direct.map((record) => ({ record, directTls: true })),
    ...upgraded.map((record) => ({ record, directTls: false })),
  ];
  if (found.length === 0) return [{ host: domain, port: CLIENT_PORTS["xmpp:"], directTls: false }];
  const offered = found.filter(({ record }) => record.name !== "" && record.name !== ".");
  if (offered.length === 0) {
    throw new LinkError("connect-failed", `the DNS of ${domain} says that it offers no XMPP service to clients`);
  }
  // The weighted order of RFC 2782: the smallest of -ln(u)/weight comes first with a chance in proportion to its weight.
  return offered
    .map(({ record, directTls }) => ({
      target: { host: record.name, port: record.port, directTls },
      priority: record.priority,
      key: -Math.log(1 - random()) / Math.max(record.weight, 0.01),
    }))
    .sort((a, b) => a.priority - b.priority || a.key - b.key)
    .map(({ target }) => target);
}

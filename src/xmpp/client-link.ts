// The link of client mode: an account on somebody's server (RFC 6120; contract: streams).

import { parseJid } from "../jid.js";
import type { createClientOpening } from "./client/opening.js";
import { CLIENT_PORTS, resolveTargets, type SrvResolver } from "./client/targets.js";
import type { Link } from "./link.js";
import { readStreamError } from "./stream/connection-end.js";
import { KeptLink } from "./stream/kept-link.js";
import { parseService } from "./stream/service.js";
import { type StreamSettings, withStreamDefaults } from "./stream/stream-settings.js";
import type { TlsSettings } from "./stream/stream-socket.js";

/** The settings of a client link; everything but the address and the password has a default. */
export interface ClientLinkOptions extends StreamSettings {
  /** `xmpp://host:port` (STARTTLS) or `xmpps://host:port` (TLS from the start); absent: what the DNS of the JID's domain says. */
  readonly service?: string;
  /** `local@domain` or `local@domain/resource`; without a resource the server makes one. */
  readonly jid: string;
  readonly password: string;
  readonly tls?: TlsSettings;
  /** Allows SCRAM over a connection in clear to another machine. Default false; loopback needs no permission. */
  readonly allowPlaintext?: boolean;
  /** The least iteration count of SCRAM that is accepted from the server. Default 4096. */
  readonly minScramIterations?: number;
  /** Default 300,000: so long at most a lost session is waited for (XEP-0198 §5); the server may allow less. */
  readonly resumeWindowMs?: number;
  readonly resolveSrv?: SrvResolver;
}

/** Makes a link that does nothing until it is started. Throws `JidError` when `jid` is no address. */
export function createClientLink(options: ClientLinkOptions): Link {
  const settings = withStreamDefaults(options);
  const { local: username, domain, resource } = parseJid(options.jid);
  const { service, password, minScramIterations, resolveSrv } = options;
  const credentials = {
    username,
    password,
    ...(minScramIterations !== undefined && { minIterations: minScramIterations }),
  };
  // The library is loaded for who connects by it: a gateway that is its own server starts sooner without.
  let createOpening: typeof createClientOpening | undefined;
  return new KeptLink({
    ...settings,
    mode: "client",
    resumeWindowMs: options.resumeWindowMs ?? 300_000,
    findTargets: async () => {
      createOpening ??= (await import("./client/opening.js")).createClientOpening;
      if (service !== undefined) return [parseService(service, CLIENT_PORTS)];
      return resolveTargets(domain, resolveSrv, options.random);
    },
    connectionTo: (target, resumption) => ({
      ...settings,
      readStreamError,
      createOpening: (host) => {
        if (createOpening === undefined) throw new Error("connecting before there are targets");
        return createOpening(
          {
            connectTo: { target, domain, tls: options.tls ?? {}, alpn: "xmpp-client" },
            credentials,
            resource,
            allowPlaintext: options.allowPlaintext ?? false,
            timeoutMs: settings.onlineTimeoutMs,
            resumption,
          },
          host,
        );
      },
    }),
    pingAddresses: (jid) => ({ to: jid.domain, alsoFrom: jid.bare }),
  });
}

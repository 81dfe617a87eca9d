// The link of component mode: a domain of its own on somebody's server (XEP-0114; contract: streams).

import { parseJid } from "../jid.js";
import { addressingProblem, isAtDomain } from "./component/addresses.js";
import { createComponentOpening, readComponentError } from "./component/opening.js";
import type { Link } from "./link.js";
import { KeptLink } from "./stream/kept-link.js";
import { type DefaultPorts, parseService } from "./stream/service.js";
import { type StreamSettings, withStreamDefaults } from "./stream/stream-settings.js";
import type { TlsSettings } from "./stream/stream-socket.js";

/** The settings of a component link. */
export interface ComponentLinkOptions extends StreamSettings {
  /** `xmpp://host:port`, the server's port for components; `xmpps://` is the same as `tls: true`. Default port 5347. */
  readonly service: string;
  /** The component's domain, such as `rpc.example.org`. It is answered at every address of it. */
  readonly jid: string;
  /** The secret that the server's settings have for this component. */
  readonly password: string;
  /** TLS from the first byte (XEP-0114 knows no STARTTLS). The certificate has to be for the host of `service`. Default false. */
  readonly tls?: boolean | TlsSettings;
  /** Allows a stream in clear to another machine. Default false; loopback needs no permission. */
  readonly insecure?: boolean;
  /** Whom our pings go to. Default: the domain above the component's, `example.org` of `rpc.example.org`. */
  readonly serverDomain?: string;
  /**
   * Other connections serve the same domain (ejabberd shares its stanzas among them). An answer to one may then reach another, so no
   * pings are sent, and `flushed` only means that the bytes have left the process. Default false.
   */
  readonly replicas?: boolean;
}

/** Registered nowhere; what servers have used for twenty years. */
const COMPONENT_PORTS: DefaultPorts = Object.freeze({ "xmpp:": 5347, "xmpps:": 5347 });

/** Makes a link that does nothing until it is started. Throws `JidError` when `jid` is no address, TypeError when it is no domain. */
export function createComponentLink(options: ComponentLinkOptions): Link {
  const settings = withStreamDefaults(options);
  const jid = parseJid(options.jid);
  const { domain } = jid;
  if (jid.full !== domain) throw new TypeError(`jid ${options.jid}: a component has a domain, such as rpc.example.org`);
  const { service, password, tls = false } = options;
  return new KeptLink({
    ...settings,
    mode: "component",
    // Nothing of a component's stream outlives its connection (XEP-0198 is not defined for it).
    resumeWindowMs: 0,
    findTargets: async () => {
      const target = parseService(service, COMPONENT_PORTS);
      return [{ ...target, directTls: target.directTls || tls !== false }];
    },
    connectionTo: (target) => ({
      ...settings,
      readStreamError: (error) => readComponentError(error, domain),
      createOpening: (host) =>
        createComponentOpening(
          {
            connectTo: { target, domain: target.host, tls: typeof tls === "object" ? tls : {} },
            domain,
            secret: password,
            allowPlaintext: options.insecure ?? false,
          },
          host,
        ),
    }),
    pingAddresses: () => {
      if (options.replicas === true) return undefined;
      return { to: options.serverDomain ?? domainAbove(domain), from: domain };
    },
    refuseToSend: (stanza) => addressingProblem(stanza, jid),
    accepts: ({ attrs }) => attrs["to"] === undefined || isAtDomain(attrs["to"], domain),
  });
}

function domainAbove(domain: string): string {
  const above = domain.slice(domain.indexOf(".") + 1);
  return above === "" ? domain : above;
}

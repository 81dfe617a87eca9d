// A service of the settings as a place to connect to.

import { LinkError } from "../link.js";

/** One place to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (xmpps), instead of STARTTLS. */
  readonly directTls: boolean;
}

/** The ports of services that name none. */
export interface DefaultPorts {
  readonly "xmpp:": number;
  readonly "xmpps:": number;
}

/** Reads `xmpp://host:port` or `xmpps://host:port`. Throws {@link LinkError} `connect-failed` for anything else. */
export function parseService(service: string, defaultPorts: DefaultPorts): Target {
  const url = URL.canParse(service) ? new URL(service) : undefined;
  const protocol = url?.protocol;
  if (protocol === "ws:" || protocol === "wss:") {
    throw new LinkError(
      "connect-failed",
      `service ${service}: WebSocket needs a global WebSocket, which Node 20 has not, and is not supported yet; use xmpp:// or xmpps://`,
    );
  }
  if (url === undefined || (protocol !== "xmpp:" && protocol !== "xmpps:") || url.hostname === "") {
    throw new LinkError("connect-failed", `service ${service}: expected xmpp://host:port or xmpps://host:port`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: url.port === "" ? defaultPorts[protocol] : Number(url.port), directTls: protocol === "xmpps:" };
}

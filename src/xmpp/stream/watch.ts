// What watches over one online connection: pings to its server, and the end of a connection whose other side is gone.

import { LinkError } from "../link.js";
import type { Clock } from "./clock.js";
import type { Connection } from "./connection.js";
import { KeepAlive } from "./keep-alive.js";
import { type PingAddresses, ServerPings } from "./server-pings.js";
import type { StreamManagement } from "./stream-management.js";

/** Both undefined where nobody can be pinged; TCP's own probes remain. */
export interface Watch {
  readonly keepAlive: KeepAlive | undefined;
  readonly pings: ServerPings | undefined;
}

/** What {@link watchConnection} needs. */
export interface WatchOptions {
  readonly connection: Connection;
  readonly addresses: PingAddresses | undefined;
  readonly clock: Clock;
  readonly quietMs: number;
  /** The stream management of the moment: where it is on, a request for acknowledgement serves as the ping. */
  readonly management: () => StreamManagement | undefined;
}

/** Watches from now on; `keepAlive.stop()` and `pings.end()` end it. */
export function watchConnection({ connection, addresses, clock, quietMs, management }: WatchOptions): Watch {
  if (addresses === undefined) return { keepAlive: undefined, pings: undefined };
  const pings = new ServerPings({
    ...addresses,
    send: (stanza) => {
      if (!connection.sendAnyway(stanza)) return false;
      management()?.sent(stanza);
      keepAlive.sent();
      return true;
    },
  });
  const keepAlive: KeepAlive = new KeepAlive({
    clock,
    quietMs,
    ping: () => {
      const current = management();
      if (current?.isOn === true) current.ask();
      else pings.ping();
    },
    dead: () => connection.abandon(new LinkError("timeout", "the server does not answer any more")),
  });
  return { keepAlive, pings };
}

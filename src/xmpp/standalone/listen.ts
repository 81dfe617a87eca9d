// Opening a port, with an error that says which.

import type { AddressInfo, Server } from "node:net";
import { LinkError } from "../link.js";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens and resolves with the address in use; port 0 takes a free one. Rejects with {@link LinkError} of the given code.
 * Later trouble, such as no file descriptor left for a connection, ends nothing: it is told to `trouble`.
 */
export function listen(
  server: Server,
  { host, port }: ListenAddress,
  trouble: (error: Error) => void,
  code: "listen-failed" | "websocket-listen-failed" = "listen-failed",
): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const why = error.code === "EADDRINUSE" ? "the port is in use" : error.message;
      reject(new LinkError(code, `cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      server.on("error", trouble);
      // A server that listens on a port has an address with one.
      const { address, port: used } = server.address() as AddressInfo;
      resolve({ host: address, port: used });
    });
  });
}

/** Stops listening; connections go on. */
export function closeServer(server: Server | undefined): Promise<void> {
  if (server === undefined || !server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

// A wire between a link and its server that a test can cut.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** See the file's head. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection with RST, to both sides; new ones are carried again. */
  cut(): void;
  stop(): Promise<void>;
}

/** Carries every connection to `port` of 127.0.0.1. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const hold = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port });
    hold(near);
    hold(far);
    near.pipe(far).pipe(near);
    far.on("error", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    stop: async () => {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

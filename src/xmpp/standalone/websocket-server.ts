// The WebSocket side of the endpoint (RFC 7395; RFC 6455): an HTTP server that answers upgrades on one path and nothing else.

import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { XmlLimits } from "../../xml/index.js";
import type { Channel } from "./channel.js";
import { closeServer, type ListenAddress, listen } from "./listen.js";
import type { TlsMaterial } from "./tls.js";
import { WebSocketChannel } from "./websocket-channel.js";

/** What an {@link XmppWebSocketServer} is made of. */
export interface WebSocketServerOptions {
  readonly path: string;
  /** The `Origin`s of pages that may connect; programs that are no browsers send none and may always. */
  readonly origins: readonly string[];
  /** Undefined: in clear. */
  readonly tls: TlsMaterial | undefined;
  /** The limits of a stranger's messages. */
  readonly limits: Partial<XmlLimits>;
  /** The largest message after authentication. */
  readonly maxMessageBytes: number;
  readonly accept: (channel: Channel) => void;
  /** Is told what goes wrong while it listens. */
  readonly trouble: (error: Error) => void;
}

const SUBPROTOCOL = "xmpp";
/** A request that is not complete by then is dropped. */
const UPGRADE_TIMEOUT_MS = 10_000;

/** Listens for WebSockets. */
export class XmppWebSocketServer {
  readonly #options: WebSocketServerOptions;
  readonly #http: HttpServer | HttpsServer;
  readonly #webSockets: WebSocketServer;

  constructor(options: WebSocketServerOptions) {
    this.#options = options;
    const timeouts = { headersTimeout: UPGRADE_TIMEOUT_MS, requestTimeout: UPGRADE_TIMEOUT_MS };
    this.#http =
      options.tls === undefined
        ? createHttpServer(timeouts)
        : createHttpsServer({ ...options.tls, ...timeouts, minVersion: "TLSv1.2" });
    this.#http.on("request", (_request, response) => {
      response.writeHead(426, { Connection: "close", Upgrade: "websocket" }).end();
    });
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  listen(address: ListenAddress): Promise<ListenAddress> {
    return listen(this.#http, address, this.#options.trouble, "websocket-listen-failed");
  }

  reload(tls: TlsMaterial): void {
    if ("setSecureContext" in this.#http) this.#http.setSecureContext({ ...tls, minVersion: "TLSv1.2" });
  }

  /** Stops listening, and drops requests that are not WebSockets. */
  close(): Promise<void> {
    const closed = closeServer(this.#http);
    this.#http.closeAllConnections();
    return closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      socket.on("error", () => undefined);
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { limits, tls } = this.#options;
      // An HTTP server gives the socket it accepted, under the name of what it can be in general.
      this.#options.accept(
        new WebSocketChannel(webSocket, socket as Socket, { limits, isEncrypted: tls !== undefined }),
      );
    });
  }

  #refusal(request: IncomingMessage): string | undefined {
    const { origin, "sec-websocket-protocol": protocols = "" } = request.headers;
    const path = (request.url ?? "").split("?")[0];
    if (path !== this.#options.path) return "404 Not Found";
    if (origin !== undefined && !this.#options.origins.includes(origin)) return "403 Forbidden";
    const isXmpp = protocols.split(",").some((name) => name.trim() === SUBPROTOCOL);
    return isXmpp ? undefined : "400 Bad Request";
  }
}

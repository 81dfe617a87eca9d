// Certificates of the endpoint, and TLS over a connection that is there already (RFC 6120 §5; RFC 7590).

import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createSecureContext, createServer, type Server, type TLSSocket } from "node:tls";
import { messageOf } from "../../message-of.js";
import { LinkError } from "../link.js";

/** A certificate chain and its key: each PEM text, or the path of a file that holds it. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** PEM text as it is used. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Reads and checks a certificate and its key. Throws {@link LinkError} `tls-failed` that names the file. */
export function readTlsMaterial(files: TlsFiles): TlsMaterial {
  const material = { cert: readPem(files.cert), key: readPem(files.key) };
  try {
    createSecureContext(material);
  } catch (error) {
    throw new LinkError("tls-failed", `the certificate and its key cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return material;
}

function readPem(textOrPath: string): string {
  if (textOrPath.includes("-----BEGIN")) return textOrPath;
  try {
    return readFileSync(textOrPath, "utf8");
  } catch (error) {
    throw new LinkError("tls-failed", `${textOrPath} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Makes TLS connections of accepted ones. */
export class TlsUpgrader {
  /** It never listens: sockets are handed to it, so that verification, timeouts and reloading are those of a real server. */
  readonly #server: Server;
  readonly #waiting = new Map<string, (socket: TLSSocket) => void>();

  constructor(material: TlsMaterial) {
    this.#server = createServer({ ...material, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
    this.#server.on("secureConnection", (socket) => {
      const key = peerKey(socket);
      const secured = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (secured === undefined) socket.destroy();
      else secured(socket);
    });
    this.#server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  /** Begins a handshake; when it fails the socket is destroyed and `secured` never called. */
  upgrade(socket: Socket, secured: (socket: TLSSocket) => void): void {
    const key = peerKey(socket);
    this.#waiting.set(key, secured);
    socket.once("close", () => {
      if (this.#waiting.get(key) === secured) this.#waiting.delete(key);
    });
    this.#server.emit("connection", socket);
  }

  /** New connections get this certificate; old ones keep theirs. */
  reload(material: TlsMaterial): void {
    this.#server.setSecureContext({ ...material, minVersion: "TLSv1.2" });
  }
}

/** The TLS server tells nothing of the socket it was given but its addresses, which are unlike any other's while it lives. */
function peerKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}

// One TCP connection, upgraded to TLS in place, in the form that @xmpp/client expects of a socket (RFC 6120 §3, §5).
// It replaces the library's two: those leave Nagle's algorithm on, know no `ca`, and verify the host instead of the domain.

import { EventEmitter } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { domainToASCII } from "node:url";
import { LinkError } from "../link.js";
import type { Target } from "./service.js";

/** How the server's certificate is checked. */
export interface TlsSettings {
  /** Certificates in PEM that are trusted instead of the ones that come with Node. */
  readonly ca?: string;
  /** Takes any certificate: for experiments only, since anybody on the way can then read and change everything. */
  readonly insecure?: boolean;
}

/** What {@link StreamSocket.connect} needs. */
export interface SocketParameters {
  readonly target: Target;
  /** The domain that the certificate must be for; the host may be any (RFC 6120 §13.7.2.1). */
  readonly domain: string;
  readonly tls: TlsSettings;
  /** What direct TLS negotiates by ALPN (XEP-0368 §4); nothing when absent. */
  readonly alpn?: string;
}

/** TCP's own probes start after so long a silence; with Linux's ten probes a second apart a dead peer is found in 40 s. */
const PROBE_AFTER_MS = 30_000;

/** Events: `connect`, `data` (a chunk), `error` (a {@link LinkError}), `close` (always last, once). */
export class StreamSocket extends EventEmitter {
  /** Read by the library, which sends our address in the header only when this is true. */
  secure = false;
  #socket: Socket | undefined;
  #parameters: SocketParameters | undefined;
  /** Connected, and not in the middle of a TLS handshake. */
  #isReady = false;
  #closed = false;

  constructor() {
    super();
    // An error after everybody has lost interest must not become an uncaught exception.
    this.on("error", () => undefined);
  }

  /** Bytes that were written and have not reached the kernel. */
  get unsentBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** True when the other end is this machine: what is sent in clear does not leave it. */
  get isLoopback(): boolean {
    const address = this.#socket?.remoteAddress ?? "";
    return address === "::1" || address.replace(/^::ffff:/, "").startsWith("127.");
  }

  connect(parameters: SocketParameters): void {
    this.#parameters = parameters;
    const { host, port, directTls } = parameters.target;
    const socket = connectTcp({ host, port });
    this.#adopt(socket, "connect-failed", `${host}:${port}`);
    socket.once("connect", () => {
      // Nagle's algorithm with the peer's delayed acknowledgement costs 40 ms a call.
      socket.setNoDelay(true);
      socket.setKeepAlive(true, PROBE_AFTER_MS);
      if (!directTls) this.emit("connect");
      else
        void this.startTls().then(
          () => this.emit("connect"),
          () => undefined,
        );
    });
  }

  /** Puts TLS on the connection. Rejects with {@link LinkError} `tls-failed`; the socket is then closed. */
  startTls(): Promise<void> {
    const plain = this.#socket;
    const parameters = this.#parameters;
    if (plain === undefined || parameters === undefined)
      return Promise.reject(new LinkError("tls-failed", "not connected"));
    const { domain, tls, target, alpn } = parameters;
    const name = isIP(domain) === 0 ? domainToASCII(domain) : domain;
    const secure = connectTls({
      socket: plain,
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(target.directTls && alpn !== undefined && { ALPNProtocols: [alpn] }),
      rejectUnauthorized: tls.insecure !== true,
    });
    this.#adopt(secure, "tls-failed", `TLS with ${domain}`);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error);
      this.once("error", failed);
      this.once("close", () => reject(new LinkError("tls-failed", `TLS with ${domain}: the connection was closed`)));
      secure.once("secureConnect", () => {
        this.removeListener("error", failed);
        this.secure = true;
        // COMPAT(Openfire, TLS 1.3): it loses a stream header that follows its handshake at once (xmpp.js#889).
        setTimeout(resolve, 1);
      });
    });
  }

  /** Writes text as UTF-8. All writes of one turn of the event loop leave in one system call. */
  write(text: string, done?: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed) {
      done?.(new LinkError("connect-failed", "the connection is closed"));
      return;
    }
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(text, "utf8", done);
  }

  /** Sends what is written, then closes. */
  end(): void {
    this.#socket?.end();
  }

  /** Sends what is written and closes, at the latest after `timeoutMs`; at once when it is not ready yet. Resolves when closed. */
  finish(timeoutMs: number): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), timeoutMs);
      this.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      if (this.#isReady) socket.end();
      else socket.destroy();
      // Nobody reads any more; left-over bytes must not keep the socket from closing.
      socket.resume();
    });
  }

  #adopt(socket: Socket, errorCode: "connect-failed" | "tls-failed", what: string): void {
    let code: "connect-failed" | "tls-failed" = errorCode;
    this.#socket = socket;
    this.#isReady = false;
    socket.once(errorCode === "tls-failed" ? "secureConnect" : "connect", () => {
      code = "connect-failed";
      this.#isReady = true;
    });
    socket.on("data", (chunk: Buffer) => {
      if (this.#socket === socket) this.emit("data", chunk);
    });
    socket.on("error", (error) => this.emit("error", new LinkError(code, describe(what, error), { cause: error })));
    socket.on("close", () => {
      if (this.#socket !== socket || this.#closed) return;
      this.#closed = true;
      this.emit("close");
    });
  }
}

/** OpenSSL's codes for a certificate that leads to nobody we trust. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function describe(what: string, error: Error): string {
  // With several addresses Node gives one error that holds the others and says nothing itself.
  if (error instanceof AggregateError && error.message === "") {
    return `${what}: ${error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join("; ")}`;
  }
  const hint = "code" in error && UNTRUSTED.has(error.code) ? "; the setting tls.ca says whom to trust" : "";
  return `${what}: ${error.message}${hint}`;
}

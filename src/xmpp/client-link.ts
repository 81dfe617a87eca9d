// The link of client mode: an account on somebody's server (RFC 6120; contract: streams). It comes up once, and then keeps itself up.

import { type Jid, parseJid } from "../jid.js";
import { type Logger, silentLogger } from "../observe/index.js";
import { element, XML_LIMITS, type XmlElement, type XmlLimits, type XmlText } from "../xml/index.js";
import { BackOff, type RetryPace } from "./client/back-off.js";
import { type Clock, systemClock } from "./client/clock.js";
import { Connection, type ConnectionOptions, type ConnectionSecurity } from "./client/connection.js";
import { type ConnectionEnd, messageOf, thrownEnd } from "./client/connection-end.js";
import { KeepAlive } from "./client/keep-alive.js";
import { ServerPings } from "./client/server-pings.js";
import type { TlsSettings } from "./client/stream-socket.js";
import { parseService, resolveTargets, type SrvResolver, type Target } from "./client/targets.js";
import { type Link, LinkError, type LinkListener } from "./link.js";

/** The settings of a client link; everything but the address and the password has a default. */
export interface ClientLinkOptions {
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
  /** Limits of the server's stanzas once online; a stanza over one is skipped and told. Default {@link XML_LIMITS}. */
  readonly limits?: Partial<XmlLimits>;
  /** Default 10,000: until the socket is connected. */
  readonly connectTimeoutMs?: number;
  /** Default 20,000: from there until the link is online. */
  readonly onlineTimeoutMs?: number;
  /** Default 1,000: how long the server may take to close its side. */
  readonly closeTimeoutMs?: number;
  /** Default 15,000: see {@link KeepAlive}. */
  readonly keepAliveQuietMs?: number;
  /** Default 4 MiB: with more waiting for the network `send` takes nothing. */
  readonly maxUnsentBytes?: number;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly resolveSrv?: SrvResolver;
}

/** After so long online the next loss is a new one, not the continuation of the last. */
const STABLE_AFTER_MS = 30_000;

/** Makes a link that does nothing until it is started. Throws `JidError` when `jid` is no address. */
export function createClientLink(options: ClientLinkOptions): Link {
  return new ClientLink(options);
}

/** A server that is not authenticated yet has nothing long to say. */
const NEGOTIATING_LIMITS: XmlLimits = { ...XML_LIMITS, maxStanzaBytes: 10_000 };

interface Starting {
  resolve(jid: Jid): void;
  reject(error: LinkError): void;
}

/** What lives as long as one online connection. */
interface Session {
  readonly keepAlive: KeepAlive;
  readonly pings: ServerPings;
  readonly cancelStable: () => void;
}

class ClientLink implements Link {
  readonly mode = "client";
  readonly #options: ClientLinkOptions;
  readonly #address: Jid;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  #phase: "idle" | "running" | "stopped" = "idle";
  #listener: LinkListener | undefined;
  #starting: Starting | undefined;
  #connection: Connection | undefined;
  #session: Session | undefined;
  #jid: Jid | undefined;
  #cancelRetry: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ClientLinkOptions) {
    this.#options = options;
    this.#address = parseJid(options.jid);
    this.#log = options.log ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#backOff = new BackOff(options.random);
  }

  get jid(): Jid | undefined {
    return this.#jid;
  }

  get isOnline(): boolean {
    return this.#session !== undefined;
  }

  start(listener: LinkListener): Promise<Jid> {
    if (this.#phase === "stopped") return Promise.reject(new LinkError("stopped", "the link was stopped"));
    if (this.#phase === "running") return Promise.reject(new LinkError("stopped", "the link was started before"));
    this.#phase = "running";
    this.#listener = listener;
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      void this.#connect();
    });
  }

  send(stanza: XmlText): boolean {
    const taken = this.#connection?.send(stanza) === true;
    if (taken) this.#session?.keepAlive.sent();
    return taken;
  }

  announce(content: XmlText): void {
    this.send(element("presence", {}, content));
  }

  flushed(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return Promise.reject(new LinkError("stream-error", "the link is offline"));
    return session.pings.confirm();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const error = new LinkError("stopped", "the link was stopped");
    this.#phase = "stopped";
    this.#cancelRetry?.();
    const connection = this.#connection;
    if (connection === undefined) this.#settleStart(error);
    else await connection.close(error);
  }

  /** Tries each target until one answers; what happens then is told by the connection's events. */
  async #connect(): Promise<void> {
    let targets: Target[];
    try {
      targets = await this.#findTargets();
    } catch (error) {
      this.#lost(thrownEnd(error, "connect-failed"));
      return;
    }
    this.#tryTargets(targets);
  }

  async #findTargets(): Promise<Target[]> {
    const { service, resolveSrv, random } = this.#options;
    if (service !== undefined) return [parseService(service)];
    return resolveTargets(this.#address.domain, resolveSrv, random);
  }

  #tryTargets([target, ...others]: Target[]): void {
    if (this.#phase !== "running" || target === undefined) return;
    const connection = new Connection(this.#connectionOptions(target), {
      online: (jid, security) => this.#wentOnline(jid, security),
      received: () => this.#session?.keepAlive.received(),
      stanza: (stanza) => this.#received(stanza),
      oversize: (stanza) => this.#tell((listener) => listener.oversize(stanza)),
      ended: (end) => {
        this.#connection = undefined;
        const unreachable = end.error.code === "connect-failed" && this.#session === undefined;
        if (unreachable && others.length > 0 && this.#phase === "running") this.#tryTargets(others);
        else this.#lost(end);
      },
    });
    this.#connection = connection;
  }

  #connectionOptions(target: Target): ConnectionOptions {
    const { password, tls = {}, minScramIterations, limits } = this.#options;
    const { local: username, domain, resource } = this.#address;
    return {
      socket: { target, domain, tls },
      credentials: {
        username,
        password,
        ...(minScramIterations !== undefined && { minIterations: minScramIterations }),
      },
      resource,
      allowPlaintext: this.#options.allowPlaintext ?? false,
      limits: { negotiating: NEGOTIATING_LIMITS, online: { ...XML_LIMITS, ...limits } },
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 10_000,
      onlineTimeoutMs: this.#options.onlineTimeoutMs ?? 20_000,
      closeTimeoutMs: this.#options.closeTimeoutMs ?? 1_000,
      maxUnsentBytes: this.#options.maxUnsentBytes ?? 4 * 1024 * 1024,
      clock: this.#clock,
    };
  }

  #wentOnline(jid: Jid, security: ConnectionSecurity): void {
    const pings = new ServerPings({
      jid,
      send: (stanza) => {
        keepAlive.sent();
        return this.#connection?.sendPing(stanza) === true;
      },
    });
    const keepAlive: KeepAlive = new KeepAlive({
      clock: this.#clock,
      quietMs: this.#options.keepAliveQuietMs ?? 15_000,
      ping: () => pings.ping(),
      dead: () => this.#connection?.abandon(new LinkError("timeout", "the server does not answer any more")),
    });
    const cancelStable = this.#clock.after(STABLE_AFTER_MS, () => this.#backOff.reset());
    this.#session = { pings, keepAlive, cancelStable };
    this.#jid = jid;
    this.#log.info("link.online", { jid: jid.full, ...security });
    const starting = this.#starting;
    this.#starting = undefined;
    this.#tell((listener) => listener.online(jid));
    starting?.resolve(jid);
  }

  #received(stanza: XmlElement): void {
    if (this.#session?.pings.take(stanza) === true) return;
    this.#tell((listener) => listener.stanza(stanza));
  }

  /** The connection, or the attempt to get one, is over. */
  #lost({ error, pace }: ConnectionEnd): void {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) {
      session.cancelStable();
      session.keepAlive.stop();
      session.pings.end(error);
      this.#tell((listener) => listener.offline(error.message));
    }
    if (this.#phase === "stopped") {
      this.#settleStart(new LinkError("stopped", "the link was stopped", { cause: error }));
    } else if (this.#starting !== undefined) {
      this.#phase = "idle";
      this.#settleStart(error);
    } else {
      this.#retryLater(error, pace);
    }
  }

  #retryLater(error: LinkError, pace: RetryPace): void {
    const delayMs = this.#backOff.next(pace);
    this.#log.warn("link.offline", { code: error.code, reason: error.message, retryInMs: delayMs });
    this.#cancelRetry = this.#clock.after(delayMs, () => {
      this.#cancelRetry = undefined;
      void this.#connect();
    });
  }

  #settleStart(error: LinkError): void {
    this.#starting?.reject(error);
    this.#starting = undefined;
  }

  /** The listener may not throw; if it does, that must not end the connection, nor the process. */
  #tell(say: (listener: LinkListener) => void): void {
    try {
      if (this.#listener !== undefined) say(this.#listener);
    } catch (error) {
      this.#log.error("link.listener-threw", { reason: messageOf(error) });
    }
  }
}

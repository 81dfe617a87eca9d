// A link that comes up once and then keeps itself up: reconnection, half-open connections, resumption (contract: streams). What differs
// between a client and a component is in its options.

import type { Jid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { XmlElement, XmlText } from "../../xml/index.js";
import { type Link, LinkError, type LinkListener, type LinkMode } from "../link.js";
import { BackOff, type RetryPace } from "./back-off.js";
import type { Clock } from "./clock.js";
import { Connection, type ConnectionOptions, type Online } from "./connection.js";
import { type ConnectionEnd, thrownEnd } from "./connection-end.js";
import { NS_MANAGEMENT } from "./namespaces.js";
import type { Resumption } from "./opening.js";
import type { PingAddresses } from "./server-pings.js";
import type { Target } from "./service.js";
import { type ManagementBreach, StreamManagement } from "./stream-management.js";
import { type Watch, watchConnection } from "./watch.js";

/** What a kept link is made of. */
export interface KeptLinkOptions {
  readonly mode: LinkMode;
  /** The places to try, best first. */
  readonly findTargets: () => Promise<Target[]>;
  /** How to connect to one of them; `resumption` names the session to go on with, if there is one. */
  readonly connectionTo: (target: Target, resumption: Resumption | undefined) => ConnectionOptions;
  /** Whom pings go to once online as `jid`; undefined when answers cannot be relied on, so that none are sent. */
  readonly pingAddresses: (jid: Jid) => PingAddresses | undefined;
  /** Why a stanza must not be sent; undefined when it may. */
  readonly refuseToSend?: (stanza: XmlText) => string | undefined;
  /** False for a stanza that is not for us; it is dropped. */
  readonly accepts?: (element: XmlElement) => boolean;
  readonly keepAliveQuietMs: number;
  /** So long at most a lost session is waited for; the server may allow less. */
  readonly resumeWindowMs: number;
  readonly maxUnacked: number;
  readonly maxUnackedCharacters: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: (() => number) | undefined;
}

/** After so long online the next loss is a new one, not the continuation of the last. */
const STABLE_AFTER_MS = 30_000;

/** What stream management counts (XEP-0198 §4). */
const STANZA_NAMES: ReadonlySet<string> = new Set(["iq", "message", "presence"]);

interface Starting {
  resolve(jid: Jid): void;
  reject(error: LinkError): void;
}

/** What lives as long as one online connection. */
interface Attached extends Watch {
  readonly connection: Connection;
  readonly cancelStable: () => void;
}

/** A session as its listener sees it, from `online` to `offline`; a resumed one has had several connections. */
interface Session {
  readonly jid: Jid;
  readonly management: StreamManagement | undefined;
}

/** See the file's head. */
export class KeptLink implements Link {
  readonly #options: KeptLinkOptions;
  readonly #backOff: BackOff;
  #phase: "idle" | "running" | "stopped" = "idle";
  #listener: LinkListener | undefined;
  #starting: Starting | undefined;
  #connection: Connection | undefined;
  #attached: Attached | undefined;
  #session: Session | undefined;
  #jid: Jid | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelWindow: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: KeptLinkOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.random);
  }

  get mode(): LinkMode {
    return this.#options.mode;
  }

  get jid(): Jid | undefined {
    return this.#jid;
  }

  get isOnline(): boolean {
    return this.#attached !== undefined;
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
    const attached = this.#attached;
    if (attached === undefined) return false;
    const problem = this.#options.refuseToSend?.(stanza);
    if (problem !== undefined) {
      this.#options.log.error("link.stanza-refused", { problem });
      return false;
    }
    if (!attached.connection.send(stanza)) return false;
    this.#session?.management?.sent(stanza);
    attached.keepAlive?.sent();
    return true;
  }

  flushed(): Promise<void> {
    const management = this.#session?.management;
    if (management?.isOn === true) return management.confirm();
    if (this.#attached !== undefined) {
      const { connection, pings } = this.#attached;
      return pings === undefined ? connection.handedOver() : pings.confirm();
    }
    return Promise.reject(new LinkError("stream-error", "the link is offline"));
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
    if (connection === undefined) {
      this.#endSession(error);
      this.#settleStart(error);
      return;
    }
    const management = this.#session?.management;
    await connection.close(error, management?.isOn === true ? management.writeAck() : "");
  }

  /** Tries each target until one answers; what happens then is told by the connection's events. */
  async #connect(): Promise<void> {
    let targets: Target[];
    try {
      targets = await this.#options.findTargets();
    } catch (error) {
      this.#lost(thrownEnd(error, "connect-failed"));
      return;
    }
    this.#tryTargets(targets);
  }

  #tryTargets([target, ...others]: Target[]): void {
    if (this.#phase !== "running" || target === undefined) return;
    const connection = new Connection(this.#options.connectionTo(target, this.#resumption()), {
      online: (online) => this.#attach(connection, online),
      received: () => this.#attached?.keepAlive?.received(),
      element: (element) => this.#received(element),
      oversize: (stanza) => {
        // A start tag over the limit has no name; on a server's stream it is a stanza all the same.
        if (stanza.head.name === "" || STANZA_NAMES.has(stanza.head.name)) this.#session?.management?.received();
        this.#tell((listener) => listener.oversize(stanza));
      },
      drained: () => this.#tell((listener) => listener.resumed?.()),
      ended: (end) => {
        this.#connection = undefined;
        const unreachable = end.error.code === "connect-failed" && this.#attached === undefined;
        if (unreachable && others.length > 0 && this.#phase === "running") this.#tryTargets(others);
        else this.#lost(end);
      },
    });
    this.#connection = connection;
  }

  #resumption(): Resumption | undefined {
    const resumption = this.#session?.management?.resumption;
    if (this.#session === undefined || resumption === undefined) return undefined;
    return { ...resumption, address: this.#session.jid.full };
  }

  #attach(connection: Connection, { jid, management, mechanism, encrypted }: Online): void {
    if (typeof management === "object" && this.#session === undefined) {
      connection.abandon(new LinkError("timeout", "the session was resumed after its time had ended"));
      return;
    }
    const { clock, keepAliveQuietMs: quietMs, pingAddresses } = this.#options;
    const session = (): StreamManagement | undefined => this.#session?.management;
    const watch = watchConnection({ connection, clock, quietMs, addresses: pingAddresses(jid), management: session });
    const cancelStable = clock.after(STABLE_AFTER_MS, () => this.#backOff.reset());
    this.#attached = { connection, cancelStable, ...watch };
    const security = { mechanism, encrypted };
    if (typeof management === "object" && this.#session?.management !== undefined) {
      this.#options.log.info("link.resumed", { jid: jid.full, ...security });
      this.#resume(this.#session.management, management.handled);
    } else {
      // Before the log says that the next session has begun, the listener knows that the last one is over.
      this.#endSession(new LinkError("stream-error", "the session could not be resumed"));
      this.#options.log.info("link.authenticated", { jid: jid.full, ...security });
      this.#begin(jid, management === "offered");
    }
  }

  #begin(jid: Jid, offersManagement: boolean): void {
    const management = offersManagement ? this.#createManagement() : undefined;
    this.#session = { jid, management };
    this.#jid = jid;
    management?.enable();
    const starting = this.#starting;
    this.#starting = undefined;
    this.#tell((listener) => listener.online(jid));
    starting?.resolve(jid);
  }

  #createManagement(): StreamManagement {
    const { clock, maxUnacked, maxUnackedCharacters } = this.#options;
    const write = (text: XmlText): void => {
      if (this.#attached?.connection.sendAnyway(text) === true) this.#attached.keepAlive?.sent();
    };
    return new StreamManagement({ clock, write, maxUnacked, maxUnackedCharacters });
  }

  #resume(management: StreamManagement, handled: string | undefined): void {
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    const breach = management.resume(handled);
    if (breach !== undefined) this.#refuse(breach);
    else this.#tell((listener) => listener.resumed?.());
  }

  #refuse({ condition, message, application }: ManagementBreach): void {
    this.#attached?.connection.refuse(condition, message, application);
  }

  #received(element: XmlElement): void {
    const session = this.#session;
    if (element.ns === NS_MANAGEMENT) {
      const breach = session?.management?.read(element);
      if (breach !== undefined) this.#refuse(breach);
      return;
    }
    if (STANZA_NAMES.has(element.name)) session?.management?.received();
    if (this.#attached?.pings?.take(element) === true) return;
    if (this.#options.accepts?.(element) === false) {
      this.#options.log.warn("link.stanza-not-for-us", { to: element.attrs["to"], from: element.attrs["from"] });
      return;
    }
    this.#tell((listener) => listener.stanza(element));
  }

  /** The connection, or the attempt to get one, is over. */
  #lost({ error, pace, isCut = false }: ConnectionEnd): void {
    const attached = this.#attached;
    this.#attached = undefined;
    if (attached !== undefined) {
      attached.cancelStable();
      attached.keepAlive?.stop();
      attached.pings?.end(error);
      if (isCut && this.#phase === "running" && this.#resumption() !== undefined) this.#suspend(error);
      else this.#endSession(error);
    }
    if (this.#phase === "stopped") {
      this.#endSession(new LinkError("stopped", "the link was stopped", { cause: error }));
      this.#settleStart(new LinkError("stopped", "the link was stopped", { cause: error }));
    } else if (this.#starting !== undefined) {
      this.#phase = "idle";
      this.#settleStart(error);
    } else {
      this.#retryLater(error, pace);
    }
  }

  /** The session may be resumed: its listener waits, but not for ever. */
  #suspend(error: LinkError): void {
    const { clock, resumeWindowMs } = this.#options;
    const windowMs = Math.min(resumeWindowMs, this.#session?.management?.resumeMs ?? resumeWindowMs);
    this.#cancelWindow = clock.after(windowMs, () => {
      this.#endSession(new LinkError("timeout", `${error.message}, and was not resumed within ${windowMs} ms`));
    });
    this.#tell((listener) => listener.suspended?.(error.message));
  }

  #endSession(error: LinkError): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    session.management?.end(error);
    this.#tell((listener) => listener.offline(error.message));
  }

  #retryLater(error: LinkError, pace: RetryPace): void {
    const delayMs = this.#backOff.next(pace);
    this.#options.log.warn("link.retry", { code: error.code, reason: error.message, retryInMs: delayMs });
    this.#cancelRetry = this.#options.clock.after(delayMs, () => {
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
      this.#options.log.error("link.listener-threw", { reason: messageOf(error) });
    }
  }
}

// The link of stand-alone mode: XMPP clients connect to the gateway itself, and no server is needed (RFC 6120; protocol.md §6).

import { createServer, type Server } from "node:net";
import { type Jid, parseJid } from "../../jid.js";
import { type Logger, silentLogger } from "../../observe/index.js";
import { XML_LIMITS, type XmlLimits, type XmlText } from "../../xml/index.js";
import { type Link, LinkError, type LinkListener } from "../link.js";
import { createIdSource } from "../stanza-id.js";
import { type Clock, systemClock } from "../stream/clock.js";
import type { AccountStore, Contact } from "./accounts.js";
import type { Channel } from "./channel.js";
import { Endpoint } from "./endpoint.js";
import { DEFAULT_ALIAS_NAME, GatewayAddresses } from "./gateway-addresses.js";
import { type StandaloneLimits, withStandaloneDefaults } from "./limits.js";
import { closeServer, type ListenAddress, listen } from "./listen.js";
import { NS_OFFLINE } from "./namespaces.js";
import { OfflineMail } from "./offline/offline-mail.js";
import { createMemoryOfflineStore, type OfflineStore } from "./offline/offline-store.js";
import { isLoopbackHost } from "./peer-address.js";
import { preferred, Router } from "./router.js";
import { Seats } from "./seats.js";
import { TcpChannel } from "./tcp-channel.js";
import { readTlsMaterial, type TlsFiles, type TlsMaterial, TlsUpgrader } from "./tls.js";
import type { XmppWebSocketServer } from "./websocket-server.js";

/** The settings of a stand-alone link; everything but the domain and the accounts has a default. */
export interface StandaloneLinkOptions {
  /** The domain that is served; the gateway's own address. */
  readonly domain: string;
  readonly accounts: AccountStore;
  /** Default 127.0.0.1, port 5222; port 0 takes a free one. A host off loopback needs `tls` or `allowPlaintext`. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly tls?: TlsFiles;
  /** Default none. Same rules for the host as `listen`. */
  readonly websocket?: WebSocketListenOptions;
  /** Lets anybody in under a random name (RFC 4505). Default false. */
  readonly anonymous?: boolean;
  /** SCRAM over connections in clear from other machines. Default false; loopback needs no permission. */
  readonly allowPlaintext?: boolean;
  /** PLAIN over connections in clear from this machine, for accounts that only their owner can check. Default false. */
  readonly plainOnLoopback?: boolean;
  /** Further addresses of the gateway. Default `rpc.<domain>` and `rpc@<domain>`. */
  readonly service?: string;
  readonly alias?: string;
  /** What contact lists call the gateway. Default `jabber-rpc`. */
  readonly name?: string;
  /** Whether accounts can write to each other. Default false. */
  readonly clientToClient?: boolean;
  readonly limits?: Partial<StandaloneLimits & XmlLimits>;
  readonly log?: Logger;
  readonly clock?: Clock;
  /** The time of day in epoch milliseconds, which kept messages are stamped with. Default: the machine's. */
  readonly wallNow?: () => number;
}

/** Where WebSocket clients connect (RFC 7395). */
export interface WebSocketListenOptions {
  /** Default that of `listen`. */
  readonly host?: string;
  /** Default 5280. */
  readonly port?: number;
  /** Default `/xmpp-websocket`. */
  readonly path?: string;
  /** The `Origin`s of web pages that may connect, such as `https://app.example.org`. Default none. */
  readonly origins?: readonly string[];
  /** `wss` with the certificate of `tls`. Default true if there is one; false is for a proxy in front. */
  readonly tls?: boolean;
}

/** A link that clients connect to. */
export interface StandaloneLink extends Link {
  /** Where TCP clients connect; undefined before the start. */
  readonly listening: ListenAddress | undefined;
  /** Where WebSocket clients connect; undefined without them. */
  readonly websocketUrl: string | undefined;
  /** All addresses of the gateway, the domain first: what disco#items shows. */
  readonly addresses: readonly string[];
  /** How many connections there are. */
  readonly connections: number;
  /** What the gateway's presence holds from now on; who is available sees it at once. Before the first time it is empty. */
  announce(content: XmlText): void;
  /** Reads the certificate again, or takes another: for connections from now on. Throws {@link LinkError} and changes nothing. */
  reloadTls(files?: TlsFiles): void;
}

/** Makes a link that does nothing until it is started. Throws `JidError` when an address is none. */
export function createStandaloneLink(options: StandaloneLinkOptions): StandaloneLink {
  return new ListeningLink(options);
}

const DEFAULT_LISTEN: ListenAddress = Object.freeze({ host: "127.0.0.1", port: 5222 });
const MAX_KEEPING_MS = 5_000;
const DEFAULT_WEBSOCKET = Object.freeze({ port: 5280, path: "/xmpp-websocket" });

function contactsOf(accounts: AccountStore, name: string): readonly Contact[] {
  return accounts.kind === "passwords" ? (accounts.contacts?.(name) ?? []) : [];
}

class ListeningLink implements StandaloneLink {
  readonly mode = "standalone";
  readonly #options: StandaloneLinkOptions;
  readonly #gateway: GatewayAddresses;
  readonly #jid: Jid;
  readonly #log: Logger;
  readonly #xmlLimits: XmlLimits;
  readonly #limits: StandaloneLimits;
  readonly #endpoint: Endpoint;
  readonly #router: Router;
  readonly #offline: OfflineMail;
  #phase: "idle" | "starting" | "online" | "stopped" = "idle";
  #listener: LinkListener | undefined;
  #opening: Promise<void> | undefined;
  #upgrader: TlsUpgrader | undefined;
  #server: Server | undefined;
  #listening: ListenAddress | undefined;
  #webSockets: XmppWebSocketServer | undefined;
  #websocketUrl: string | undefined;
  #unsubscribe: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: StandaloneLinkOptions) {
    const {
      domain,
      service = `rpc.${domain}`,
      alias = `${DEFAULT_ALIAS_NAME}@${domain}`,
      name = "jabber-rpc",
    } = options;
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#gateway = new GatewayAddresses({ domain, service, alias, name });
    this.#jid = parseJid(this.#gateway.domain);
    this.#xmlLimits = { ...XML_LIMITS, ...options.limits };
    const limits = withStandaloneDefaults(options.limits);
    this.#limits = limits;
    const seats = new Seats({ domain: this.#gateway.domain, limits, newId: createIdSource(), now: () => clock.now() });
    this.#offline = new OfflineMail({
      domain: this.#gateway.domain,
      seats,
      store: createMemoryOfflineStore(limits),
      isOff: limits.offlineMessagesPerAccount === 0,
      log: this.#log,
      wallNow: options.wallNow ?? Date.now,
      hasAccount: (account) => this.#hasAccount(account),
      receivers: (account) => preferred(seats.of(account)),
    });
    this.#router = new Router({
      offline: this.#offline,
      gateway: this.#gateway,
      seats,
      clientToClient: options.clientToClient ?? false,
      log: this.#log,
      contacts: (account) => contactsOf(options.accounts, account),
      listener: () => this.#listener,
    });
    this.#endpoint = new Endpoint({
      domain: this.#gateway.domain,
      accounts: options.accounts,
      reservedName: this.#gateway.reservedName,
      policy: {
        anonymous: options.anonymous ?? false,
        allowPlaintext: options.allowPlaintext ?? false,
        plainOnLoopback: options.plainOnLoopback ?? false,
      },
      limits,
      maxStanzaBytes: this.#xmlLimits.maxStanzaBytes,
      seats,
      router: this.#router,
      log: this.#log,
      clock,
    });
  }

  get jid(): Jid | undefined {
    return this.isOnline ? this.#jid : undefined;
  }

  get isOnline(): boolean {
    return this.#phase === "online";
  }

  get listening(): ListenAddress | undefined {
    return this.#listening;
  }

  get websocketUrl(): string | undefined {
    return this.#websocketUrl;
  }

  get addresses(): readonly string[] {
    return this.#gateway.all();
  }

  get connections(): number {
    return this.#endpoint.connections;
  }

  readonly features = Object.freeze([NS_OFFLINE, "msgoffline"]);

  async start(listener: LinkListener): Promise<Jid> {
    if (this.#phase === "stopped") throw new LinkError("stopped", "the link was stopped");
    if (this.#phase !== "idle") throw new LinkError("stopped", "the link was started before");
    this.#phase = "starting";
    this.#opening = this.#listen();
    try {
      await this.#opening;
    } catch (error) {
      if (this.#phase === "starting") this.#phase = "idle";
      throw error;
    }
    // stop() may have been called meanwhile: it closes what was opened.
    if (this.#isStopped()) throw new LinkError("stopped", "the link was stopped");
    this.#phase = "online";
    this.#listener = listener;
    this.#unsubscribe = this.#options.accounts.onChanged((name) => {
      this.#endpoint.expel(name);
      this.#offline.changed(name);
    });
    listener.online(this.#jid);
    return this.#jid;
  }

  send(stanza: XmlText): boolean {
    if (!this.isOnline) return false;
    this.#router.send(stanza);
    return true;
  }

  announce(content: XmlText): void {
    this.#router.announce(content);
  }

  keepOffline(store: OfflineStore): void {
    this.#offline.use(store);
  }

  async flushed(): Promise<void> {
    if (!this.isOnline) throw new LinkError("stopped", "the link is not online");
    await Promise.all([this.#endpoint.drained(), this.#offline.kept()]);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  reloadTls(files?: TlsFiles): void {
    const from = files ?? this.#options.tls;
    if (from === undefined) throw new LinkError("tls-failed", "the link has no certificate");
    const material = readTlsMaterial(from);
    this.#upgrader?.reload(material);
    this.#webSockets?.reload(material);
  }

  /** Accounts that only their owner can check are known once they have logged in. */
  async #hasAccount(name: string): Promise<boolean> {
    const { accounts } = this.#options;
    return accounts.kind === "verifiers"
      ? (await accounts.verifiers(name)) !== undefined
      : this.#endpoint.hasSeen(name);
  }

  #isStopped(): boolean {
    return this.#phase === "stopped";
  }

  async #stop(): Promise<void> {
    const wasOnline = this.isOnline;
    this.#phase = "stopped";
    this.#unsubscribe?.();
    // What cannot be opened is told by start().
    await this.#opening?.catch(() => undefined);
    const closed = closeServer(this.#server);
    await this.#endpoint.stop({ condition: "system-shutdown" });
    await Promise.all([closed, this.#webSockets?.close(), this.#keptInTime()]);
    if (wasOnline) this.#listener?.offline("stopped");
  }

  /** A store that does not answer must not hold up the end. */
  async #keptInTime(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MAX_KEEPING_MS);
    });
    await Promise.race([this.#offline.kept(), limit]);
    clearTimeout(timer);
  }

  async #listen(): Promise<void> {
    const { tls, websocket, accounts, plainOnLoopback = false } = this.#options;
    const address = { ...DEFAULT_LISTEN, ...this.#options.listen };
    this.#checkClear(address.host, tls !== undefined);
    if (accounts.kind === "passwords" && tls === undefined && !plainOnLoopback) {
      throw new LinkError(
        "tls-required",
        "accounts that are checked by password need a certificate (tls), or plainOnLoopback: true",
      );
    }
    const material = tls === undefined ? undefined : readTlsMaterial(tls);
    this.#upgrader = material === undefined ? undefined : new TlsUpgrader(material);
    const server = createServer((socket) => this.#accept(this.#tcpChannel(socket)));
    this.#listening = await listen(server, address, this.#trouble);
    this.#server = server;
    if (websocket === undefined) return;
    try {
      await this.#listenWebSocket({ host: address.host, ...websocket }, material);
    } catch (error) {
      this.#listening = undefined;
      await closeServer(server);
      throw error;
    }
  }

  async #listenWebSocket(
    options: WebSocketListenOptions & { readonly host: string },
    material: TlsMaterial | undefined,
  ): Promise<void> {
    const { host, port, path, origins = [] } = { ...DEFAULT_WEBSOCKET, ...options };
    const tls = options.tls === false ? undefined : material;
    this.#checkClear(host, tls !== undefined);
    if (options.tls === true && tls === undefined) throw new LinkError("tls-required", "wss needs a certificate (tls)");
    const { XmppWebSocketServer: WebSocketServer } = await import("./websocket-server.js");
    const server = new WebSocketServer({
      path,
      origins,
      tls,
      limits: this.#strangerLimits(),
      maxMessageBytes: this.#xmlLimits.maxStanzaBytes,
      accept: (channel) => this.#accept(channel),
      trouble: this.#trouble,
    });
    const { port: used } = await server.listen({ host, port });
    this.#webSockets = server;
    this.#websocketUrl = `${tls === undefined ? "ws" : "wss"}://${host.includes(":") ? `[${host}]` : host}:${used}${path}`;
  }

  readonly #trouble = (error: Error): void => {
    this.#log.error("link.listener-failed", { cause: error.message });
  };

  #checkClear(host: string, hasTls: boolean): void {
    if (isLoopbackHost(host) || hasTls || this.#options.allowPlaintext === true) return;
    throw new LinkError("tls-required", `listening on ${host}, which is not loopback, needs a certificate (tls)`);
  }

  #strangerLimits(): XmlLimits {
    return { ...this.#xmlLimits, maxStanzaBytes: this.#limits.maxUnauthenticatedStanzaBytes };
  }

  #tcpChannel(socket: ConstructorParameters<typeof TcpChannel>[0]): Channel {
    const upgrader = this.#upgrader;
    return new TcpChannel(socket, {
      limits: this.#strangerLimits(),
      upgrade: upgrader === undefined ? undefined : (raw, secured) => upgrader.upgrade(raw, secured),
    });
  }

  #accept(channel: Channel): void {
    if (this.isOnline || this.#phase === "starting") this.#endpoint.accept(channel);
    else channel.destroy();
  }
}

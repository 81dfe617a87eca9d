// createRequester: a link and the caller's side of Jabber-RPC, for programs that only call.

import { type Jid, parseJid } from "./jid.js";
import { limitDefaults } from "./limit-table.js";
import { createProcessMemory } from "./memory/index.js";
import { type Logger, silentLogger } from "./observe/index.js";
import type { Following, OfflineMessages, PubSub } from "./ports/index.js";
import { createProxy, type Proxied } from "./proxy.js";
import type { ItemFollow } from "./rpc/index.js";
import { SOFTWARE } from "./software.js";
import { type ExactValue, naturalOf } from "./values/index.js";
import {
  type CallOptions,
  type CommandReply,
  type CommandStep,
  createAdmissions,
  createCommandClient,
  createEntity,
  createExactCall,
  createFollower,
  createOfflineMessages,
  createPresenceWatch,
  createPubSub,
  createPubSubClient,
  type DiscoInfo,
  type DiscoItem,
  FOLLOW_LIMIT_TABLE,
  type ListedCommand,
  NS,
  OFFLINE_LIMIT_TABLE,
  type PubSubEvent,
  readDiscoInfo,
  readDiscoItems,
  readRoster,
  readVersion,
} from "./xeps/index.js";
import { element } from "./xml/index.js";
import { type CodecSettings, createCodec, DEFAULT_CODEC_LIMITS } from "./xmlrpc-codec/index.js";
import {
  type ClientLinkOptions,
  createClientLink,
  DEFAULT_REQUEST_TIMEOUT_MS,
  type Link,
  StanzaError,
  systemClock,
} from "./xmpp/index.js";

/** How a requester attaches, and how it reads and writes values. */
export interface RequesterOptions {
  /** A link of your own, or where to log in. */
  readonly link: Link | ClientLinkOptions;
  readonly values?: CodecSettings;
  /**
   * Whether it tells its server that it is available. Without, it gets no messages of others, sees nobody's presence, and leaves
   * messages that wait for the account where they are. Default true.
   */
  readonly presence?: boolean;
  readonly log?: Logger;
}

/** What a responder says about one method. */
export interface MethodDescription {
  readonly name: string;
  /** One list per overload: result type, then parameter types; empty when the responder does not say. */
  readonly signatures: readonly (readonly string[])[];
  readonly help: string;
}

/** The calling side: logs in once, calls any number of methods of any number of responders. */
export interface Requester {
  /** Logs in. Rejects with a `LinkError`. */
  start(): Promise<Jid>;
  /** Logs out; may be called twice. */
  stop(): Promise<void>;
  /**
   * Calls a method and resolves with its result in natural JavaScript (docs/values.md).
   *
   * Rejects with `RpcFault`, `StanzaError`, `CallTimeout`, `Disconnected` or `CodecError` (docs/errors.md).
   */
  call(jid: string, method: string, params?: readonly unknown[], options?: CallOptions): Promise<unknown>;
  /** {@link Requester.call} with the result in exact form: every value with its wire type. */
  callExact(jid: string, method: string, params?: readonly unknown[], options?: CallOptions): Promise<ExactValue>;
  /** An object whose methods call `prefix.method` at `jid`, typed from a handler class or interface. */
  proxy<T extends object>(jid: string, prefix: string, options?: CallOptions): Proxied<T>;
  /** The methods that this requester may call at `jid`, by system.listMethods. */
  listMethods(jid: string, options?: CallOptions): Promise<string[]>;
  /** Signature and documentation of one method, by system.methodSignature and system.methodHelp. */
  describe(jid: string, method: string, options?: CallOptions): Promise<MethodDescription>;
  /** Resolves when `jid` (or its server) answers at all (XEP-0199). */
  ping(jid: string, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Name and version of the software at `jid`: `jabber-rpc 1.0.0` (XEP-0092). */
  softwareVersion(jid: string): Promise<string>;
  discoInfo(jid: string, node?: string, options?: { readonly timeoutMs?: number }): Promise<DiscoInfo>;
  discoItems(jid: string, node?: string): Promise<DiscoItem[]>;
  /** The ad-hoc commands that `jid` lists for this requester (XEP-0050 §2.2). */
  listCommands(jid: string): Promise<ListedCommand[]>;
  /**
   * Starts an ad-hoc command, or takes it a step further with the session of the reply before (XEP-0050 §2.4). A command
   * that failed is `completed` with a note of type error.
   */
  command(
    jid: string,
    node: string,
    step?: CommandStep,
    options?: { readonly timeoutMs?: number },
  ): Promise<CommandReply>;
  /** The messages that wait for the own account; to be read before its server sends them, log in with `presence: false`. */
  readonly offline: OfflineMessages;
  /** Topics at publish-subscribe services (docs/pubsub.md). */
  readonly pubsub: PubSub;
  /** Follows a topic, as `pubsub.follow` does, and is told of everything else that happens to it. */
  followTopic(follow: ItemFollow, onEvent?: (event: PubSubEvent) => void): Following;
  /** The addresses in the own roster (RFC 6121 §2). */
  roster(): Promise<string[]>;
  /** The available resources of a bare address that this requester was shown. */
  availableResources(bare: string): readonly string[];
}

/** Makes a requester; `start()` logs it in. */
export function createRequester(options: RequesterOptions): Requester {
  const log = options.log ?? silentLogger;
  const link = "send" in options.link ? options.link : createClientLink({ log, ...options.link });
  const presences = createPresenceWatch();
  const { maxSentBytes } = { ...DEFAULT_CODEC_LIMITS, ...options.values?.limits };
  const offline = createOfflineMessages({
    link,
    request: (...request) => router.request(...request),
    limits: limitDefaults(OFFLINE_LIMIT_TABLE),
  });
  const topics = createPubSubClient({
    request: (...request) => router.request(...request),
    ownJid: () => link.jid?.full,
    maxSentBytes,
  });
  const memory = createProcessMemory();
  const follower = createFollower({
    client: topics,
    ownJid: () => link.jid,
    memory: () => memory,
    limits: limitDefaults(FOLLOW_LIMIT_TABLE),
    clock: systemClock,
    log,
  });
  const commands = createCommandClient({ request: (...request) => router.request(...request) });
  const admissions = createAdmissions({
    client: topics,
    commands,
    limits: limitDefaults(FOLLOW_LIMIT_TABLE),
    clock: systemClock,
    log,
  });
  const entity = createEntity({
    link,
    features: [presences, offline.feature, follower.feature, admissions.feature],
    presence: options.presence,
    software: SOFTWARE,
    log,
    limits: { maxSentBytes },
  });
  const { router } = entity;
  const callExact = createExactCall(router, createCodec(options.values), maxSentBytes);

  const call: Requester["call"] = async (jid, method, params = [], callOptions) =>
    naturalOf(await callExact(jid, method, params, callOptions));

  return {
    start: () => entity.start(),
    stop: async () => {
      await Promise.all([follower.stop(), admissions.stop()]);
      await entity.stop();
    },
    call,
    callExact: (jid, method, params = [], callOptions) => callExact(jid, method, params, callOptions),
    proxy: (jid, prefix, callOptions) =>
      createProxy((method, params) => call(jid, method, params, callOptions), prefix),
    listMethods: async (jid, callOptions) => strings(await call(jid, "system.listMethods", [], callOptions), jid),
    describe: async (jid, method, callOptions) => ({
      name: method,
      signatures: signatures(await call(jid, "system.methodSignature", [method], callOptions)),
      help: String(await call(jid, "system.methodHelp", [method], callOptions)),
    }),
    ping: async (jid, { timeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = {}) => {
      await router.request("get", jid, element("ping", { xmlns: NS.ping }), { timeoutMs });
    },
    softwareVersion: async (jid) =>
      readVersion(await router.request("get", jid, element("query", { xmlns: NS.version }))),
    discoInfo: async (jid, node, discoOptions) =>
      readDiscoInfo(await router.request("get", jid, element("query", { xmlns: NS.discoInfo, node }), discoOptions)),
    discoItems: async (jid, node) =>
      readDiscoItems(await router.request("get", jid, element("query", { xmlns: NS.discoItems, node }))),
    listCommands: (jid) => commands.list(jid),
    command: (jid, node, step, commandOptions) => commands.step(jid, node, step, commandOptions),
    offline: offline.messages,
    pubsub: createPubSub(topics, follower, admissions),
    followTopic: follower.follow,
    roster: async () => readRoster(await router.request("get", undefined, element("query", { xmlns: NS.roster }))),
    availableResources: (bare) => presences.available(parseJid(bare).bare),
  };
}

function strings(value: unknown, jid: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new StanzaError("undefined-condition", {
    text: `${jid} answered system.listMethods with something else than names`,
  });
}

/** XML-RPC introspection: an array of signatures, or a non-array when none is declared. */
function signatures(value: unknown): string[][] {
  if (!Array.isArray(value)) return [];
  return value.filter(Array.isArray).map((signature: unknown[]) => signature.map(String));
}

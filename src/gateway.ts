// createGateway: the composition root. Handlers, access and a link in; a running responder out.

import type { FeedOptions } from "./feeds/index.js";
import { systemService } from "./handlers/index.js";
import { type HttpDoors, type HttpOptions, openHttpDoors } from "./http/index.js";
import { type Jid, tryParseJid } from "./jid.js";
import { type Limits, withDefaultLimits } from "./limits.js";
import { type Logger, silentLogger } from "./observe/index.js";
import {
  type ChatCommandOptions,
  createDatabasePart,
  createFeedsPart,
  createMailboxPart,
  createNotesPart,
  createOfflinePart,
  createPubSubPart,
  createRoomsPart,
  createStatusesPart,
  createTopicsPart,
  joinParts,
  type MailboxOptions,
  type MailboxPart,
  type NotesPart,
  type OfflinePart,
  type OfflinePartOptions,
  type Part,
  type PartContext,
  type PubSubPart,
  type RoomsPart,
  type StatusesPart,
  type StatusOptions,
  type SubscriptionOptions,
  type TopicsPart,
} from "./parts/index.js";
import type { Notes, OfflineMessages, Presence, PubSub, RoomOptions, Rooms, Statuses, Topics } from "./ports/index.js";
import {
  type AccessRule,
  type Bind,
  compileAccess,
  compileForward,
  createCallCounts,
  createDispatcher,
  createMethodTable,
  createServices,
  type Dispatcher,
  type Forwarder,
  type ForwardRule,
  type Interceptor,
  type MessageHandler,
  type MethodSpec,
  type ServiceClass,
} from "./rpc/index.js";
import { SOFTWARE } from "./software.js";
import { createUpstreams, type UpstreamSettings, type Upstreams, type UpstreamsOptions } from "./upstream/index.js";
import type { ExactValue } from "./values/index.js";
import {
  createCommands,
  createDescriptions,
  createEntity,
  createExactCall,
  createForwarder,
  createMessages,
  createNoCommands,
  createResponder,
  createRoomServices,
  type Entity,
  type Feature,
  NS,
  readDiscoInfo,
  type TopicOptions,
  writeCaps,
} from "./xeps/index.js";
import { element } from "./xml/index.js";
import { type CodecSettings, createCodec } from "./xmlrpc-codec/index.js";
import { type ClientLinkOptions, createClientLink, type Link } from "./xmpp/index.js";

/** What a gateway is made of. */
export interface GatewayOptions {
  /** A link of your own (such as `createMemoryNetwork().link(…)`), or where to log in. */
  readonly link: Link | ClientLinkOptions;
  /** Who may call what (docs/security.md). Default: nobody, nothing. */
  readonly access?: readonly AccessRule[];
  /** Domains of room services: an occupant of a room is allowed only by a rule with the full address (docs/security.md). */
  readonly roomServices?: readonly string[];
  /** Rooms to be in (docs/rooms.md); their services count as `roomServices`. Default: none. */
  readonly rooms?: readonly RoomOptions[];
  /** Commands in one-to-one chat, such as `!examples.hello` (docs/rooms.md). Default: with the prefix `!`; false for none. */
  readonly chatCommands?: ChatCommandOptions | false;
  /** Classes marked with `@rpcService`. */
  readonly services?: readonly ServiceClass[];
  /** Methods made with `defineMethod` and `defineService`. */
  readonly methods?: readonly MethodSpec[];
  /** Chat messages to the gateway go here, and to methods marked with `@onMessage` (docs/handlers.md). */
  readonly onMessage?: MessageHandler | readonly MessageHandler[];
  /** Binds what the services are injected with. */
  readonly bind?: Bind | readonly Bind[];
  /** Run around every handler, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Further protocol extensions. */
  readonly features?: readonly Feature[];
  /** Whether methods are ad-hoc commands too (docs/commands.md). Default true. */
  readonly commands?: boolean;
  /** Who may have which methods of which other responders called, through the HTTP doors. Default: nobody. */
  readonly forward?: readonly ForwardRule[];
  /** Serves the methods over HTTP too (docs/http.md). Default: not. */
  readonly http?: HttpOptions;
  /** Who may see the gateway's presence. Default: as the mode has it (docs/notes.md). */
  readonly presence?: SubscriptionOptions;
  /** How the messages that wait for the gateway's own account are read (docs/offline.md). */
  readonly offline?: OfflinePartOptions;
  /** How values are read and written (docs/values.md). */
  readonly values?: CodecSettings;
  /** Answer to a permitted caller of a method that does not exist. Default `fault` (-32601). */
  readonly unknownMethod?: "fault" | "item-not-found";
  /** Web functions that become methods (docs/upstreams.md). */
  readonly upstreams?: readonly UpstreamSettings[];
  /** Feeds of the web that are pushed as topics (docs/pubsub.md). */
  readonly feeds?: readonly FeedOptions[];
  /** Tables that a web application and the gateway share (docs/mailbox.md). Default: none. */
  readonly mailbox?: MailboxOptions;
  /** Where statuses go (docs/pubsub.md). Default: there are none. */
  readonly statuses?: StatusOptions;
  /** Topics that the gateway hosts itself, in stand-alone and component mode (docs/topics.md). Default: none are hosted. */
  readonly topics?: readonly TopicOptions[];
  /** Limits that differ from the defaults (docs/settings.md). */
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
}

/** A responder that runs. */
export interface Gateway {
  /** The address it is called at; undefined before it is started. */
  readonly jid: Jid | undefined;
  /** Where the HTTP doors are; undefined without, and before it is started. */
  readonly http: { readonly host: string; readonly port: number } | undefined;
  /** Topics at publish-subscribe services (docs/pubsub.md). */
  readonly pubsub: PubSub;
  /** Notes to people, and questions (docs/notes.md). */
  readonly notes: Notes;
  /** Who of them is there. */
  readonly presence: Presence;
  /** The messages that wait for the gateway's own account (docs/offline.md). */
  readonly offline: OfflineMessages;
  /** Rooms (docs/rooms.md). */
  readonly rooms: Rooms;
  /** Statuses; undefined without the option (docs/pubsub.md). */
  readonly statuses: Statuses | undefined;
  /** Topics that the gateway hosts itself; undefined without the option (docs/topics.md). */
  readonly topics: Topics | undefined;
  /** Resolves when it can be called. Rejects with a `LinkError`. */
  start(): Promise<Jid>;
  /**
   * Refuses new calls, lets running ones finish, answers every one, logs out. May be called twice.
   *
   * @param options.drainMs after this many milliseconds running calls are ended with fault -32400. Default: the limit `drainMs`, 10 000
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

/** How long a domain may take to say whether it is a room service; silence is taken for the worst. */
const DISCO_TIMEOUT_MS = 5_000;

/** Makes a gateway; it does nothing until it is started. */
export function createGateway(options: GatewayOptions): Gateway {
  const log = options.log ?? silentLogger;
  const limits = withDefaultLimits(options.limits);
  const link = "send" in options.link ? options.link : createClientLink({ log, limits, ...options.link });
  const rooms = createRoomServices({
    ask: async (domain) => {
      const query = element("query", { xmlns: NS.discoInfo });
      return readDiscoInfo(
        await nowThere(entity).router.request("get", domain, query, { timeoutMs: DISCO_TIMEOUT_MS }),
      );
    },
    ownDomain: () => link.jid?.domain,
    learned: () => access.forget(),
    now: () => performance.now(),
    limits,
  });
  const roomServices = roomServicesIn(options);
  const access = compileAccess(options.access ?? [], { roomServices, isRoomService: rooms.isRoomService });
  const forwardAccess = compileForward(options.forward ?? [], (domain) => roomServices.has(domain));
  const counts = createCallCounts();
  const table = createMethodTable();
  table.add(options.methods ?? []);
  let running: Promise<Running> | undefined;
  let entity: Entity | undefined;
  let doors: HttpDoors | undefined;
  let calls: Dispatcher | undefined;
  let forwarder: Forwarder | undefined;
  const context: PartContext = {
    link,
    table,
    access,
    rooms,
    limits,
    log,
    request: (...request) => nowThere(entity).router.request(...request),
    caps: () => writeCaps(nowThere(entity).info()),
    dispatch: (call) => nowThere(calls).dispatch(call),
    forward: forwardAccess,
    forwarder: () => nowThere(forwarder),
  };
  const { people, offline, pubsub, chat, topics, statuses, list } = createParts(
    { ...options, roomServices: [...roomServices] },
    context,
  );
  const parts = joinParts(list);

  const build = async (): Promise<Running> => {
    const services = await createServices({
      services: options.services ?? [],
      bind: [...parts.bind, ...[options.bind ?? []].flat()],
    });
    table.add(services.methods);
    parts.adopt(services);
    const dispatcher = createDispatcher({
      table,
      access,
      limits,
      log,
      storage: services.storage,
      interceptors: options.interceptors ?? [],
      ...(options.http === undefined ? {} : { onEnd: counts.record }),
    });
    calls = dispatcher;
    const voidResult: ExactValue | undefined =
      options.values?.void === "nil" ? { type: "nil", value: null } : undefined;
    table.addReserved(
      systemService({ table, access, dispatcher, limits, ...(voidResult === undefined ? {} : { voidResult }) }),
    );
    const codec = createCodec({ ...options.values, limits: { ...limits, ...options.values?.limits } });
    const responder = createResponder({
      table,
      access,
      dispatcher,
      codec,
      limits,
      rooms,
      unknownMethod: options.unknownMethod ?? "fault",
      log,
      ownJid: () => link.jid,
    });
    const upstreams = await startUpstreams(options.upstreams ?? [], { table, limits, log }).catch(
      async (error: unknown) => {
        await services.close();
        throw error;
      },
    );
    const messages = createMessages({
      handlers: [options.onMessage ?? [], services.onMessage].flat(),
      table,
      access,
      dispatcher,
      rooms,
      link,
      maxSentBytes: limits.maxSentBytes,
      log,
    });
    const commands =
      options.commands === false
        ? createNoCommands()
        : createCommands({
            table,
            access,
            dispatcher,
            limits,
            rooms,
            builtin: parts.commands,
            log,
            ownJid: () => link.jid,
          });
    const descriptions = createDescriptions({ table, access, ownJid: () => link.jid });
    // Commands come last: disco asks them about every node that nobody else knows.
    const features = [responder, ...parts.features, messages, descriptions, ...(options.features ?? []), commands];
    const { subscriptions } = parts;
    const started = createEntity({ link, features, software: SOFTWARE, log, limits, subscriptions });
    entity = started;
    const call = createExactCall(started.router, codec, codec.options.limits.maxSentBytes);
    forwarder = createForwarder({ call, newCallId: dispatcher.newCallId, log });
    let jid: Jid;
    try {
      await parts.open();
      // First, so that a port in use is found before anybody sees the gateway online.
      if (options.http !== undefined) {
        doors = await openHttpDoors(options.http, {
          table,
          access,
          dispatcher,
          codec,
          limits,
          log,
          counts,
          forward: { access: forwardAccess, forwarder },
          software: SOFTWARE,
          doors: parts.doors,
          isOnline: () => link.isOnline,
        });
      }
      jid = await started.start();
      await parts.start();
    } catch (error) {
      await doors?.stop();
      await started.stop();
      await parts.close();
      await upstreams?.stop();
      await services.close();
      throw error;
    }
    return {
      jid,
      stop: async (drainMs) => {
        const drainedBy = performance.now() + drainMs;
        await Promise.all([dispatcher.drain(drainMs), doors?.drain(drainMs)]);
        await doors?.stop();
        // Requests that are no calls yet, since their senders are being looked up, are answered too.
        await started.router.answered(Math.max(0, drainedBy - performance.now()));
        await parts.stop();
        await started.flush(limits.flushMs);
        await started.stop();
        await parts.close();
        await upstreams?.stop();
        await services.close();
      },
    };
  };

  return {
    get jid() {
      return link.jid;
    },
    get http() {
      return doors && { host: doors.host, port: doors.port };
    },
    pubsub: pubsub.pubsub,
    notes: people.notes,
    presence: people.presence,
    offline: offline.offline,
    rooms: chat.rooms,
    topics: topics?.topics,
    statuses: statuses?.statuses,
    start: async () => {
      running ??= build();
      return (await running).jid;
    },
    stop: async ({ drainMs = limits.drainMs } = {}) => {
      const started = await running?.catch(() => undefined);
      if (started === undefined) await link.stop();
      else await started.stop(drainMs);
    },
  };
}

async function startUpstreams(
  settings: readonly UpstreamSettings[],
  rest: Omit<UpstreamsOptions, "settings">,
): Promise<Upstreams | undefined> {
  if (settings.length === 0) return undefined;
  const upstreams = await createUpstreams({ settings, ...rest });
  await upstreams.start();
  return upstreams;
}

/** The parts that the options ask for, in the order of their start. */
function createParts(options: GatewayOptions, outside: PartContext): Joined {
  const database = options.mailbox && createDatabasePart(options.mailbox.url, outside.log);
  const context: PartContext = database === undefined ? outside : { ...outside, database: database.database };
  const { presence, roomServices, feeds = [], rooms = [], chatCommands = {}, topics: hosted } = options;
  let mailbox: MailboxPart | undefined;
  const people = createNotesPart({ presence, roomServices, arrived: (bare) => mailbox?.arrived(bare) }, context);
  const offline = createOfflinePart(options.offline ?? {}, context);
  const chat = createRoomsPart({ rooms, chatCommands }, context);
  const topics = hosted && createTopicsPart({ topics: hosted, roomServices: roomServices ?? [] }, context);
  const pubsub = createPubSubPart({ topics: topics?.topics }, context);
  const feedsPart = createFeedsPart({ feeds, pubsub: pubsub.pubsub, memory: pubsub.memory }, context);
  const statuses =
    options.statuses &&
    createStatusesPart(
      {
        options: options.statuses,
        pubsub: pubsub.pubsub,
        rooms: chat.rooms,
        hostsTopics: topics !== undefined,
        memory: pubsub.memory,
      },
      context,
    );
  const shown = { people, offline, pubsub, chat, topics, statuses };
  // What waits for us comes as messages, which nobody else shall take.
  const parts: readonly Part[] = [
    offline,
    people,
    chat,
    pubsub,
    ...(topics === undefined ? [] : [topics]),
    ...(statuses === undefined ? [] : [statuses]),
    ...(feeds.length === 0 ? [] : [feedsPart]),
  ];
  if (options.mailbox === undefined || database === undefined) return { list: parts, ...shown };
  // What parts keep needs the database first; what they send goes out until the mailbox stops, which is the first to do so.
  const kinds = parts.flatMap((part) => part.outbox ?? []);
  mailbox = createMailboxPart(options.mailbox, context, database, kinds);
  return { list: [database, ...parts, mailbox], ...shown };
}

/** All parts in order, and those that the gateway shows. */
interface Joined {
  readonly list: readonly Part[];
  readonly people: NotesPart;
  readonly offline: OfflinePart;
  readonly pubsub: PubSubPart;
  readonly chat: RoomsPart;
  readonly topics: TopicsPart | undefined;
  readonly statuses: StatusesPart | undefined;
}

/** The domains of room services: those that are named, and those of the rooms. */
function roomServicesIn({ roomServices = [], rooms = [] }: GatewayOptions): ReadonlySet<string> {
  const ofRooms = rooms.flatMap(({ jid }) => tryParseJid(jid)?.domain ?? []);
  return new Set([...roomServices.map((domain) => domain.toLowerCase()), ...ofRooms]);
}

/** What the gateway is put together with only at its start. */
function nowThere<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("the gateway has not been started");
  return thing;
}

/** What lives from a start to a stop. */
interface Running {
  readonly jid: Jid;
  stop(drainMs: number): Promise<void>;
}

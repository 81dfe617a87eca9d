// createGateway: the composition root. Handlers, access and a link in; a running responder out.

import type { GatewayOptions } from "./gateway-options.js";
import { createParts } from "./gateway-parts.js";
import { systemService } from "./handlers/index.js";
import { type HttpDoors, openHttpDoors } from "./http/index.js";
import { type Jid, tryParseJid } from "./jid.js";
import { withDefaultLimits } from "./limits.js";
import { silentLogger } from "./observe/index.js";
import { joinParts, type PartContext } from "./parts/index.js";
import type { Notes, OfflineMessages, Presence, PubSub, Rooms, Statuses, Topics } from "./ports/index.js";
import {
  compileAccess,
  compileForward,
  createCallCounts,
  createDispatcher,
  createMethodTable,
  createServices,
  type Dispatcher,
  type Forwarder,
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
  NS,
  readDiscoInfo,
  writeCaps,
} from "./xeps/index.js";
import { element } from "./xml/index.js";
import { createCodec } from "./xmlrpc-codec/index.js";
import { createClientLink } from "./xmpp/index.js";

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

// From a settings file to a gateway: handler modules, secrets and access rules, each error with its file and line.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ReadSettings } from "./config/index.js";
import { createGateway, type Gateway } from "./gateway.js";
import { builtinServices } from "./handlers/index.js";
import { readForwardSettings, readHttpSettings } from "./http-settings.js";
import { type Jid, tryParseJid } from "./jid.js";
import { messageOf } from "./message-of.js";
import type { Logger } from "./observe/index.js";
import {
  readFeedsSettings,
  readMailboxSettings,
  readPresenceSettings,
  readRoomsSettings,
  readStatusesSettings,
  readTopicsSettings,
  roomServicesOf,
  withMailboxPlace,
} from "./parts/index.js";
import {
  type Access,
  AccessRuleError,
  compileAccess,
  countMatches,
  type Decision,
  type HandlersModule,
  RESERVED_PREFIX,
  readHandlersModule,
  serviceOf,
} from "./rpc/index.js";
import { SettingsError } from "./settings-error.js";
import { readUpstreams, withUpstreamPlace } from "./upstream-settings.js";
import type { DateZone } from "./values/index.js";
import type { ClientLinkOptions, Link } from "./xmpp/index.js";

/**
 * Imports every handler module of the settings. Throws {@link SettingsError} naming the one that cannot be used, or the method of the
 * mailbox that a handler has too.
 */
export async function loadHandlers(read: ReadSettings): Promise<HandlersModule> {
  const { settings, source, folder } = read;
  const modules = await Promise.all(
    settings.handlers.map(async (specifier, index) => {
      try {
        return await loadModule(specifier, folder);
      } catch (error) {
        const problem = `${specifier}: ${messageOf(error)}`;
        const key = `handlers[${index}]`;
        throw new SettingsError(source.file, [{ line: source.lineOf(["handlers", index]), key, problem }]);
      }
    }),
  );
  const handlers = {
    services: modules.flatMap((module) => module.services),
    methods: modules.flatMap((module) => module.methods),
    onMessage: modules.flatMap((module) => module.onMessage),
    bind: modules.flatMap((module) => module.bind),
  };
  checkServedNames(read, handlers);
  return handlers;
}

function checkServedNames({ settings, source }: ReadSettings, handlers: HandlersModule): void {
  const taken = new Set(methodNames(handlers));
  const problems = (settings.mailbox?.methods ?? []).flatMap(({ name }, index) => {
    const line = source.lineOf(["mailbox", "methods", index]);
    const key = `mailbox.methods[${index}]`;
    return taken.has(name) ? [{ line, key, problem: `"${name}": a handler has a method of this name already` }] : [];
  });
  if (problems.length > 0) throw new SettingsError(source.file, problems);
}

function methodNames({ methods, services }: HandlersModule): string[] {
  const ofServices = services.flatMap((service) => {
    const mark = serviceOf(service);
    return mark === undefined ? [] : mark.methods.map(({ name }) => `${mark.prefix}.${name}`);
  });
  return [...methods.map(({ name }) => name), ...ofServices];
}

async function loadModule(specifier: string, folder: string): Promise<HandlersModule> {
  if (!specifier.startsWith("builtin:")) {
    const exported: Record<string, unknown> = await import(pathToFileURL(resolve(folder, specifier)).href);
    return readHandlersModule(exported, specifier);
  }
  const name = specifier.slice("builtin:".length);
  const service = builtinServices.get(name);
  if (service === undefined)
    throw new Error(`no such builtin; expected one of ${[...builtinServices.keys()].join(", ")}`);
  return { services: [service], methods: [], onMessage: [], bind: [] };
}

/** Compiles the access rules; an unusable one is reported with its line. */
function compileSettingsAccess(read: ReadSettings): Access {
  const { settings, source } = read;
  try {
    return compileAccess(settings.access, { roomServices: roomServicesOf(read) });
  } catch (error) {
    if (!(error instanceof AccessRuleError)) throw error;
    throw new SettingsError(source.file, [
      {
        line: source.lineOf([error.path.split("[")[0] ?? "", error.index]),
        key: error.path,
        problem: error.message.slice(`${error.path}: `.length),
      },
    ]);
  }
}

/** The rule that decides one call, with its place in the settings file. */
export function decideAccess(read: ReadSettings, requester: Jid, method: string): Decision {
  const decision = compileSettingsAccess(read).mayCall(requester, method);
  if (decision.rule === undefined) return decision;
  const line = read.source.lineOf(["access", decision.rule]);
  return { ...decision, reason: `${decision.reason} (${read.source.file}:${line})` };
}

/** What a person should know about usable settings: rules that can never decide a call, and that admit who need not be known. */
export function reviewSettings(read: ReadSettings): string[] {
  readForwardSettings(read);
  readHttpSettings(read, "skip");
  readFeedsSettings(read);
  readRoomsSettings(read, "skip");
  readTopicsSettings(read);
  readStatusesSettings(read);
  readMailboxSettings(read, "skip");
  readPresenceSettings(read);
  const { file } = read.source;
  const never = compileSettingsAccess(read).warnings.map((warning) => {
    return `${file}:${read.source.lineOf(["access", warning.rule])} ${warning.text}`;
  });
  return [...never, ...anonymousRemarks(read)];
}

/** Anonymous users are accounts of the domain, so a rule that means the known ones admits them too. */
function anonymousRemarks({ settings: { link, access }, source }: ReadSettings): string[] {
  if (link.mode !== "standalone" || !link.anonymous) return [];
  const somebody = tryParseJid(`anonymous@${link.domain}/x`);
  return access.flatMap((rule, index) => {
    const isMeant = "anyone" in rule || somebody === undefined || !compileAccess([rule]).mayCallAny(somebody).allowed;
    if (isMeant) return [];
    const place = `${source.file}:${source.lineOf(["link", "anonymous"])} link.anonymous`;
    return [
      `${place}: anybody may log in without being known, and access[${index}] allows every account of ${link.domain}`,
    ];
  });
}

/** How many methods each pattern of the access rules speaks of; `system.*` aside, which is always there. */
export function countAccessMatches(
  { settings, source }: ReadSettings,
  handlers: HandlersModule,
  upstreamMethods: readonly string[],
): string[] {
  const names = [
    ...upstreamMethods,
    ...(settings.mailbox?.methods ?? []).map((method) => method.name),
    ...methodNames(handlers),
  ];
  return settings.access.flatMap(({ methods = [] }, index) =>
    [methods].flat().flatMap((pattern) => {
      if (pattern.startsWith(RESERVED_PREFIX)) return [];
      const count = countMatches(pattern, names);
      const place = `${source.file}:${source.lineOf(["access", index])} access[${index}].methods`;
      return [`${place}: "${pattern}" matches ${count} ${count === 1 ? "method" : "methods"}`];
    }),
  );
}

/** Makes the gateway that the settings describe; it is not started. */
export function createGatewayFromSettings(
  read: ReadSettings,
  handlers: HandlersModule,
  link: Link | ClientLinkOptions,
  log: Logger,
): Gateway {
  const { settings } = read;
  const http = readHttpSettings(read);
  const mailbox = readMailboxSettings(read);
  const presence = readPresenceSettings(read);
  const rooms = readRoomsSettings(read);
  const topics = readTopicsSettings(read);
  const statuses = readStatusesSettings(read);
  const gateway = createGateway({
    link,
    ...handlers,
    upstreams: readUpstreams(read),
    feeds: readFeedsSettings(read),
    access: settings.access,
    roomServices: settings.roomServices,
    rooms,
    chatCommands: settings.chatCommands,
    forward: readForwardSettings(read),
    ...(http === undefined ? {} : { http }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(topics === undefined ? {} : { topics }),
    ...(statuses === undefined ? {} : { statuses }),
    values: {
      reading: settings.values.reading,
      // The schema lets no other text through.
      dates: { zone: settings.values.dates.zone as DateZone },
      extensions: settings.values.extensions,
      void: settings.values.void,
    },
    ...(presence === undefined ? {} : { presence }),
    offline: settings.offline,
    commands: settings.commands,
    unknownMethod: settings.unknownMethod,
    limits: settings.limits,
    log,
  });
  return {
    get jid() {
      return gateway.jid;
    },
    get http() {
      return gateway.http;
    },
    pubsub: gateway.pubsub,
    notes: gateway.notes,
    presence: gateway.presence,
    offline: gateway.offline,
    rooms: gateway.rooms,
    topics: gateway.topics,
    statuses: gateway.statuses,
    start: () =>
      gateway.start().catch((error: unknown) => {
        throw withMailboxPlace(read, withUpstreamPlace(read, error));
      }),
    stop: (options) => gateway.stop(options),
  };
}

// From a settings file to a gateway: handler modules, secrets and access rules, each error with its file and line.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ReadSettings, readSecret, SettingsError } from "./config/index.js";
import { createGateway, type Gateway } from "./gateway.js";
import { Examples, Validator1 } from "./handlers/index.js";
import type { Jid } from "./jid.js";
import type { Logger } from "./observe/index.js";
import {
  type Access,
  AccessRuleError,
  compileAccess,
  type Decision,
  type HandlerModule,
  isServiceClass,
  type MethodSpec,
  type ServiceClass,
} from "./rpc/index.js";
import { type ClientLinkOptions, createMemoryNetwork, type Link } from "./xmpp/index.js";

/** What the handler modules of a settings file export. */
export interface LoadedHandlers {
  readonly services: readonly ServiceClass[];
  readonly methods: readonly MethodSpec[];
  readonly binds: readonly NonNullable<HandlerModule["bind"]>[];
}

/** Handlers that ship with the package, by the name after `builtin:`. */
const BUILTIN: Readonly<Record<string, ServiceClass>> = { examples: Examples, validator1: Validator1 };

/** Imports every handler module of the settings. Throws {@link SettingsError} naming the one that cannot be used. */
export async function loadHandlers({ settings, source, folder }: ReadSettings): Promise<LoadedHandlers> {
  const modules = await Promise.all(
    settings.handlers.map(async (specifier, index) => {
      try {
        return await loadModule(specifier, folder);
      } catch (error) {
        const problem = `${specifier}: ${error instanceof Error ? error.message : String(error)}`;
        throw new SettingsError(source.file, [
          { line: source.lineOf(["handlers", index]), key: `handlers[${index}]`, problem },
        ]);
      }
    }),
  );
  return {
    services: modules.flatMap((module) => module.services ?? []),
    methods: modules.flatMap((module) => module.methods ?? []),
    binds: modules.flatMap((module) => module.bind ?? []),
  };
}

async function loadModule(specifier: string, folder: string): Promise<HandlerModule> {
  if (specifier.startsWith("builtin:")) {
    const name = specifier.slice("builtin:".length);
    const service = Object.hasOwn(BUILTIN, name) ? BUILTIN[name] : undefined;
    if (service === undefined) throw new Error(`no such builtin; expected one of ${Object.keys(BUILTIN).join(", ")}`);
    return { services: [service] };
  }
  const exported: Record<string, unknown> = await import(pathToFileURL(resolve(folder, specifier)).href);
  const { default: main } = exported;
  if (isHandlerModule(main)) return main;
  const services = Object.values(exported).filter(isServiceClass);
  if (services.length > 0) return { services };
  throw new Error("exports neither a decorated class nor default {services?, methods?, bind?}");
}

function isHandlerModule(value: unknown): value is HandlerModule {
  if (typeof value !== "object" || value === null) return false;
  return "services" in value || "methods" in value || "bind" in value;
}

/** Compiles the access rules; an unusable one is reported with its line. */
export function compileSettingsAccess({ settings, source }: ReadSettings): Access {
  try {
    return compileAccess(settings.access, { roomServices: settings.roomServices });
  } catch (error) {
    if (!(error instanceof AccessRuleError)) throw error;
    throw new SettingsError(source.file, [
      { line: source.lineOf(["access", error.rule]), key: `access[${error.rule}]`, problem: error.problem },
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

/** What a person should know about usable settings: rules that never match, patterns that match no method. */
export function reviewSettings(read: ReadSettings, _handlers: LoadedHandlers): string[] {
  const access = compileSettingsAccess(read);
  return access.warnings.map(
    (warning) => `${read.source.file}:${read.source.lineOf(["access", warning.rule])} ${warning.text}`,
  );
}

/** Makes the gateway that the settings describe; it is not started. */
export function createGatewayFromSettings(read: ReadSettings, handlers: LoadedHandlers, log: Logger): Gateway {
  const { settings } = read;
  return createGateway({
    link: linkOf(read, log),
    services: handlers.services,
    methods: handlers.methods,
    bind: (container) => {
      for (const bind of handlers.binds) bind(container);
    },
    access: compileSettingsAccess(read),
    values: {
      reading: settings.values.reading,
      dates: { zone: settings.values.zone },
      void: settings.values.void,
    },
    unknownMethod: settings.unknownMethod,
    limits: settings.limits,
    log,
  });
}

function linkOf({ settings, source, folder }: ReadSettings, _log: Logger): Link | ClientLinkOptions {
  const { link } = settings;
  if (link.mode === "memory") return createMemoryNetwork().link(link.jid);
  const at = <T>(key: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new SettingsError(source.file, [{ line: source.lineOf(["link", key]), key: `link.${key}`, problem }]);
    }
  };
  const ca = link.tls?.ca;
  return {
    jid: link.jid,
    password: at("password", () => readSecret(link.password, folder, process.env)),
    allowPlaintext: link.allowPlaintext,
    ...(link.service === undefined ? {} : { service: link.service }),
    tls: {
      insecure: link.tls?.insecure ?? false,
      ...(ca === undefined ? {} : { ca: at("tls", () => readFileSync(resolve(folder, ca), "utf8")) }),
    },
  };
}

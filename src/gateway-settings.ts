// From a settings file to a gateway: handler modules, secrets and access rules, each error with its file and line.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ReadSettings, readSecret, SettingsError } from "./config/index.js";
import { createGateway, type Gateway } from "./gateway.js";
import { builtinServices } from "./handlers/index.js";
import type { Jid } from "./jid.js";
import { messageOf } from "./message-of.js";
import type { Logger } from "./observe/index.js";
import {
  type Access,
  AccessRuleError,
  compileAccess,
  type Decision,
  type HandlersModule,
  readHandlersModule,
} from "./rpc/index.js";
import type { DateZone } from "./values/index.js";
import { createClientLink, createComponentLink, createMemoryNetwork, type Link } from "./xmpp/index.js";

/** Imports every handler module of the settings. Throws {@link SettingsError} naming the one that cannot be used. */
export async function loadHandlers({ settings, source, folder }: ReadSettings): Promise<HandlersModule> {
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
  return {
    services: modules.flatMap((module) => module.services),
    methods: modules.flatMap((module) => module.methods),
    bind: modules.flatMap((module) => module.bind),
  };
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
  return { services: [service], methods: [], bind: [] };
}

/** Compiles the access rules; an unusable one is reported with its line. */
export function compileSettingsAccess({ settings, source }: ReadSettings): Access {
  try {
    return compileAccess(settings.access, { roomServices: settings.roomServices });
  } catch (error) {
    if (!(error instanceof AccessRuleError)) throw error;
    throw new SettingsError(source.file, [
      { line: source.lineOf(["access", error.index]), key: "", problem: error.message },
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

/** What a person should know about usable settings: rules that can never decide a call. */
export function reviewSettings(read: ReadSettings): string[] {
  return compileSettingsAccess(read).warnings.map((warning) => {
    return `${read.source.file}:${read.source.lineOf(["access", warning.rule])} ${warning.text}`;
  });
}

/** Makes the gateway that the settings describe; it is not started. */
export function createGatewayFromSettings(read: ReadSettings, handlers: HandlersModule, log: Logger): Gateway {
  const { settings } = read;
  return createGateway({
    link: linkOf(read, log),
    ...handlers,
    access: compileSettingsAccess(read),
    values: {
      reading: settings.values.reading,
      // The schema lets no other text through.
      dates: { zone: settings.values.zone as DateZone },
      void: settings.values.void,
    },
    unknownMethod: settings.unknownMethod,
    limits: settings.limits,
    log,
  });
}

function linkOf({ settings, source, folder }: ReadSettings, log: Logger): Link {
  const { link, limits } = settings;
  const at = <T>(key: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      const problem = messageOf(error);
      throw new SettingsError(source.file, [{ line: source.lineOf(["link", key]), key: `link.${key}`, problem }]);
    }
  };
  const secretOf = (password: Parameters<typeof readSecret>[0]) =>
    at("password", () => readSecret(password, folder, process.env));
  const tlsOf = ({ ca, insecure }: { ca?: string | undefined; insecure: boolean }) => ({
    insecure,
    ...(ca === undefined ? {} : { ca: at("tls", () => readFileSync(resolve(folder, ca), "utf8")) }),
  });
  switch (link.mode) {
    case "memory":
      return createMemoryNetwork().link(link.jid);
    case "client": {
      const { jid, service, allowPlaintext } = link;
      const password = secretOf(link.password);
      const tls = tlsOf(link.tls ?? { insecure: false });
      return at("jid", () =>
        createClientLink({
          jid,
          password,
          allowPlaintext,
          tls,
          limits,
          log,
          ...(service !== undefined && { service }),
        }),
      );
    }
    case "component": {
      const { jid, service, insecure, serverDomain, replicas } = link;
      const password = secretOf(link.password);
      const tls = typeof link.tls === "boolean" ? link.tls : tlsOf(link.tls);
      return at("jid", () =>
        createComponentLink({
          jid,
          service,
          password,
          tls,
          insecure,
          replicas,
          limits,
          log,
          ...(serverDomain !== undefined && { serverDomain }),
        }),
      );
    }
  }
}

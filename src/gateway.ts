// createGateway: the composition root. Handlers, access and a link in; a running responder out.

import { randomUUID } from "node:crypto";
import { Container } from "inversify";
import type { Jid } from "./jid.js";
import { type Logger, silentLogger } from "./observe/index.js";
import { type Limits, withDefaults } from "./limits.js";
import {
  type Access,
  type AccessRule,
  compileAccess,
  createDispatcher,
  createMethodTable,
  type Interceptor,
  type MethodSpec,
  type ServiceClass,
} from "./rpc/index.js";
import { SOFTWARE } from "./software.js";
import { createEntity, createResponder, type Feature } from "./xeps/index.js";
import { type CodecSettings, createCodec } from "./xmlrpc-codec/index.js";
import { type ClientLinkOptions, createClientLink, type Link } from "./xmpp/index.js";

/** What a gateway is made of. */
export interface GatewayOptions {
  /** A link of your own (such as `createMemoryNetwork().link(…)`), or where to log in. */
  readonly link: Link | ClientLinkOptions;
  /** Who may call what (docs/security.md). Default: nobody, nothing. */
  readonly access?: readonly AccessRule[] | Access;
  /** Classes marked with `@rpcService`. */
  readonly services?: readonly ServiceClass[];
  /** Methods made with `defineMethod` and `defineService`. */
  readonly methods?: readonly MethodSpec[];
  /** Binds what the services are injected with. */
  bind?(container: Container): void;
  /** Run around every handler, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Further protocol extensions. */
  readonly features?: readonly Feature[];
  /** How values are read and written (docs/values.md). */
  readonly values?: CodecSettings;
  /** Answer to a permitted caller of a method that does not exist. Default `fault` (-32601). */
  readonly unknownMethod?: "fault" | "item-not-found";
  /** Limits that differ from the defaults (docs/settings.md). */
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
}

/** A responder that runs. */
export interface Gateway {
  /** The address it is called at; undefined before it is started. */
  readonly jid: Jid | undefined;
  /** Resolves when it can be called. Rejects with a `LinkError`. */
  start(): Promise<Jid>;
  /**
   * Refuses new calls, lets running ones finish, answers every one, logs out. May be called twice.
   *
   * @param options.drainMs after this many milliseconds running calls are ended with fault -32400. Default 10 000
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

const DEFAULT_DRAIN_MS = 10_000;

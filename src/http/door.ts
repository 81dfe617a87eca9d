// The HTTP doors: one listening socket, its routes, and their end. Everything that a request is checked for is in guard.ts.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../observe/index.js";
import { type Access, type Dispatcher, exactArguments, type MethodTable, type Requester } from "../rpc/index.js";
import type { XmlLimits } from "../xml/index.js";
import type { Codec } from "../xmlrpc-codec/index.js";
import { type CredentialOptions, createCredentials } from "./credentials.js";
import { createGuard, pathOf, type Refusal } from "./guard.js";
import type { HttpLimits } from "./limits.js";
import { LoginThrottle } from "./login-throttle.js";
import { createXmlRpc } from "./xml-rpc.js";

/** Where to listen, and whom to let in. */
export interface HttpOptions extends CredentialOptions {
  /** Default 127.0.0.1. Off loopback one of `behindTlsProxy` and `insecure` is needed. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names in `Host` headers beside localhost and the loopback addresses. */
  readonly hosts?: readonly string[];
  /** All requests come through a proxy that ends TLS and sets X-Forwarded-For. */
  readonly behindTlsProxy?: boolean;
  /** Passwords and calls may cross a network in clear. */
  readonly insecure?: boolean;
}

/** What the doors lead to. */
export interface HttpDoorOptions extends HttpOptions {
  readonly table: MethodTable;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly limits: HttpLimits & XmlLimits;
  readonly log: Logger;
  /** Whether the link to XMPP is up. */
  readonly isOnline: () => boolean;
}

/** Doors that are open. */
export interface HttpDoor {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, answers what is being asked, closes. May be called twice. */
  stop(): Promise<void>;
}

const HTTP_ERROR = Symbol.for("jabber-rpc.HttpError");

/** The doors cannot be opened; the message says why and which setting changes it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly [HTTP_ERROR] = true;

  static is(error: unknown): error is HttpError {
    return typeof error === "object" && error !== null && HTTP_ERROR in error;
  }
}

interface Route {
  readonly methods: readonly string[];
  readonly open: boolean;
}

const READ = ["GET", "HEAD"];
const OPEN_ROUTES = { "/healthz": { methods: READ, open: true }, "/readyz": { methods: READ, open: true } } as const;
const XML_TYPES = ["text/xml", "application/xml"];
/** Node looks for requests that take too long once in this time. */
const CHECK_INTERVAL_MS = 500;
/** What is still being sent when the doors close has this long. */
const CLOSE_MS = 2_000;

/**
 * Opens the doors.
 *
 * @throws HttpError when the address cannot be listened on, or would carry passwords in clear over a network
 * @throws CredentialError for users and tokens that cannot be used
 */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host = "127.0.0.1", port, limits, log } = options;
  checkExposure(host, options);
  const credentials = createCredentials(options);
  const requesters = new WeakMap<FastifyRequest, Requester>();
  const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ...Object.entries(OPEN_ROUTES),
    ...(credentials.any ? [["/RPC2", { methods: ["POST"], open: false }] as const] : []),
  ]);
  const guard = createGuard({
    hosts: [...(options.hosts ?? []), host.includes(":") ? `[${host}]` : host],
    find: (path) => routes.get(path),
    credentials,
    throttle: new LoginThrottle(limits, () => performance.now()),
    behindTlsProxy: options.behindTlsProxy === true,
    onFailedLogin: (address, name) => log.warn("http.login-failed", { address, name: name?.slice(0, 100) }),
  });
  const app = await createApp(limits, log);

  app.addHook("onRequest", (request, reply, done) => {
    const admission = guard(request.raw);
    if ("refusal" in admission) return refuse(reply, admission.refusal);
    if (admission.requester !== undefined) requesters.set(request, admission.requester);
    done();
  });
  /** Behind the guard every request to a closed route has one. */
  const requesterOf = (request: FastifyRequest): Requester => {
    const requester = requesters.get(request);
    if (requester === undefined) throw new Error(`${request.url} was reached without a login`);
    return requester;
  };

  app.get("/healthz", (_request, reply) => sendText(reply, 200, "ok"));
  app.get("/readyz", (_request, reply) =>
    options.isOnline() ? sendText(reply, 200, "ready") : sendText(reply, 503, "the link is down"),
  );
  const xmlRpc = createXmlRpc({ ...options, newCallId: () => options.dispatcher.newCallId() });
  app.register(async (scope) => {
    takeBodies(scope, XML_TYPES);
    scope.post("/RPC2", async (request, reply) => {
      const requester = requesterOf(request);
      const text = await xmlRpc.answer(bodyOf(request), ({ methodName, params }) =>
        options.dispatcher.dispatch({ method: methodName, args: exactArguments(params), requester, via: "http" }),
      );
      return reply.header("content-type", "text/xml; charset=utf-8").send(text);
    });
  });

  return listen(app, host, port, limits);
}

/** Only loopback, or what says that the way is private or knows that it is not. */
function checkExposure(host: string, { behindTlsProxy, insecure }: HttpOptions): void {
  const isLoopback = host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
  if (isLoopback || behindTlsProxy === true || insecure === true) return;
  throw new HttpError(
    `http.host ${host} would carry passwords in clear: listen on 127.0.0.1 behind a proxy that ends TLS, or say ` +
      "http.behindTlsProxy: true where only that proxy reaches the port, or http.insecure: true",
  );
}

async function createApp(limits: HttpDoorOptions["limits"], log: Logger): Promise<FastifyInstance> {
  // Loaded only here: a gateway without HTTP doors does not pay for it.
  const { fastify } = await import("fastify");
  const app = fastify({
    bodyLimit: limits.maxStanzaBytes,
    requestTimeout: limits.httpRequestMs,
    http: { headersTimeout: limits.httpRequestMs, connectionsCheckingInterval: CHECK_INTERVAL_MS },
    forceCloseConnections: "idle",
    trustProxy: false,
    logger: false,
  });
  app.server.maxConnections = limits.httpConnections;
  app.removeAllContentTypeParsers();
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
    done(null, payload);
  });
  app.setErrorHandler((error: unknown, request, reply) => {
    const status = statusOf(error);
    if (status !== undefined) return refuse(reply, { status, text: REFUSALS[status] ?? "bad request" });
    log.error("http.failed", { path: pathOf(request.raw), cause: error instanceof Error ? error.stack : String(error) });
    return refuse(reply, { status: 500, text: "internal error" });
  });
  return app;
}

const REFUSALS: Readonly<Record<number, string>> = {
  413: "the body is over the limit of maxStanzaBytes",
  415: "another content-type expected",
};

/** The status that the framework gives to what a client did wrong. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function takeBodies(scope: FastifyInstance, types: readonly string[]): void {
  scope.addContentTypeParser([...types], { parseAs: "buffer" }, (request, body, done) => {
    const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers["content-type"] ?? "")?.[1];
    if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) done(null, body);
    else done(Object.assign(new Error("UTF-8 expected"), { statusCode: 415 }));
  });
}

function bodyOf({ body }: FastifyRequest): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw Object.assign(new Error("no body"), { statusCode: 415 });
}

/** What is left of a refused request is not read. */
function refuse(reply: FastifyReply, { status, text, headers = {} }: Refusal): void {
  void sendText(reply.headers({ ...headers, connection: "close" }), status, text);
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header("content-type", "text/plain; charset=utf-8").send(`${text}\n`);
}

async function listen(app: FastifyInstance, host: string, port: number, _limits: HttpLimits): Promise<HttpDoor> {
  try {
    await app.ready();
    app.server.listen({ host, port });
    await once(app.server, "listening");
  } catch (error) {
    await app.close();
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const problem = code === "EADDRINUSE" ? "the port is in use" : error instanceof Error ? error.message : String(error);
    throw new HttpError(`cannot listen on ${host}:${port}: ${problem}; choose another with http.port`, { cause: error });
  }
  // A server that listens on a host and port has an address of this kind.
  const address = app.server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
    await app.close();
    clearTimeout(timer);
  };
  return {
    host: address.address,
    port: address.port,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

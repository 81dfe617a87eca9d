// The socket of the HTTP doors: requests in by the framework's rules, answers out, and an end that loses none.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import type { Requester } from "../rpc/index.js";
import type { XmlLimits } from "../xml/index.js";
import { type AnyDoor, type ClosedDoor, type DoorAnswer, DoorError, textAnswer } from "./door.js";
import { type Admission, pathOf, type Refusal } from "./guard.js";
import { HttpError } from "./http-error.js";
import type { HttpLimits } from "./limits.js";

/** What stands behind the socket. */
export interface ListenOptions {
  readonly doors: readonly AnyDoor[];
  readonly guard: (request: IncomingMessage) => Admission;
  readonly limits: HttpLimits & Pick<XmlLimits, "maxStanzaBytes">;
  readonly log: Logger;
}

/** A socket that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, sends what is being answered, closes. May be called twice. */
  stop(): Promise<void>;
}

/** Node looks for requests that take too long once in this time. */
const CHECK_INTERVAL_MS = 500;
/** What is still being sent when the socket closes has this long. */
const CLOSE_MS = 2_000;
const NO_BODY = new Uint8Array();

/** Listens. Throws {@link HttpError} when that is not possible. */
export async function listen(host: string, port: number, options: ListenOptions): Promise<Listening> {
  const app = await createApp(options);
  try {
    await app.ready();
    app.server.listen({ host, port });
    await once(app.server, "listening");
  } catch (error) {
    await app.close();
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    const problem = isTaken ? "the port is in use" : messageOf(error);
    throw new HttpError(`cannot listen on ${host}:${port}: ${problem}; choose another with http.port`, {
      cause: error,
    });
  }
  // A server that listens on a host and port has an address of this kind.
  const address = app.server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
    await app.close();
    clearTimeout(timer);
  };
  let closed: Promise<void> | undefined;
  return {
    host: address.address,
    port: address.port,
    stop: () => {
      closed ??= close();
      return closed;
    },
  };
}

async function createApp({ doors, guard, limits, log }: ListenOptions): Promise<FastifyInstance> {
  // Loaded only here: a gateway without HTTP doors does not pay for it.
  const { fastify } = await import("fastify");
  const requesters = new WeakMap<FastifyRequest, Requester>();
  const app = fastify({
    bodyLimit: limits.maxStanzaBytes,
    requestTimeout: limits.httpRequestMs,
    http: { headersTimeout: limits.httpRequestMs, connectionsCheckingInterval: CHECK_INTERVAL_MS },
    forceCloseConnections: "idle",
    logger: false,
  });
  app.server.maxConnections = limits.httpConnections;
  app.removeAllContentTypeParsers();
  // Also asked for paths that lead nowhere.
  app.addHook("onRequest", (request, reply, done) => {
    const admission = guard(request.raw);
    if ("refusal" in admission) return refuse(reply, admission.refusal);
    if (admission.requester !== undefined) requesters.set(request, admission.requester);
    done();
  });
  app.setErrorHandler((error: unknown, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refuse(reply, refusal);
    const cause = error instanceof Error ? error.stack : String(error);
    log.error("http.failed", { path: pathOf(request.raw).slice(0, 200), cause });
    return refuse(reply, { status: 500, text: "internal error" });
  });
  const answer = createAnswering();
  for (const door of doors) app.register(async (scope) => addDoor(scope, door, requesters, answer));
  return app;
}

type Answering = (reply: FastifyReply, answer: DoorAnswer) => void;

/**
 * What is answered in one turn of the event loop leaves at its end, one right after the other: a client that falls asleep
 * between two answers has to be woken for each, and on a machine of few cores that costs more than all the rest of a call.
 */
function createAnswering(): Answering {
  let ready: { readonly reply: FastifyReply; readonly answer: DoorAnswer }[] = [];
  const sendAll = (): void => {
    const all = ready;
    ready = [];
    for (const { reply, answer } of all) send(reply, answer);
  };
  return (reply, answer) => {
    ready.push({ reply, answer });
    if (ready.length === 1) setImmediate(sendAll);
  };
}

function addDoor(
  scope: FastifyInstance,
  door: AnyDoor,
  requesters: WeakMap<FastifyRequest, Requester>,
  answer: Answering,
): void {
  if (door.takes !== undefined) scope.addContentTypeParser([...door.takes], { parseAs: "buffer" }, checkCharset);
  scope.route({
    method: door.method,
    url: door.path,
    handler: (request, reply) => {
      const given = door.open ? door.handle() : handle(door, request, requesters);
      if (!(given instanceof Promise)) return answer(reply, given);
      given.then(
        (later) => answer(reply, later),
        // The framework hands an error that is sent to the error handler.
        (error: unknown) => void reply.send(error),
      );
    },
  });
}

function handle(
  door: ClosedDoor,
  request: FastifyRequest,
  requesters: WeakMap<FastifyRequest, Requester>,
): DoorAnswer | Promise<DoorAnswer> {
  const requester = requesters.get(request);
  if (requester === undefined) throw new Error(`${door.path} was reached without a login`);
  const { body } = request;
  if (door.takes !== undefined && !(body instanceof Uint8Array)) throw new DoorError(415, `${door.takes[0]} expected`);
  return door.handle({ requester, body: body instanceof Uint8Array ? body : NO_BODY, path: pathOf(request.raw) });
}

/** Everything that is read here is UTF-8. */
function checkCharset(request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: Buffer) => void): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers["content-type"] ?? "")?.[1] ?? "utf-8";
  if (/^(utf-?8|us-ascii)$/i.test(charset)) done(null, body);
  else done(new DoorError(415, "UTF-8 expected"));
}

/** What the framework refuses by itself. */
const REFUSALS: Readonly<Record<number, string>> = {
  413: "the body is over the limit of maxStanzaBytes",
  415: "a body of another content-type expected",
};

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof DoorError) return { status: error.statusCode, text: error.message };
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return undefined;
  return { status: statusCode, text: REFUSALS[statusCode] ?? "bad request" };
}

/** What may be left of a refused request is not read. */
function refuse(reply: FastifyReply, { status, text, headers = {} }: Refusal): void {
  send(reply.headers({ ...headers, connection: "close" }), textAnswer(text, status));
}

function send(reply: FastifyReply, { status = 200, type, text }: DoorAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" })
    .send(text);
}

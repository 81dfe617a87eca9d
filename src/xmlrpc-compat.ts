// jabber-rpc/xmlrpc: the shape of npm xmlrpc over XMPP. Its clients and its servers' listeners move with one line each.

import { createRequester, type Requester } from "./requester.js";
import { type MethodSpec, RpcFault } from "./rpc/index.js";
import { type ExactValue, setOwn } from "./values/index.js";
import type { ClientLinkOptions } from "./xmpp/index.js";

/** Whom a client calls, and as whom: through a requester of your own, or logging in by itself at the first call. */
export type XmlRpcClientOptions = {
  /** The responder's full address: `orders@example.net/gateway`. */
  readonly to: string;
  /** How long a call waits for its answer. Default 30 000 ms. */
  readonly timeoutMs?: number;
} & ({ readonly requester: Requester } | ClientLinkOptions);

/** Called once for each call: with an error, or with null and the result. */
export type XmlRpcCallback = (error: Error | null, value?: unknown) => void;

/** A client as npm xmlrpc's `createClient` makes one. */
export interface XmlRpcClient {
  methodCall(method: string, params: readonly unknown[], callback: XmlRpcCallback): void;
  /** Logs out, unless the requester was given. npm xmlrpc has no such thing: its connections end by themselves. */
  close(): Promise<void>;
}

/** A fault as npm xmlrpc's clients get one. */
export interface XmlRpcFaultError extends Error {
  readonly code: number;
  readonly faultCode: number;
  readonly faultString: string;
}

/** Makes a client. Values arrive as npm xmlrpc gives them: base64 as Buffer, i8 as text, nil as null. */
export function createClient(options: XmlRpcClientOptions): XmlRpcClient {
  const { to, timeoutMs, ...link } = options;
  const given = "requester" in options ? options.requester : undefined;
  // Whoever gives no requester gives what a link takes.
  const requester = given ?? createRequester({ link: link as ClientLinkOptions });
  let started: Promise<unknown> | undefined;

  const call = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    if (given === undefined) {
      started ??= requester.start();
      await started;
    }
    const callOptions = timeoutMs === undefined ? {} : { timeoutMs };
    return npmValueOf(await requester.callExact(to, method, params, callOptions));
  };

  return {
    methodCall: (method, params, callback) => {
      // What the callback throws is an uncaught exception, as it is in npm xmlrpc, and no rejection of ours.
      call(method, params).then(
        (value) => process.nextTick(callback, null, value),
        (error: unknown) => process.nextTick(callback, errorOf(error)),
      );
    },
    close: async () => {
      if (given === undefined) await requester.stop();
    },
  };
}

/** As much of npm xmlrpc's Server as is used: listeners `(error, params, callback)` under the methods' names. */
export interface XmlRpcServer {
  eventNames(): readonly (string | symbol)[];
  emit(name: string, ...args: unknown[]): boolean;
}

/** What npm xmlrpc's own server lets callers reach although it is no method: its and its emitter's events. */
const NO_METHODS: ReadonlySet<string> = new Set(["NotFound", "error", "newListener", "removeListener"]);

/**
 * The listeners of a server made with npm xmlrpc, as methods of a gateway: `createGateway({methods: mountServer(server)})`.
 * Those are offered that are registered now. Its HTTP side goes on as before.
 *
 * A listener answers a fault by `callback({faultCode, faultString})`; any other error is -32500, and stands in the log.
 *
 * @throws TypeError when nothing is registered, since the methods must be there before they are mounted
 */
export function mountServer(server: XmlRpcServer): readonly MethodSpec[] {
  const names = server.eventNames().filter((name) => typeof name === "string" && !NO_METHODS.has(name));
  // system.* is answered by the gateway itself, for what is mounted here too.
  const methods = names.map(String).filter((name) => !name.startsWith("system."));
  if (methods.length === 0) throw new TypeError("the server has no methods: mount it after its server.on(…) calls");
  return methods.map((name) => ({
    name,
    params: [],
    rest: { kind: "exact" },
    handler: (args) =>
      new Promise((resolve, reject) => {
        const done = (error: unknown, value: unknown): void => {
          if (error === null || error === undefined) resolve(value);
          else reject(faultOf(error));
        };
        // The shape of rest is exact, so every argument is an exact value.
        server.emit(name, null, (args as ExactValue[]).map(npmValueOf), done);
      }),
  }));
}

function npmValueOf(exact: ExactValue): unknown {
  switch (exact.type) {
    case "i8":
      return exact.value.toString();
    case "base64":
      return Buffer.from(exact.value);
    case "array":
      return exact.value.map(npmValueOf);
    case "struct": {
      const members: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(exact.value)) setOwn(members, name, npmValueOf(member));
      return members;
    }
    case "int":
    case "i1":
    case "i2":
    case "double":
    case "boolean":
    case "string":
    case "dateTime.iso8601":
    case "nil":
      return exact.value;
  }
}

function errorOf(error: unknown): Error {
  if (!RpcFault.is(error)) return error instanceof Error ? error : new Error(String(error));
  const { code, message } = error;
  return Object.assign(new Error(`XML-RPC fault: ${message}`, { cause: error }), {
    code,
    faultCode: code,
    faultString: message,
  } satisfies Omit<XmlRpcFaultError, keyof Error>);
}

/** What npm xmlrpc would have written as a fault, if it has the members of one. */
function faultOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null || !("faultCode" in error)) return error;
  const text = "faultString" in error ? error.faultString : "";
  return new RpcFault(Number(error.faultCode), String(text));
}

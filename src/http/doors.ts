// The HTTP doors together: which there are, what they lead to, and who is let in.

import type { Logger } from "../observe/index.js";
import type { Access, CallCounts, Dispatcher, ForwardAccess, Forwarder, MethodTable, RpcLimits } from "../rpc/index.js";
import type { XmlLimits } from "../xml/index.js";
import type { Codec } from "../xmlrpc-codec/index.js";
import { type CredentialOptions, createCredentials } from "./credentials.js";
import { createDescriptionDoors } from "./descriptions.js";
import type { AnyDoor, ClosedDoor } from "./door.js";
import { ForwardDoor } from "./forward-door.js";
import { createGuard } from "./guard.js";
import { createHealthDoors } from "./health.js";
import { HttpError } from "./http-error.js";
import { createJsonRpcDoor } from "./json-rpc-door.js";
import type { HttpLimits } from "./limits.js";
import { listen } from "./listen.js";
import { LoginThrottle } from "./login-throttle.js";
import { createMetricsDoor } from "./metrics.js";
import { createXmlRpc, createXmlRpcDoor } from "./xml-rpc.js";

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
export interface HttpGate {
  readonly table: MethodTable;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly limits: HttpLimits & XmlLimits & RpcLimits;
  readonly log: Logger;
  readonly counts: CallCounts;
  /** Who may have calls forwarded, and who makes them. */
  readonly forward: { readonly access: ForwardAccess; readonly forwarder: Forwarder };
  readonly software: { readonly name: string; readonly version: string };
  /** Further doors for those who log in. */
  readonly doors?: readonly ClosedDoor[];
  /** Whether the link to XMPP is up. */
  readonly isOnline: () => boolean;
}

/** Doors that are open. */
export interface HttpDoors {
  readonly host: string;
  readonly port: number;
  /**
   * Refuses to forward further calls and resolves when none waits for its answer.
   *
   * @param graceMs after so many milliseconds those that still wait are answered with a fault
   */
  drain(graceMs: number): Promise<void>;
  /** Takes no more connections, sends what is being answered, closes. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Opens the doors. With no users and no tokens only health answers.
 *
 * @throws HttpError when the address cannot be listened on, or would carry passwords in clear over a network
 * @throws CredentialError for users and tokens that cannot be used
 */
export async function openHttpDoors(options: HttpOptions, gate: HttpGate): Promise<HttpDoors> {
  const { host = "127.0.0.1", port } = options;
  checkExposure(host, options);
  const credentials = createCredentials(options);
  const xmlRpc = createXmlRpc(gate);
  const forwardDoor = new ForwardDoor({ ...gate, ...gate.forward, xmlRpc });
  const closed = [
    createXmlRpcDoor(xmlRpc, gate.dispatcher),
    forwardDoor,
    createJsonRpcDoor(gate),
    createMetricsDoor(gate),
    ...createDescriptionDoors(gate),
    ...(gate.doors ?? []),
  ];
  const doors: readonly AnyDoor[] = [...createHealthDoors(gate.isOnline), ...(credentials.any ? closed : [])];
  const guard = createGuard({
    hosts: [...(options.hosts ?? []), host.includes(":") ? `[${host}]` : host],
    doors,
    credentials,
    throttle: new LoginThrottle(gate.limits, () => performance.now()),
    behindTlsProxy: options.behindTlsProxy === true,
    onFailedLogin: (address, name) => gate.log.warn("http.login-failed", { address, name: name?.slice(0, 100) }),
  });
  const { stop, ...address } = await listen(host, port, { doors, guard, limits: gate.limits, log: gate.log });
  return { ...address, stop, drain: (graceMs) => forwardDoor.drain(graceMs) };
}

/** Only loopback, or who says that the way is private or knows that it is not. */
function checkExposure(host: string, { behindTlsProxy, insecure }: HttpOptions): void {
  const isLoopback = host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
  if (isLoopback || behindTlsProxy === true || insecure === true) return;
  throw new HttpError(
    `http.host ${host} would carry passwords in clear: listen on 127.0.0.1 behind a proxy that ends TLS, or say ` +
      "http.behindTlsProxy: true where only that proxy reaches the port, or http.insecure: true",
  );
}

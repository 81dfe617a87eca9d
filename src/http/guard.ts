// What is settled before a body is read: the Host, the path, the method, the login. A refusal is one line of text.

import type { IncomingMessage } from "node:http";
import type { Requester } from "../rpc/index.js";
import { type Credentials, readAuthorization } from "./credentials.js";
import type { AnyDoor } from "./door.js";
import type { LoginThrottle } from "./login-throttle.js";

/** A request that goes no further. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request came to. */
export type Admission = { readonly refusal: Refusal } | { readonly requester: Requester | undefined };

/** What {@link createGuard} stands on. */
export interface GuardOptions {
  readonly hosts: readonly string[];
  readonly doors: readonly AnyDoor[];
  readonly credentials: Credentials;
  readonly throttle: LoginThrottle;
  /** The address that log-ins are counted for comes from the header that the proxy sets. */
  readonly behindTlsProxy: boolean;
  /** Told of every failed login. */
  readonly onFailedLogin: (address: string, name: string | undefined) => void;
}

const CHALLENGES = 'Basic realm="jabber-rpc", charset="UTF-8", Bearer realm="jabber-rpc"';
/** Names that no DNS of somebody else can make this machine's. */
const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Makes the check of everything but the body. It reads no header that could name somebody but `Authorization`. */
export function createGuard(options: GuardOptions): (request: IncomingMessage) => Admission {
  const hosts = new Set([...OWN_NAMES, ...options.hosts].map((host) => host.toLowerCase()));
  const exact = new Map(options.doors.map((door) => [door.path, door]));
  const wide = options.doors.filter((door) => door.path.endsWith("/*"));
  const findDoor = (path: string): AnyDoor | undefined =>
    exact.get(path) ?? wide.find((door) => path.length >= door.path.length && path.startsWith(door.path.slice(0, -1)));

  const admit = (request: IncomingMessage): Requester => {
    const header = request.headers.authorization;
    if (header === undefined) throw unauthorized("log in with Basic or bearer credentials");
    const address = addressOf(request, options.behindTlsProxy);
    const claim = readAuthorization(header);
    const seconds = options.throttle.blockedSeconds(address, claim?.name);
    if (seconds > 0) {
      const headers = { "retry-after": String(seconds) };
      throw new RefusalError({ status: 429, text: "too many failed log-ins", headers });
    }
    const requester = claim && options.credentials.check(claim);
    if (requester !== undefined) return requester;
    options.throttle.failed(address, claim?.name);
    options.onFailedLogin(address, claim?.name);
    throw unauthorized("wrong credentials");
  };

  return (request) => {
    try {
      if (!hosts.has(hostOf(request))) throw new RefusalError({ status: 421, text: "this host is not served here" });
      const door = findDoor(pathOf(request));
      if (door === undefined) throw new RefusalError({ status: 404, text: "there is nothing at this path" });
      const methods = door.method === "GET" ? ["GET", "HEAD"] : [door.method];
      if (!methods.includes(request.method ?? "")) {
        const allow = methods.join(", ");
        throw new RefusalError({ status: 405, text: `${allow} expected here`, headers: { allow } });
      }
      const encoding = request.headers["content-encoding"];
      if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
        throw new RefusalError({ status: 415, text: "a body without content-encoding expected" });
      }
      return { requester: door.open ? undefined : admit(request) };
    } catch (error) {
      if (error instanceof RefusalError) return { refusal: error.refusal };
      throw error;
    }
  };
}

/** The path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

class RefusalError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.text);
    this.refusal = refusal;
  }
}

function unauthorized(text: string): RefusalError {
  return new RefusalError({ status: 401, text, headers: { "www-authenticate": CHALLENGES } });
}

/** The host that was asked for, without its port. */
function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").toLowerCase().replace(/:\d*$/, "");
}

/** A proxy adds the address it was asked from at the end; what stands before that, anybody may have written. */
function addressOf(request: IncomingMessage, behindTlsProxy: boolean): string {
  const socketAddress = request.socket.remoteAddress ?? "unknown";
  if (!behindTlsProxy) return socketAddress;
  const forwarded = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",").at(-1)?.trim() ?? "";
  return /^[0-9A-Fa-f:.]{2,45}$/.test(forwarded) ? forwarded : socketAddress;
}

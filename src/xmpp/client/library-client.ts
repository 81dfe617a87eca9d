/* oxlint-disable no-underscore-dangle -- the internals of the library that are replaced here are named so */
// @xmpp/client behind a narrow interface: it opens streams, carries SASL and binds the resource, for one connection attempt.
// Bytes, TLS, mechanisms and everything after `online` are ours (contract: streams); what is replaced here has a test each.

import { EventEmitter } from "node:events";
import { client, type Entity, type TransportClass } from "@xmpp/client";
import type { XmlElement } from "../../xml/index.js";
import type { SocketParameters, StreamSocket } from "../stream/stream-socket.js";
import { MECHANISM_NAMES, type Mechanism, type MechanismName } from "./mechanisms.js";
import { toLtx } from "./to-ltx.js";

/** What {@link createLibraryClient} needs. The callbacks may be called at any time until `release`, none after it. */
export interface LibraryClientOptions {
  /** The library may use it, but does not hear what it says: bytes are read by ours. */
  readonly socket: StreamSocket;
  readonly connectTo: SocketParameters;
  readonly resource: string;
  readonly timeoutMs: number;
  /** Called when authentication begins, with the one mechanism that the delivered features offer. May throw. */
  readonly createMechanism: (name: MechanismName) => Mechanism;
  readonly onError: (error: unknown) => void;
  /** The address that the server gave us, as it wrote it. */
  readonly onOnline: (jid: string) => void;
}

/** One connection attempt of the library. */
export interface LibraryClient {
  /** Resolves when the socket is connected and, for direct TLS, encrypted. */
  connect(): Promise<void>;
  /** Sends a stream header and resolves when the server's was delivered. */
  openStream(): Promise<void>;
  /** The same on a connection that had a stream before. */
  restartStream(): Promise<void>;
  deliverHeader(root: XmlElement): void;
  deliver(element: XmlElement): void;
  /** Ends every wait and timer inside the library. */
  release(reason: Error): void;
}

/** Makes a client that will never reconnect by itself. */
export function createLibraryClient(options: LibraryClientOptions): LibraryClient {
  const { socket, connectTo } = options;
  const { domain } = connectTo;
  const entity = client({
    service: SERVICE,
    domain,
    ...(options.resource !== "" && { resource: options.resource }),
    timeout: options.timeoutMs,
    credentials: (authenticate, offered) => authenticate({}, offered[0] ?? ""),
  });
  entity.reconnect.stop();
  useSocket(entity, socket, connectTo);
  entity.saslFactory._mechs.length = 0;
  for (const name of MECHANISM_NAMES) {
    entity.saslFactory.use(
      name,
      asConstructor(() => options.createMechanism(name)),
    );
  }
  entity._onData = () => undefined;

  // The library makes an ltx parser for every stream; what it listens to instead is an emitter that only `deliver` feeds.
  const attachParser = entity._attachParser.bind(entity);
  let events = new EventEmitter();
  entity._attachParser = () => {
    events = new EventEmitter();
    attachParser(events);
  };

  let released = false;
  entity.on("error", (error: unknown) => {
    if (!released) options.onError(error);
  });
  entity.on("online", (jid: unknown) => {
    if (!released) options.onOnline(String(jid));
  });

  const emit = (event: "start" | "element", element: XmlElement): void => {
    try {
      events.emit(event, toLtx(element));
    } catch (error) {
      // Its listeners throw for what they do not expect, such as from='@'.
      options.onError(error);
    }
  };
  return {
    connect: () => entity.connect(SERVICE),
    openStream: () => entity.open({ domain }),
    restartStream: () => entity.restart(),
    deliverHeader: (root) => emit("start", root),
    deliver: (element) => emit("element", element),
    release: (reason) => {
      released = true;
      entity.emit("error", reason);
      for (const pending of entity.iqCaller.handlers.values()) {
        // Nobody listens to it yet while the request is still being written.
        pending.promise.catch(() => undefined);
        pending.reject(reason);
      }
    },
  };
}

/** Never dialled: where to connect is in the socket's parameters. It only has to select the library's TCP transport. */
const SERVICE = "xmpp://link";

function useSocket(entity: Entity, socket: StreamSocket, parameters: SocketParameters): void {
  const tcp = entity.transports.find((transport) => offers(transport, SERVICE));
  if (tcp === undefined) throw new TypeError("@xmpp/client has no TCP transport");
  class OwnTransport extends tcp {
    override socketParameters(): object {
      return parameters;
    }
  }
  OwnTransport.prototype.Socket = asConstructor(() => socket);
  entity.transports.splice(0, entity.transports.length, OwnTransport);
}

function offers(transport: TransportClass, service: string): boolean {
  try {
    return transport.prototype.socketParameters(service) !== undefined;
  } catch {
    return false;
  }
}

/** The library says `new`; a function that returns an object is enough for that. */
function asConstructor<T extends object>(create: () => T): new () => T {
  const construct = function construct(): T {
    return create();
  };
  // A function declared so can be called with `new`, which TypeScript only believes of classes.
  return construct as unknown as new () => T;
}

// Opens a client's stream: @xmpp/client speaks, our negotiation decides what it hears (RFC 6120 §4 to §7).

import type { Opening, OpeningHost, Resumption } from "../stream/opening.js";
import type { SocketParameters } from "../stream/stream-socket.js";
import { createLibraryClient } from "./library-client.js";
import { type Credentials, createMechanism } from "./mechanisms.js";
import { Negotiation } from "./negotiation.js";

/** What opens one client's stream. */
export interface ClientOpeningOptions {
  readonly connectTo: SocketParameters;
  readonly credentials: Credentials;
  /** Empty: the server makes one. */
  readonly resource: string;
  readonly allowPlaintext: boolean;
  readonly timeoutMs: number;
  /** The session that is to be resumed instead of binding a new one. */
  readonly resumption: Resumption | undefined;
}

/** Makes what opens one stream; it does nothing before `connect`. */
export function createClientOpening(options: ClientOpeningOptions, host: OpeningHost): Opening {
  const { connectTo, resource, timeoutMs } = options;
  const library = createLibraryClient({
    socket: host.socket,
    connectTo,
    resource,
    timeoutMs,
    createMechanism: (name) => {
      const mechanism = createMechanism(name, options.credentials);
      negotiation.useMechanism(mechanism);
      return mechanism;
    },
    onError: (error) => host.failed(error),
    onOnline: (address) => {
      const management = negotiation.offersManagement ? "offered" : "none";
      host.opened({ address, mechanism: negotiation.mechanism ?? "", management });
    },
  });
  const { tls } = connectTo;
  const negotiation: Negotiation = new Negotiation({
    host,
    library,
    verifiesTls: tls.insecure !== true,
    prefersTls: tls.ca !== undefined || tls.insecure === true,
    allowsPlaintext: options.allowPlaintext,
    resumption: options.resumption,
  });
  return {
    connect: () => library.connect(),
    open: () => library.openStream(),
    readHeader: (root) => negotiation.readHeader(root),
    readElement: (element) => negotiation.readElement(element),
    endOf: (thrown) => negotiation.endOf(thrown),
    release: (reason) => library.release(reason),
  };
}

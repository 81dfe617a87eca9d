// Opens a component's stream: header, handshake, and what the refusals mean (XEP-0114 §3).

import { createHash } from "node:crypto";
import { once } from "node:events";
import { escapeAttribute, type XmlElement } from "../../xml/index.js";
import { LinkError } from "../link.js";
import { type ConnectionEnd, describeStreamError, thrownEnd } from "../stream/connection-end.js";
import { NS_COMPONENT, NS_STREAM } from "../stream/namespaces.js";
import type { Opening, OpeningHost } from "../stream/opening.js";
import type { SocketParameters } from "../stream/stream-socket.js";

/** What opens one component's stream. */
export interface ComponentOpeningOptions {
  readonly connectTo: SocketParameters;
  /** The component's own domain. */
  readonly domain: string;
  readonly secret: string;
  /** Allows a stream in clear to another machine. */
  readonly allowPlaintext: boolean;
}

/** The proof that we know the secret. `streamId` is the header's `id` with its entities decoded. */
export function createHandshake(streamId: string, secret: string): string {
  return createHash("sha1")
    .update(streamId + secret, "utf8")
    .digest("hex");
}

/** Everything that is said over a component's stream, not only the proof, would be open to read and to change on the way. */
export function isInClearForbidden(stream: {
  readonly isEncrypted: boolean;
  readonly isLoopback: boolean;
  readonly allowPlaintext: boolean;
}): boolean {
  return !stream.isEncrypted && !stream.isLoopback && !stream.allowPlaintext;
}

/** Makes what opens one stream; it does nothing before `connect`. */
export function createComponentOpening(options: ComponentOpeningOptions, host: OpeningHost): Opening {
  const { connectTo, domain, secret, allowPlaintext } = options;
  let expects: "header" | "handshake" | "nothing" = "header";
  return {
    connect: async () => {
      const connected = once(host.socket, "connect");
      host.socket.connect(connectTo);
      await connected;
      const { secure: isEncrypted, isLoopback } = host.socket;
      if (isInClearForbidden({ isEncrypted, isLoopback, allowPlaintext })) throw inClear(connectTo);
    },
    open: async () => {
      host.socket.write(
        `<?xml version='1.0'?><stream:stream xmlns='${NS_COMPONENT}' xmlns:stream='${NS_STREAM}' to='${escapeAttribute(domain)}'>`,
      );
    },
    readHeader: (root) => {
      const { id } = root.attrs;
      if (expects !== "header") return;
      if (id === undefined || id === "") {
        host.refuse("undefined-condition", "the server's stream header has no id; is this a port for components?");
        return;
      }
      expects = "handshake";
      host.socket.write(`<handshake>${createHandshake(id, secret)}</handshake>`);
    },
    readElement: (element) => {
      if (expects === "handshake" && element.name === "handshake" && element.ns === NS_COMPONENT) {
        expects = "nothing";
        host.opened({ address: domain, mechanism: "handshake", management: "none" });
      } else {
        const hint = element.name === "features" ? "; is this the port for clients?" : "";
        host.refuse("unsupported-stanza-type", `unexpected <${element.name}/> during the handshake${hint}`);
      }
    },
    endOf: (thrown) => thrownEnd(thrown, "stream-error"),
    release: () => undefined,
  };
}

/** What a server's stream error means on a component's stream. */
export function readComponentError(element: XmlElement, domain: string): ConnectionEnd {
  const { condition, said } = describeStreamError(element);
  const meaning = MEANINGS[condition];
  const words = `the server ended the stream: ${said}${meaning === undefined ? "" : ` (${meaning(domain)})`}`;
  if (condition === "not-authorized") return thrownEnd(new LinkError("authentication-failed", words), "stream-error");
  return { error: new LinkError("stream-error", words), pace: condition === "conflict" ? "slow" : "normal" };
}

const MEANINGS: Readonly<Record<string, (domain: string) => string>> = {
  "host-unknown": (domain) => `the server's settings have no component ${domain}`,
  conflict: (domain) => `another connection serves ${domain}; it may be an old one that is not dead yet`,
  // COMPAT(ejabberd, 23.01): it says the same of a domain that it does not know.
  "not-authorized": (domain) => `wrong secret for ${domain}, or the server does not know this component`,
  "invalid-from": (domain) => `a stanza was sent in the name of an address outside of ${domain}`,
  "improper-addressing": () => "a stanza was sent without from or to",
  "policy-violation": () => "a stanza was over a limit of the server",
};

function inClear({ target }: SocketParameters): LinkError {
  return new LinkError(
    "tls-required",
    `${target.host} is another machine, and a component's stream is not encrypted: use tls, or insecure on a network you own`,
  );
}

// Our SASL mechanisms in the form that @xmpp/client drives (RFC 6120 §6; RFC 4616). They replace the library's own, which never
// verify the server, know no SHA-256, and send text outside Latin-1 broken.

import { prepareCredential, ScramError, type ScramMechanismName } from "../scram/keys.js";
import { ScramExchange } from "./scram.js";

/** The mechanisms we can use, best first. */
export const MECHANISM_NAMES = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"] as const;

/** One of {@link MECHANISM_NAMES}. */
export type MechanismName = (typeof MECHANISM_NAMES)[number];

/** What a mechanism authenticates with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly minIterations?: number;
}

/**
 * A running mechanism. The library carries these strings through `btoa` and `atob`, so here a string is a row of bytes, one a
 * character; UTF-8 is made of them on this side.
 */
export interface Mechanism {
  readonly name: string;
  readonly clientFirst: boolean;
  challenge(bytes: string): void;
  response(): string | Promise<string>;
  /** Throws {@link ScramError} when the server's `<success/>` does not prove what it must. `bytes` is its decoded text. */
  success(bytes: string): void;
}

/** A fresh mechanism for one authentication. Throws {@link ScramError} when the credentials cannot be prepared. */
export function createMechanism(name: MechanismName, credentials: Credentials): Mechanism {
  return name === "PLAIN" ? createPlain(credentials) : createScram(name, credentials);
}

function createPlain({ username, password }: Credentials): Mechanism {
  const message = `\0${prepareCredential(username, "user name")}\0${prepareCredential(password, "password")}`;
  return {
    name: "PLAIN",
    clientFirst: true,
    response: () => toByteString(message),
    challenge: () => {
      throw new ScramError("the server sent a challenge, which PLAIN does not have");
    },
    success: () => undefined,
  };
}

function createScram(name: ScramMechanismName, credentials: Credentials): Mechanism {
  const exchange = new ScramExchange({ mechanism: name, ...credentials });
  const received: string[] = [];
  return {
    name,
    clientFirst: true,
    challenge: (bytes) => {
      received.push(fromByteString(bytes));
    },
    response: async () => {
      const [serverFirst, serverFinal, ...more] = received;
      if (serverFirst === undefined) return toByteString(exchange.clientFirst());
      if (serverFinal === undefined) return toByteString(await exchange.clientFinal(serverFirst));
      if (more.length > 0) throw new ScramError("the server sent too many SCRAM challenges");
      // Some servers send server-final as a challenge, which is answered by nothing (RFC 6120 §6.4.3).
      exchange.checkServerFinal(serverFinal);
      return "";
    },
    success: (bytes) => {
      if (!exchange.isServerVerified) exchange.checkServerFinal(fromByteString(bytes));
    },
  };
}

function toByteString(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function fromByteString(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

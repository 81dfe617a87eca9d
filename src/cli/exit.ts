// How a command ends: one exit code a kind of trouble, and one line on stderr that says it.

import { HttpError } from "../http/index.js";
import { JidError } from "../jid.js";
import { OfflineError, PubSubError, RoomError } from "../ports/index.js";
import { RpcFault } from "../rpc/index.js";
import { SettingsError } from "../settings-error.js";
import { ValueError } from "../values/index.js";
import { CodecError } from "../xmlrpc-codec/index.js";
import { CallTimeout, Disconnected, LinkError, type StanzaCondition, StanzaError } from "../xmpp/index.js";
import { printable } from "./printable.js";

/** Exit codes of every command. */
export const EXIT = Object.freeze({
  ok: 0,
  usage: 1,
  fault: 2,
  stanzaError: 3,
  noAnswer: 4,
  /** `ask`: 10 and the place of the choice, from 0; the first one is 0 itself. */
  choice: 10,
  interrupted: 130,
});

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What to print for an error, and what to exit with. */
export interface Ending {
  readonly exitCode: number;
  readonly text: string;
}

/** Sorts any error into the exit codes of the command line. Texts of others are made safe to show. */
export function endingOf(error: unknown): Ending {
  if (RpcFault.is(error)) return { exitCode: EXIT.fault, text: printable(`fault ${error.code}: ${error.message}`) };
  if (StanzaError.is(error)) {
    return {
      exitCode: EXIT.stanzaError,
      text: printable(
        `${error.condition}: ${error.text ?? HINTS[error.condition] ?? "the peer or its server refused the request"}`,
      ),
    };
  }
  if (OfflineError.is(error)) return { exitCode: EXIT.stanzaError, text: printable(`${error.code}: ${error.message}`) };
  if (RoomError.is(error)) {
    const exitCode =
      error.code === "unknown-room" ? EXIT.usage : error.code === "timeout" ? EXIT.noAnswer : EXIT.stanzaError;
    return { exitCode, text: printable(error.message) };
  }
  if (PubSubError.is(error)) {
    return { exitCode: EXIT.stanzaError, text: printable(error.message) };
  }
  if (CallTimeout.is(error) || Disconnected.is(error) || LinkError.is(error) || HttpError.is(error)) {
    return { exitCode: EXIT.noAnswer, text: printable(error.message) };
  }
  const known =
    error instanceof UsageError ||
    error instanceof SettingsError ||
    JidError.is(error) ||
    ValueError.is(error) ||
    CodecError.is(error);
  if (known) return { exitCode: EXIT.usage, text: printable(error.message, "lines") };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: EXIT.usage, text: printable(text, "lines") };
}

/** What a condition without a text usually means here. */
const HINTS: Partial<Record<StanzaCondition, string>> = {
  "service-unavailable": "nobody at that address answers such a request (is the resource right, and online?)",
  "remote-server-not-found": "the domain of that address cannot be reached",
  forbidden: "you may not call this responder",
  "item-not-found": "there is no such method, node or account",
};

// A row of the outbox as it was written, by any program: read, or what is wrong with it.

import { type Jid, parseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import { type OutboxKind, OutboxProblem, type OutboxRow } from "../outbox-kind.js";
import type { TakenRow } from "./outbox-store.js";

/** A row that can be sent. */
export interface ReadRow {
  readonly row: OutboxRow;
  readonly kind: OutboxKind;
  readonly value: unknown;
}

/**
 * Reads a row.
 *
 * @throws OutboxProblem that says what is wrong with it
 */
export function readRow(taken: TakenRow, kinds: ReadonlyMap<string, OutboxKind>, maxBodyBytes: number): ReadRow {
  const kind = kinds.get(taken.kind);
  if (kind === undefined)
    throw new OutboxProblem(`kind: no kind "${taken.kind}"; there are ${[...kinds.keys()].sort().join(", ")}`);
  const recipient = readRecipient(taken.recipient);
  const bytes = Buffer.byteLength(taken.body);
  if (bytes > maxBodyBytes)
    throw new OutboxProblem(`body: ${bytes} bytes, and the limit outboxBodyBytes is ${maxBodyBytes}`);
  const value = kind.read(readJson(taken.body), recipient);
  const row: OutboxRow = {
    id: taken.id,
    recipient,
    stanzaId: taken.stanza_id,
    createdAt: taken.created_at,
    expiresAt: taken.expires_at ?? undefined,
    attempt: taken.attempts,
  };
  return { row, kind, value };
}

function readRecipient(text: string): Jid {
  try {
    return parseJid(text);
  } catch (error) {
    throw new OutboxProblem(`recipient: ${messageOf(error)}`);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OutboxProblem(`body: not JSON: ${messageOf(error)}`);
  }
}

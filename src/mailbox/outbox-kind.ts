// What an area of the gateway does with rows of the outbox: the mailbox's engine takes, orders, retries and parks them.

import { hasBrand } from "../brand.js";
import type { Jid } from "../jid.js";

/** One row that is to be sent now. */
export interface OutboxRow {
  readonly id: number;
  readonly recipient: Jid;
  /**
   * The id of what is sent for this row. It was stored before, so a row that is sent again, since nobody knows whether it arrived, has
   * the same one and the recipient can tell.
   */
  readonly stanzaId: string;
  /** Epoch milliseconds: when the application wrote it. What is sent much later should say so (XEP-0203). */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** Which try this is, from 1. */
  readonly attempt: number;
}

/**
 * What became of a row.
 *
 * - `handed over`: the link took it; the engine asks `Link.flushed()`, once for all rows of a batch, before the row counts as sent;
 * - `confirmed`: the recipient or a service has answered, so it is sent;
 * - `postponed`: not now, such as a note for somebody who is to be online. It does not hold up later rows of its recipient, and counts as no try.
 */
export type Sending =
  | "handed over"
  | "confirmed"
  | {
      /** Epoch milliseconds: when to ask again, unless `OutboxEngine.release` comes first. */
      readonly postponedUntil: number;
    };

/** A row of which nobody knows whether it was sent; `recipient` as it was written. */
export interface UnknownOutcome {
  readonly id: number;
  readonly recipient: string;
  readonly stanzaId: string;
}

/** One kind of row. `Part.outbox` has those of a part. */
export interface OutboxKind<Value = unknown> {
  /** What the column `kind` says. */
  readonly name: string;
  /** True if it must not be sent again when nobody knows whether it arrived: it is parked then, and told to {@link outcomeUnknown}. */
  readonly isOnceOnly?: boolean;
  /**
   * Reads the JSON of a row. The engine has read the JSON itself, and the recipient's address.
   *
   * @throws OutboxProblem saying what is wrong; the row is parked at once
   */
  read(body: unknown, recipient: Jid): Value;
  /**
   * Sends. Rows of one recipient are sent one after the other, in their order.
   *
   * @throws OutboxProblem if it can never be sent: the row is parked. `Disconnected`: the row waits for the link, and that is no try.
   * Anything else is tried again later
   */
  send(row: OutboxRow, value: Value): Sending | Promise<Sending>;
  /** Told once of a row that is parked since its outcome is unknown. */
  outcomeUnknown?(row: UnknownOutcome): Promise<void>;
}

const OUTBOX_PROBLEM = Symbol.for("jabber-rpc.OutboxProblem");

/** A row that can never be sent; the message stands in its column `error`. */
export class OutboxProblem extends Error {
  override readonly name = "OutboxProblem";
  readonly [OUTBOX_PROBLEM] = true;

  static is(error: unknown): error is OutboxProblem {
    return hasBrand(error, OUTBOX_PROBLEM);
  }
}

/** A kind whose value only it knows, as the engine handles all kinds. */
export function outboxKind<Value>(kind: OutboxKind<Value>): OutboxKind {
  return {
    ...kind,
    read: (body, recipient) => kind.read(body, recipient),
    // The engine hands back what this kind's own `read` gave it.
    send: (row, value) => kind.send(row, value as Value),
  };
}

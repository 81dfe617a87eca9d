// What a door is: a path, what it takes, how it answers. doors.ts puts them behind one socket and one guard.

import type { Requester } from "../rpc/index.js";

/** A request that may come in. */
export interface DoorRequest {
  readonly requester: Requester;
  /** Empty where the door takes none. */
  readonly body: Uint8Array;
  /** As it was written, without the query. */
  readonly path: string;
}

/** What a door answers. */
export interface DoorAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly type: string;
  readonly text: string;
}

interface Door {
  /** A path, or a prefix that ends in `/*`. */
  readonly path: string;
  readonly method: "GET" | "POST";
  /** The content types of bodies; none: no body is taken. */
  readonly takes?: readonly string[];
}

/** A door for those who log in. */
export interface ClosedDoor extends Door {
  readonly open: false;
  handle(request: DoorRequest): DoorAnswer | Promise<DoorAnswer>;
}

/** A door for everybody, which therefore shows next to nothing. */
export interface OpenDoor extends Door {
  readonly open: true;
  handle(): DoorAnswer;
}

/** Any door. */
export type AnyDoor = ClosedDoor | OpenDoor;

/** An error that the asker made, with its HTTP status; the text is shown. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** One line of text. */
export function textAnswer(text: string, status = 200): DoorAnswer {
  return { status, type: "text/plain; charset=utf-8", text: `${text}\n` };
}

/** A JSON text. */
export function jsonAnswer(text: string): DoorAnswer {
  return { type: "application/json", text };
}

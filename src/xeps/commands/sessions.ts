// The commands that wait for a form: bound to one requester and one node, idle for a bounded time, bounded in number; and
// what is remembered of the ended ones (XEP-0050 §3.3, §4.4).

import type { Jid } from "../../jid.js";
import { StanzaError } from "../../xmpp/index.js";
import type { Field } from "../data-forms/index.js";
import { commandError } from "./command-error.js";
import type { CommandLimits } from "./limits.js";
import type { Answered, Stage } from "./script.js";

/** Whose session, and of which command. */
export interface SessionOwner {
  readonly jid: Jid;
  readonly node: string;
}

/** A command that waits for the answer to `stage`. Only the engine changes it. */
export interface Session {
  readonly id: string;
  readonly owner: SessionOwner;
  stage: Stage;
  /** The stages before, in order. */
  answered: readonly Answered[];
  /** What was submitted for each stage, to be shown again. */
  readonly submitted: Map<string, readonly Field[]>;
}

/** What a store of sessions stands on. */
export interface SessionOptions {
  readonly limits: CommandLimits;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** All sessions of one responder. */
export class Sessions {
  readonly #options: SessionOptions;
  /** By id, the one that was left alone longest first. */
  readonly #open = new Map<string, { readonly session: Session; readonly usedAtMs: number }>();
  /** By id: whose it was. The oldest first. */
  readonly #ended = new Map<string, string>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#open.size;
  }

  /** A session id that is over at once: commands that ask nothing have one too (XEP-0050 §2.4.1). */
  newEndedId(owner: SessionOwner): string {
    const id = this.#options.newId();
    this.#bury(id, owner);
    return id;
  }

  /** Opens a session. Throws resource-constraint when there are too many of all requesters. */
  open(owner: SessionOwner, stage: Stage, answered: readonly Answered[]): Session {
    const { limits, newId } = this.#options;
    this.#expire();
    const own = [...this.#open.values()].filter(({ session }) => session.owner.jid.bare === owner.jid.bare);
    const [oldest] = own;
    if (oldest !== undefined && own.length >= limits.commandSessionsPerRequester) this.end(oldest.session);
    if (this.#open.size >= limits.commandSessions)
      throw new StanzaError("resource-constraint", {
        text: `${limits.commandSessions} commands are waiting for forms`,
      });
    const session: Session = { id: newId(), owner, stage, answered, submitted: new Map() };
    this.keep(session);
    return session;
  }

  /** The open session of that id. Throws bad-sessionid or session-expired. */
  find(id: string, owner: SessionOwner): Session {
    this.#expire();
    const found = this.#open.get(id)?.session;
    if (found !== undefined && ownerKey(found.owner) === ownerKey(owner)) return found;
    if (this.#ended.get(id) === ownerKey(owner))
      throw commandError("session-expired", "this command has ended; start it again");
    // The same for an id of somebody else as for one that never was.
    throw commandError("bad-sessionid", "there is no such session of yours for this command");
  }

  /** Keeps a session for another while: it was used, or its command could not be run yet. */
  keep(session: Session): void {
    this.#open.delete(session.id);
    this.#ended.delete(session.id);
    this.#open.set(session.id, { session, usedAtMs: this.#options.now() });
  }

  /** Ends a session; its id is not used again. */
  end({ id, owner }: Session): void {
    if (this.#open.delete(id)) this.#bury(id, owner);
  }

  #expire(): void {
    const oldestUse = this.#options.now() - this.#options.limits.commandIdleMs;
    for (const { session, usedAtMs } of this.#open.values()) {
      if (usedAtMs > oldestUse) break;
      this.end(session);
    }
  }

  #bury(id: string, owner: SessionOwner): void {
    this.#ended.set(id, ownerKey(owner));
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= this.#options.limits.commandEndedSessions) break;
      this.#ended.delete(oldest);
    }
  }
}

/** Nodes hold no line feed: they are names of methods. */
function ownerKey({ jid, node }: SessionOwner): string {
  return `${node}\n${jid.full}`;
}

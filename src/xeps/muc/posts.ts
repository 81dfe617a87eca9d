// Private notes and invitations: nothing reflects them, so they are done when the server has them and has not refused.

import type { Jid } from "../../jid.js";
import { RoomError } from "../../ports/index.js";
import type { XmlText } from "../../xml/index.js";
import { type Clock, Disconnected, type Link, type StanzaError } from "../../xmpp/index.js";
import type { RoomLimits } from "./limits.js";
import { refusalOf } from "./sayings.js";

interface Post {
  readonly id: string;
  readonly room: string;
  readonly to: Jid;
  readonly stanza: XmlText;
}

interface Posted {
  readonly post: Post;
  reject(error: Error): void;
}

/** What was posted and may still be refused. */
export class Posts {
  readonly #link: Pick<Link, "send" | "flushed">;
  readonly #limits: RoomLimits;
  readonly #clock: Clock;
  readonly #posted = new Map<string, Posted>();

  constructor(
    link: Pick<Link, "send" | "flushed">,
    { limits, clock }: { readonly limits: RoomLimits; readonly clock: Clock },
  ) {
    this.#link = link;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Resolves when the server has it. Rejects with a `RoomError` or `Disconnected`. */
  send(post: Post): Promise<void> {
    const { id, room, stanza } = post;
    if (this.#posted.size >= this.#limits.roomQueue)
      return Promise.reject(new RoomError("queue-full", `${room}: ${this.#limits.roomQueue} messages wait already`));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#limits.roomSayMs, () =>
        end(new RoomError("timeout", `${room}: the server did not take it in time`)),
      );
      const end = (error: Error | undefined): void => {
        cancel();
        this.#posted.delete(id);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#posted.set(id, { post, reject: end });
      if (!this.#link.send(stanza)) end(new Disconnected(`${room}: the link is down or full`, false));
      else
        this.#link.flushed().then(
          () => end(undefined),
          () => end(new Disconnected(`${room}: the link was lost`, true)),
        );
    });
  }

  /** An error came. False where it belongs to nothing that was posted. */
  refused(id: string, from: Jid, error: StanzaError): boolean {
    const posted = this.#posted.get(id);
    if (posted === undefined || posted.post.to.bare !== from.bare) return false;
    posted.reject(refusalOf(posted.post.room, error));
    return true;
  }

  stop(): void {
    for (const { post, reject } of this.#posted.values()) reject(new Disconnected(`${post.room}: stopped`, true));
  }
}

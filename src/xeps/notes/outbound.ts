// Messages to people that go out now, or when the link is up, or when the person is there: each known to be with the server,
// or given up when it is too late.

import type { Jid } from "../../jid.js";
import type { When } from "../../ports/index.js";
import { ValueError } from "../../values/index.js";
import type { XmlText } from "../../xml/index.js";
import type { Clock, Link } from "../../xmpp/index.js";

/** One message on its way. */
export interface Parcel {
  readonly to: Jid;
  /** `arrived`: once the person has come anew, for what came back although he is there. */
  readonly when: When | "arrived";
  /** Milliseconds of the clock. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Writes the stanza; `lateSince` is when it should have gone, if that is not now. Must not throw. */
  write(lateSince: Date | undefined): XmlText;
}

/** What has become of a message. */
export type Sent = { readonly kind: "sent"; readonly at: number } | { readonly kind: "expired" };

/** A message that was handed over. */
export interface Sending {
  /** False when it has to wait for the person or for the link. */
  readonly isUnderway: boolean;
  /** Never rejects; a message that waits when the gateway stops never settles it. */
  readonly done: Promise<Sent>;
  /** Takes back one that still waits. */
  drop(): void;
}

/** Sends messages. */
export interface Outbound {
  /** Throws ValueError when too many wait. */
  send(parcel: Parcel): Sending;
  /** The link is up. */
  online(): void;
  /** A person has arrived. */
  arrived(bare: string): void;
  /** Lets go of the timers. */
  stop(): void;
}

/** What sending stands on. */
export interface OutboundOptions {
  readonly link: Pick<Link, "send" | "flushed" | "isOnline">;
  readonly clock: Clock;
  readonly maxWaiting: number;
  isAvailable(bare: string): boolean;
  /** Somebody's presence is waited for. */
  follow(jid: Jid): void;
}

interface Waiting {
  readonly parcel: Parcel;
  /** The person has to come first, as well as to be there. */
  isForArrival: boolean;
  isFlushing: boolean;
  settle(sent: Sent): void;
}

/** Makes an empty outbound side. */
export function createOutbound(options: OutboundOptions): Outbound {
  const { link, clock } = options;
  const waiting = new Set<Waiting>();
  const timers = new Map<Waiting, () => void>();

  const end = (one: Waiting, sent: Sent): void => {
    waiting.delete(one);
    timers.get(one)?.();
    timers.delete(one);
    one.settle(sent);
  };

  const flush = async (one: Waiting, at: number): Promise<void> => {
    try {
      await link.flushed();
      end(one, { kind: "sent", at });
    } catch {
      // Whether it arrived is not known: it goes again when the link is back, under the same id.
      one.isFlushing = false;
    }
  };

  /** True when it went out. */
  const attempt = (one: Waiting): boolean => {
    const { parcel } = one;
    if (one.isFlushing) return true;
    if (one.isForArrival || (parcel.when !== "now" && !options.isAvailable(parcel.to.bare))) return false;
    if (!link.isOnline) return false;
    const at = clock.now();
    const isLate = timers.has(one);
    if (!link.send(parcel.write(isLate ? new Date(parcel.createdAt) : undefined))) return false;
    one.isFlushing = true;
    void flush(one, at);
    return true;
  };

  return {
    send: (parcel) => {
      if (waiting.size >= options.maxWaiting)
        throw new ValueError(`at most ${options.maxWaiting} notes and questions can wait; that many do`);
      let settle: Waiting["settle"] = () => undefined;
      const done = new Promise<Sent>((resolve) => {
        settle = resolve;
      });
      const one: Waiting = { parcel, isForArrival: parcel.when === "arrived", isFlushing: false, settle };
      waiting.add(one);
      const isUnderway = attempt(one);
      // Set only now, since what has a timer is late; whoever is sent at once needs one too: the flush may fail.
      timers.set(
        one,
        clock.after(Math.max(0, parcel.expiresAt - clock.now()), () => end(one, { kind: "expired" })),
      );
      if (!isUnderway && parcel.when !== "now") options.follow(parcel.to);
      return { isUnderway, done, drop: () => end(one, { kind: "expired" }) };
    },
    online: () => {
      for (const one of waiting) attempt(one);
    },
    arrived: (bare) => {
      for (const one of waiting) {
        if (one.parcel.to.bare !== bare) continue;
        one.isForArrival = false;
        attempt(one);
      }
    },
    stop: () => {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

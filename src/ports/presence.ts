// The port to presence: who of the people that the gateway follows is there.

const PRESENCE = Symbol.for("jabber-rpc.Presence");

/** One resource of a person, as its presence says (RFC 6121 §4.7). */
export interface Available {
  /** Full address. */
  readonly jid: string;
  /** `away`, `chat`, `dnd` or `xa`; absent: plainly available. */
  readonly show?: string;
  /** In the person's own words. */
  readonly status?: string;
  /** From -128 to 127; below 0 it takes no messages for the bare address. */
  readonly priority: number;
}

/** What is known of a person's presence. */
export interface PersonPresence {
  readonly isAvailable: boolean;
  /** By address. Empty for one who is away, and for one whose presence the gateway does not see. */
  readonly resources: readonly Available[];
}

/** Presence of people, for handlers. Import the class itself, never with `import type`. */
export abstract class Presence {
  static readonly [PRESENCE] = true;

  /** What was last seen of a person; any resource of `jid` is ignored. Throws `JidError`. */
  abstract of(jid: string): PersonPresence;
  /**
   * Asks a person to show his presence to the gateway (RFC 6121 §3.1), who may refuse. Asks nobody twice, and nothing where
   * everybody's presence is seen anyway (stand-alone). Throws `JidError`.
   */
  abstract follow(jid: string): void;
}

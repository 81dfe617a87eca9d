// What somebody is at, told to all who care: the port to statuses (docs/pubsub.md).

const STATUSES = Symbol.for("jabber-rpc.Statuses");

/** One status. */
export interface Status {
  /** Whose it is: a bare address, or a name. */
  readonly author: string;
  readonly text: string;
  /** An absolute address. */
  readonly link?: string;
}

/** What became of a status. */
export interface PublishedStatus {
  /** The item's id at every topic. */
  readonly id: string;
  /** Where it is: the room, and topics as `service node`. */
  readonly places: readonly string[];
  /** Where it could not be written, and why. */
  readonly problems: readonly string[];
}

/** Publishes statuses. Import the class itself, never with `import type`. */
export abstract class Statuses {
  readonly [STATUSES] = true;

  /** True for an object of this class, also of another copy of the package. */
  static is(value: unknown): value is Statuses {
    return typeof value === "object" && value !== null && STATUSES in value;
  }

  /**
   * Writes a status to the room, to the topic of all statuses and to that of its author, which is made at the first one. One that fails
   * does not hold up the others.
   *
   * Rejects with ValueError for a status that cannot be written, and with the first error where it could be written nowhere.
   */
  abstract publishStatus(status: Status): Promise<PublishedStatus>;

  /** The topic of an author: whoever subscribes to it follows him. */
  abstract topicOf(author: string): { readonly service: string; readonly node: string };
}

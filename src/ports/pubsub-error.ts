// What a publish-subscribe service refuses, as one closed set of codes (XEP-0060 §6.1.3 to §8.9).

/** Why it was refused; docs/pubsub.md says what each means. */
export type PubSubErrorCode =
  | "closed-node"
  | "configuration-required"
  | "forbidden"
  | "invalid-jid"
  | "invalid-options"
  | "invalid-payload"
  | "item-forbidden"
  | "item-required"
  | "max-items-exceeded"
  | "max-nodes-exceeded"
  | "no-such-item"
  | "no-such-node"
  | "unavailable"
  | "node-exists"
  | "node-full"
  | "node-required"
  | "not-in-roster-group"
  | "not-subscribed"
  | "overloaded"
  | "payload-required"
  | "payload-too-big"
  | "pending-subscription"
  | "precondition-not-met"
  | "presence-subscription-required"
  | "refused"
  | "subid-invalid"
  | "subid-required"
  | "too-many-subscriptions"
  | "unsupported";

const PUBSUB_ERROR = Symbol.for("jabber-rpc.PubSubError");

/** A service refused a request; the message names service and node, `cause` is the stanza error. */
export class PubSubError extends Error {
  override readonly name = "PubSubError";
  readonly [PUBSUB_ERROR] = true;
  readonly code: PubSubErrorCode;
  /** Whether the same may succeed later. */
  readonly mayRetry: boolean;

  constructor(code: PubSubErrorCode, message: string, options?: ErrorOptions & { readonly mayRetry?: boolean }) {
    super(message, options);
    this.code = code;
    this.mayRetry = options?.mayRetry ?? false;
  }

  /** True for an error of this class, also of another copy of the package. */
  static is(error: unknown): error is PubSubError {
    return typeof error === "object" && error !== null && PUBSUB_ERROR in error;
  }
}

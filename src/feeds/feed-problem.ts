// Why a feed could not be read.

/** What went wrong; each is one line in the log. */
export type FeedProblemCode =
  | "gone"
  | "http-status"
  | "malformed"
  | "not-a-feed"
  | "reader-failed"
  | "redirect"
  | "timeout"
  | "too-large"
  | "unreachable"
  | "charset";

/** A feed that cannot be read now; the message says what was wrong and what was expected. */
export class FeedProblem extends Error {
  override readonly name = "FeedProblem";
  readonly code: FeedProblemCode;
  /** When the server asked not to be asked again before. */
  readonly retryAfterMs: number | undefined;

  constructor(code: FeedProblemCode, message: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

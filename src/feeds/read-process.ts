// The process that reads feeds; reader.ts starts it, and ends it when it takes too long. It ends by itself with its channel.

import { messageOf } from "../message-of.js";
import type { ReadFeed } from "./feed.js";
import { FeedProblem, type FeedProblemCode } from "./feed-problem.js";
import type { FeedLimits } from "./limits.js";
import { type FeedDocument, readFeed } from "./read-feed.js";

/** To the process: one document. */
export interface ReadQuestion {
  readonly document: FeedDocument;
  readonly feedUrl: string;
  readonly limits: Pick<FeedLimits, "feedBytes" | "feedEntries">;
}

/** From the process, one for each question. */
export type ReadAnswer =
  | { readonly kind: "read"; readonly feed: ReadFeed }
  | { readonly kind: "problem"; readonly code: FeedProblemCode; readonly message: string };

// Only reader.ts starts this, and it sends nothing else.
process.on("message", (question) => process.send?.(answerTo(question as ReadQuestion)));

function answerTo({ document, feedUrl, limits }: ReadQuestion): ReadAnswer {
  try {
    return { kind: "read", feed: readFeed(document, feedUrl, limits) };
  } catch (error) {
    const code = error instanceof FeedProblem ? error.code : "reader-failed";
    return { kind: "problem", code, message: messageOf(error) };
  }
}

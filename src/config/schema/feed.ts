// `feeds:`: feeds of the web, pushed as topics.

import { z } from "zod";
import { positive } from "./numbers.js";

/** One row. */
export const feed = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: "expected an address such as https://example.org/feed.xml" })
      .describe("Where the feed is: RSS 2.0, RSS 1.0, Atom or JSON Feed."),
    service: z.string().min(1).describe("Address of the publish-subscribe service that its entries go to."),
    node: z.string().min(1).describe("The topic there; made when it is missing and may be."),
    intervalSeconds: positive().default(300).describe("How often it is asked for."),
  })
  .describe("A feed that is read again and again; each of its entries is published once.");

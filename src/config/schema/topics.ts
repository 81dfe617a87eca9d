// `topics:`: what the gateway hosts itself.

import { z } from "zod";
import { positive } from "./numbers.js";

const rule = z
  .union(
    [
      z.strictObject({ allow: z.string().describe("Who may subscribe and read.") }),
      z.strictObject({ deny: z.string().describe("Who may not.") }),
      z.strictObject({ anyone: z.literal(true).describe("Everybody may.") }),
    ],
    { error: "expected {allow: JID} or {deny: JID} or {anyone: true}" },
  )
  .describe("One rule, in the forms of access rules.");

const topic = z
  .strictObject({
    node: z
      .string()
      .min(1)
      .describe(
        "The topic's name; or how names begin and `*`, for topics that are made when something is published there.",
      ),
    title: z.string().exactOptional().describe("For people. Default: the name."),
    description: z.string().exactOptional().describe("For people."),
    maxItems: positive().default(100).describe("So many of the newest items are kept."),
    access: z
      .array(rule)
      .exactOptional()
      .describe("Who may subscribe and read. Default: whoever the access list lets call anything."),
    sendLastItem: z.boolean().default(false).describe("Whether a new subscriber is sent the newest item."),
    deliverPayloads: z
      .boolean()
      .default(true)
      .describe("Whether notifications hold the items, and not only their ids."),
    notificationType: z
      .enum(["headline", "normal"])
      .default("headline")
      .describe("`headline` reaches who is available; `normal` is kept by servers for who is not."),
  })
  .describe("One topic.");

/** The section. */
export const topics = z
  .array(topic)
  .describe(
    "Topics that the gateway hosts itself, in the modes standalone and component (docs/topics.md). An empty list hosts those that are made later. Default: none are hosted.",
  );

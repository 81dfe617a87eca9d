// `statuses:`: where statuses go.

import { z } from "zod";

/** The section. */
export const statuses = z
  .strictObject({
    room: z.string().min(1).exactOptional().describe("A room of `rooms` that they are said in."),
    service: z
      .string()
      .min(1)
      .exactOptional()
      .describe("The publish-subscribe service of their topics. Default: the gateway itself, where it hosts topics."),
    node: z
      .string()
      .min(1)
      .default("statuses")
      .describe("The topic of all statuses; those of an author are `NODE/AUTHOR`."),
  })
  .describe("Statuses of people and programs: to follow is to join the room or to subscribe (docs/pubsub.md).");

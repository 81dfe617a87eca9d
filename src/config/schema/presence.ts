// `presence:`: who may see whether the gateway is there.

import { z } from "zod";

/** The section. */
export const presence = z
  .strictObject({
    subscriptions: z
      .enum(["allow", "ask", "refuse"])
      .default("allow")
      .describe("What happens to requests of those whom `allow` does not name: `ask` puts a question to `admin`."),
    allow: z
      .array(z.string())
      .default([])
      .describe("Whose requests are always allowed: `local@domain`, `*@domain` or `domain`."),
    admin: z.string().exactOptional().describe("Who is asked: the address of a person's account."),
  })
  .describe(
    "Who may see the gateway's presence (docs/notes.md). Default: a component shows it to everybody, a client leaves requests open. Not in stand-alone mode.",
  );

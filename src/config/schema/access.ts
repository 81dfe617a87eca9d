// `access:` and `forward:`: who may call what.

import { z } from "zod";

const patterns = z
  .union([z.string(), z.array(z.string())], { error: "expected a pattern or a list of patterns" })
  .describe("Which methods the rule speaks of: `prefix.*`, one name, or a list of both. Default: all (`*`).");

/** One row of `access:`. */
export const accessRule = z
  .union(
    [
      z.strictObject({
        allow: z.string().describe("Whose calls are allowed."),
        methods: patterns.exactOptional(),
        admin: z
          .boolean()
          .exactOptional()
          .describe("With `allow`: sees the numbers of all requesters in `/metrics`, not only the own."),
      }),
      z.strictObject({ deny: z.string().describe("Whose calls are denied."), methods: patterns.exactOptional() }),
      z.strictObject({
        anyone: z.literal(true).describe("Everybody's calls are allowed."),
        methods: patterns.exactOptional(),
      }),
    ],
    { error: "expected {allow: JID} or {deny: JID} or {anyone: true}, each with methods: PATTERN or [PATTERN]" },
  )
  .describe("One rule; a call is allowed if some allow rule matches and no deny rule does.");

/** One row of `forward:`. */
export const forwardRule = z
  .strictObject({
    allow: z.string().describe("Who may have calls forwarded, in the forms of access rules."),
    to: z.string().describe("Whose methods are called: an address in the forms of access rules."),
    methods: patterns.exactOptional(),
  })
  .describe("One rule; a call is forwarded if some rule matches requester, responder and method.");

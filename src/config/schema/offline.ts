// `offline:`: the messages that wait for the gateway's own account.

import { z } from "zod";

/** The section. */
export const offline = z
  .strictObject({
    hold: z
      .boolean()
      .default(false)
      .describe(
        "In client mode, ask the server at each login to keep the messages that wait instead of sending them (XEP-0013), so that `offline.*` can read and remove them one by one.",
      ),
  })
  .describe("Messages that wait for the gateway's own account (docs/offline.md).");

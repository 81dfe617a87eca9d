// `mailbox:`: the tables that web applications and the gateway share.

import { z } from "zod";
import { databaseUrl } from "./database-url.js";

/** The section. */
export const mailbox = z
  .strictObject({
    url: databaseUrl,
  })
  .describe("Tables that a web application and the gateway share (docs/mailbox.md).");

// `mailbox:`: the tables that web applications and the gateway share.

import { z } from "zod";
import { databaseUrl } from "./database-url.js";
import { openRpcMethod } from "./openrpc-method.js";

/** The section. */
export const mailbox = z
  .strictObject({
    url: databaseUrl,
    keepDays: z
      .int()
      .min(0)
      .max(36_500)
      .default(30)
      .describe("Rows that are done are deleted after so many days; 0 keeps them for ever. What is parked stays."),
    requester: z
      .string()
      .optional()
      .describe("On whose behalf rows of kind `call` call, as `forward` knows it. Default: the gateway's own address."),
    methods: z
      .array(openRpcMethod)
      .default([])
      .describe("Methods that the application serves through the table `calls`, as OpenRPC method objects."),
  })
  .describe("Tables that a web application and the gateway share (docs/mailbox.md).");

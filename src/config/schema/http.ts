// `http:`: the HTTP doors.

import { z } from "zod";
import { secret } from "./secret.js";

/** The doors. */
export const http = z
  .strictObject({
    host: z
      .string()
      .default("127.0.0.1")
      .describe("Address to listen on. Off loopback it needs `behindTlsProxy` or `insecure`."),
    port: z.int().min(0).max(65_535).describe("Port to listen on; 0 takes a free one."),
    hosts: z
      .array(z.string())
      .default([])
      .describe(
        "Names that requests may be addressed to in `Host`, beside `localhost`, the loopback addresses and `http.host`.",
      ),
    users: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("User name of Basic credentials."),
          password: secret,
          jid: z.string().min(1).describe("The address that this user's calls come from."),
        }),
      )
      .default([]),
    tokens: z
      .array(
        z.strictObject({
          token: secret,
          jid: z.string().min(1).describe("The address that calls with this bearer token come from."),
        }),
      )
      .default([]),
    domains: z
      .array(z.string())
      .default([])
      .describe("Domains whose addresses users and tokens may stand for: those that are yours."),
    behindTlsProxy: z
      .boolean()
      .default(false)
      .describe("All requests come through a proxy that ends TLS and adds the asker to `X-Forwarded-For`."),
    insecure: z.boolean().default(false).describe("Passwords and calls may cross a network in clear."),
  })
  .describe("The HTTP doors (docs/http.md). Off unless set; with no users and no tokens only health answers.");

// `upstreams:`: web functions that become methods.

import { z } from "zod";
import { positive } from "./numbers.js";
import { openRpcMethod } from "./openrpc-method.js";
import { secret } from "./secret.js";

/** One row. */
export const upstream = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_.:/]+$/, "expected letters, digits and _ . : /")
      .describe("What faults and the log call it."),
    kind: z.enum(["openapi", "xmlrpc", "jsonrpc"]).describe("What it speaks."),
    url: z.url().optional().describe("Its address; of `openapi` that of the document. No other origin is ever called."),
    file: z.string().optional().describe("`openapi`: the document as a file, instead of `url`; with `baseUrl`."),
    baseUrl: z
      .url()
      .optional()
      .describe(
        "`openapi`: where the operations are. Default: the document's first server, if it has the origin of `url`.",
      ),
    prefix: z.string().optional().describe("First part of its methods' names. Default: `name`; empty for none."),
    include: z
      .array(z.string().min(1))
      .optional()
      .describe(
        "Which operations become methods: names, in which `*` stands for any characters. Required, unless `methods` names them.",
      ),
    names: z
      .record(z.string(), z.string())
      .default({})
      .describe("Names of methods, without prefix, by the name of their operation, where that will not do."),
    methods: z
      .array(openRpcMethod)
      .optional()
      .describe("`xmlrpc`, `jsonrpc`: its methods as OpenRPC method objects, instead of asking for them."),
    maxBatch: positive()
      .default(50)
      .describe(
        "`jsonrpc`: calls of one `system.multicall` sent as one batch, at most; 1 sends each by itself, in order.",
      ),
    headers: z
      .record(z.string(), z.union([z.string(), secret]))
      .default({})
      .describe("Sent with every request; a secret as `{file: PATH}` or `{env: NAME}`."),
    requesterHeader: z.string().optional().describe("Header that carries the requester's bare JID, percent-encoded."),
    requesterAssertion: z
      .strictObject({
        jwt: z.strictObject({
          key: secret.describe("Key of the signature (HS256)."),
          ttlSeconds: positive().default(60).describe("How long a token is valid, in seconds."),
          header: z
            .string()
            .default("Authorization")
            .describe("Header that carries the token; in `Authorization` behind `Bearer`."),
        }),
      })
      .optional(),
    credentials: z
      .strictObject({
        byRequester: z
          .string()
          .describe("YAML file of bare JIDs and what `Authorization` holds for each: a token, or scheme and token."),
      })
      .optional(),
    tls: z
      .strictObject({ ca: z.string().describe("PEM file of certificates to trust instead of Node's own.") })
      .optional(),
    timeoutMs: positive().default(5_000).describe("How long a call may take in all, in milliseconds."),
    maxConcurrent: positive().default(32).describe("Requests that run at a time."),
    maxQueued: positive().default(1_024).describe("Calls that wait for one of these places; beyond, fault -32002."),
    maxResponseBytes: positive().default(1_048_576).describe("Size of one answer, decompressed."),
    redirects: z.boolean().default(false).describe("Follow redirects, within the origin."),
    refreshSeconds: z
      .int()
      .min(0)
      .max(2_000_000)
      .default(300)
      .describe("Read the description again after so many seconds; 0 for never."),
    breaker: z
      .strictObject({
        failures: positive().default(5).describe("Failures in a row, after which it is left alone."),
        seconds: positive().default(10).describe("How long, in seconds."),
      })
      .prefault({}),
  })
  .describe("One web application.");

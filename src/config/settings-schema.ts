// The settings file, key by key: what each is, its default, and what is accepted. docs/settings.md is made from this.

import { z } from "zod";
import { accessRule, forwardRule } from "./schema/access.js";
import { feed } from "./schema/feed.js";
import { http } from "./schema/http.js";
import { limits } from "./schema/limits.js";
import { link } from "./schema/link.js";
import { mailbox } from "./schema/mailbox.js";
import { offline } from "./schema/offline.js";
import { presence } from "./schema/presence.js";
import { chatCommands, room } from "./schema/rooms.js";
import { statuses } from "./schema/statuses.js";
import { topics } from "./schema/topics.js";
import { upstream } from "./schema/upstream.js";

/** The whole settings file. */
export const settingsSchema = z.strictObject({
  link,
  handlers: z
    .array(z.string())
    .default(["builtin:examples"])
    .describe(
      "Handler modules, relative to this file; builtin:examples, builtin:notes, builtin:offline and builtin:validator1 ship with the package.",
    ),
  access: z.array(accessRule).default([]).describe("Who may call what. Default: nobody, nothing."),
  forward: z
    .array(forwardRule)
    .default([])
    .describe("Who may have calls of other responders forwarded, through `POST /RPC2/{jid}`. Default: nobody."),
  http: http.exactOptional(),
  upstreams: z.array(upstream).default([]).describe("Web functions that become methods (docs/upstreams.md)."),
  feeds: z
    .array(feed)
    .default([])
    .describe("Feeds of the web whose entries are published as items of topics (docs/pubsub.md)."),
  mailbox: mailbox.exactOptional(),
  topics: topics.exactOptional(),
  statuses: statuses.exactOptional(),
  roomServices: z
    .array(z.string())
    .default([])
    .describe(
      "Domains of room services: an occupant of a room is allowed only by a rule with the full address, `room@service/nick`.",
    ),
  rooms: z.array(room).default([]).describe("Rooms that the gateway is in (docs/rooms.md)."),
  chatCommands,
  values: z
    .strictObject({
      reading: z
        .enum(["strict", "lenient"])
        .default("lenient")
        .describe("Whether the deviations of real peers that docs/values.md lists are read."),
      dates: z
        .strictObject({
          zone: z
            .string()
            .regex(/^(UTC|local|[+-]\d{2}:\d{2})$/, "expected UTC, local or an offset such as +02:00")
            .default("UTC")
            .describe(
              "Zone in which a dateTime that names none is read, and every dateTime is written: UTC, local, or an offset.",
            ),
        })
        .prefault({}),
      extensions: z.enum(["on", "off"]).default("on").describe("Whether i8, i1, i2 and nil are read and written."),
      void: z.enum(["string", "nil"]).default("string").describe("What a method without a result answers."),
    })
    .prefault({})
    .describe("How values are read and written (docs/values.md)."),
  presence: presence.exactOptional(),
  offline: offline.prefault({}),
  commands: z
    .boolean()
    .default(true)
    .describe("Whether every method is an ad-hoc command too, for people in chat clients (docs/commands.md)."),
  unknownMethod: z
    .enum(["fault", "item-not-found"])
    .default("fault")
    .describe("Answer to a permitted caller of a method that does not exist: fault -32601, or that stanza error."),
  limits: limits.prefault({}).describe("What one message, call or requester may cost."),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least level that is written."),
      format: z
        .enum(["auto", "json", "text"])
        .default("auto")
        .describe("JSON lines, or key=value text; auto is text on a terminal."),
    })
    .prefault({})
    .describe("The log, on standard error."),
});

/** Settings as read: every default filled in. */
export type Settings = z.infer<typeof settingsSchema>;
/** The link's part of the settings. */
export type LinkSettings = Settings["link"];
/** One row of the upstreams. */
export type UpstreamRow = Settings["upstreams"][number];

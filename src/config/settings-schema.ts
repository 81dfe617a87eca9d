// The settings file, key by key: what each is, its default, and what is accepted. docs/settings.md is made from this.

import { z } from "zod";
import { LIMIT_TABLE } from "../limits.js";

const secret = z
  .union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })], {
    error: "expected {file: PATH} or {env: NAME}; a secret never stands in the settings",
  })
  .describe("Where the secret is read from: a file, or an environment variable.");

const clientLink = z.strictObject({
  mode: z.literal("client"),
  service: z
    .string()
    .regex(/^(xmpp|xmpps|ws|wss):\/\/\S+$/, "expected an address such as xmpp://127.0.0.1:5222")
    .optional()
    .describe("Address of the server. Default: looked up in DNS by the domain of `jid`."),
  jid: z.string().min(1).describe("Full address to log in as: local@domain/resource. Callers need the resource too."),
  password: secret,
  tls: z
    .strictObject({
      ca: z.string().optional().describe("PEM file of certificates to trust beside the system's."),
      insecure: z.boolean().default(false).describe("Accept any certificate. Only for experiments."),
    })
    .optional(),
  allowPlaintext: z
    .boolean()
    .default(false)
    .describe("Log in without TLS to a server off loopback. Only on a network you own."),
});

const componentLink = z.strictObject({
  mode: z.literal("component"),
  service: z
    .string()
    .regex(/^xmpps?:\/\/\S+$/, "expected an address such as xmpp://127.0.0.1:5347")
    .describe("The server's port for components: xmpp://host:port."),
  jid: z.string().min(1).describe("The component's domain, such as rpc.example.org; every address at it is answered."),
  password: secret,
  tls: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          ca: z.string().optional().describe("PEM file of certificates to trust instead of the system's."),
          insecure: z.boolean().default(false).describe("Accept any certificate. Only for experiments."),
        }),
      ],
      { error: "expected true, false or {ca: FILE}" },
    )
    .default(false)
    .describe("TLS from the first byte; the certificate has to be for the host of `service`."),
  insecure: z
    .boolean()
    .default(false)
    .describe("Connect in clear to a server off loopback. Only on a network you own."),
  serverDomain: z
    .string()
    .optional()
    .describe("Domain that is asked whether the server lives. Default: the domain above that of `jid`."),
  replicas: z
    .boolean()
    .default(false)
    .describe("Other gateways serve the same domain, as ejabberd allows: the server is not pinged then."),
});

const memoryLink = z.strictObject({
  mode: z.literal("memory"),
  jid: z.string().default("localhost").describe("Address inside the process."),
});

const link = z
  .discriminatedUnion("mode", [clientLink, componentLink, memoryLink], {
    error: (issue) => (issue.code === "invalid_union" ? "expected mode client, component or memory" : undefined),
  })
  .describe("How the gateway attaches to XMPP.");

const patterns = z.union([z.string(), z.array(z.string())], { error: "expected a pattern or a list of patterns" });

const accessRule = z
  .union(
    [
      z.strictObject({ allow: z.string(), methods: patterns.exactOptional() }),
      z.strictObject({ deny: z.string(), methods: patterns.exactOptional() }),
      z.strictObject({ anyone: z.literal(true), methods: patterns.exactOptional() }),
    ],
    { error: "expected {allow: JID} or {deny: JID} or {anyone: true}, each with methods: PATTERN or [PATTERN]" },
  )
  .describe("One rule; a call is allowed if some allow rule matches and no deny rule does.");

const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(LIMIT_TABLE).map(([key, row]) => [
      key,
      z.int().positive().default(row.default).describe(`${row.doc} Unit: ${row.unit}.`),
    ]),
  ),
);

/** The whole settings file. */
export const settingsSchema = z.strictObject({
  link,
  handlers: z
    .array(z.string())
    .default(["builtin:examples"])
    .describe("Handler modules, relative to this file; builtin:examples and builtin:validator1 ship with the package."),
  access: z.array(accessRule).default([]).describe("Who may call what. Default: nobody, nothing."),
  roomServices: z
    .array(z.string())
    .default([])
    .describe(
      "Domains of room services: an occupant's address there is matched only by a rule with that full address.",
    ),
  values: z
    .strictObject({
      reading: z
        .enum(["strict", "lenient"])
        .default("lenient")
        .describe("Whether the deviations of real peers that docs/values.md lists are read."),
      zone: z
        .string()
        .regex(/^(UTC|local|[+-]\d{2}:\d{2})$/, "expected UTC, local or an offset such as +02:00")
        .default("UTC")
        .describe("Zone of a dateTime that names none: UTC, local, or an offset."),
      void: z.enum(["string", "nil"]).default("string").describe("What a method without a result answers."),
    })
    .prefault({}),
  unknownMethod: z
    .enum(["fault", "item-not-found"])
    .default("fault")
    .describe("Answer to a permitted caller of a method that does not exist: fault -32601, or that stanza error."),
  limits: limits.prefault({}),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least level that is written."),
      format: z
        .enum(["auto", "json", "text"])
        .default("auto")
        .describe("JSON lines, or key=value text; auto is text on a terminal."),
    })
    .prefault({}),
});

/** Settings as read: every default filled in. */
export type Settings = z.infer<typeof settingsSchema>;
/** The link's part of the settings. */
export type LinkSettings = Settings["link"];

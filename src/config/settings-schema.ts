// The settings file, key by key: what each is, its default, and what is accepted. docs/settings.md is made from this.

import { z } from "zod";
import type { LimitRow } from "../limit-table.js";
import { LIMIT_TABLE } from "../limits.js";

const secret = z
  .union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })], {
    error: "expected {file: PATH} or {env: NAME}; a secret never stands in the settings",
  })
  .describe("Where the secret is read from: a file, or an environment variable.");

const clientLink = z.strictObject({
  mode: z.literal("client").describe("Log in to a server as an account."),
  service: z
    .string()
    .regex(/^xmpps?:\/\/\S+$/, "expected xmpp://host:port or xmpps://host:port")
    .optional()
    .describe(
      "Address of the server: `xmpp://host:port` (STARTTLS) or `xmpps://host:port` (TLS from the first byte). Default: what the DNS says of the domain of `jid`.",
    ),
  jid: z.string().min(1).describe("Full address to log in as: local@domain/resource. Callers need the resource too."),
  password: secret,
  tls: z
    .strictObject({
      ca: z.string().optional().describe("PEM file of certificates to trust instead of Node's own."),
      insecure: z.boolean().default(false).describe("Accept any certificate. Only for experiments."),
    })
    .optional(),
  allowPlaintext: z
    .boolean()
    .default(false)
    .describe("Log in without TLS to a server off loopback. Only on a network you own."),
});

const componentLink = z.strictObject({
  mode: z.literal("component").describe("The gateway has a domain of its own on a server."),
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

const httpAccounts = z.strictObject({
  http: z.url().describe("Asked with a POST of {name, password} as JSON: 2xx lets in, 401 and 403 do not."),
});

const sqlAccounts = z.strictObject({
  sql: z.strictObject({
    url: z
      .union([z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/, "expected sqlite:FILE or postgresql://…"), secret])
      .describe(
        "The database: `sqlite:FILE`, or `postgresql://…`; one with a password from a file or the environment.",
      ),
    query: z
      .string()
      .min(1)
      .describe(
        "Gives the verifiers of one name as the columns `scram_sha_1` and `scram_sha_256` (RFC 5803). The name is `?` in SQLite, `$1` in PostgreSQL.",
      ),
    iterations: z.int().min(4096).default(10_000).describe("Iteration count of the stored verifiers."),
    saltSecret: secret,
  }),
});

const standaloneLink = z.strictObject({
  mode: z.literal("standalone").describe("XMPP clients connect to the gateway itself; no server is needed."),
  domain: z.string().default("localhost").describe("The domain that is served: the gateway's own address."),
  listen: z
    .strictObject({
      host: z.string().default("127.0.0.1").describe("Address to listen on. Off loopback it needs `tls`."),
      port: z.int().min(0).max(65_535).default(5222).describe("Port to listen on; 0 takes a free one."),
    })
    .prefault({}),
  tls: z
    .strictObject({
      cert: z.string().describe("PEM file of the certificate and its chain."),
      key: z.string().describe("PEM file of its key."),
    })
    .optional(),
  websocket: z
    .strictObject({
      host: z.string().optional().describe("Address to listen on. Default: that of `listen`."),
      port: z.int().min(0).max(65_535).default(5280).describe("Port of WebSocket clients (RFC 7395)."),
      path: z.string().startsWith("/").default("/xmpp-websocket").describe("Path of WebSocket clients."),
      origins: z.array(z.string()).default([]).describe("Origins of web pages that may connect."),
    })
    .optional(),
  accounts: z
    .union([z.string().min(1), httpAccounts, sqlAccounts], { error: "expected a file, {http: URL} or {sql: {…}}" })
    .default("accounts.yaml")
    .describe("File of accounts (`jabber-rpc passwd`), made at the first start; or the web application's own users."),
  anonymous: z.boolean().default(false).describe("Let anybody in under a random name (SASL ANONYMOUS)."),
  allowPlaintext: z
    .boolean()
    .default(false)
    .describe("Logins in clear from other machines. Only on a network you own."),
  plainOnLoopback: z
    .boolean()
    .default(false)
    .describe("SASL PLAIN without TLS on loopback: only needed with `accounts: {http}`."),
  clientToClient: z.boolean().default(false).describe("Whether accounts can write to each other."),
  service: z.string().optional().describe("A second address of the gateway. Default: `rpc.` and the domain."),
  alias: z
    .string()
    .optional()
    .describe("A third address, for clients that cannot write to a domain. Default: `rpc@` and the domain."),
});

const memoryLink = z.strictObject({
  mode: z.literal("memory").describe("No server: reachable inside the process only. For trying settings."),
  jid: z.string().default("localhost").describe("Address inside the process."),
});

const link = z
  .discriminatedUnion("mode", [standaloneLink, componentLink, clientLink, memoryLink], {
    error: (issue) =>
      issue.code === "invalid_union" ? "expected mode standalone, component, client or memory" : undefined,
  })
  .describe("How the gateway attaches to XMPP.");

const patterns = z
  .union([z.string(), z.array(z.string())], { error: "expected a pattern or a list of patterns" })
  .describe("Which methods the rule speaks of: `prefix.*`, one name, or a list of both. Default: all (`*`).");

const accessRule = z
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

const forwardRule = z
  .strictObject({
    allow: z.string().describe("Who may have calls forwarded, in the forms of access rules."),
    to: z.string().describe("Whose methods are called: an address in the forms of access rules."),
    methods: patterns.exactOptional(),
  })
  .describe("One rule; a call is forwarded if some rule matches requester, responder and method.");

const http = z
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

const declaredMethod = z
  .looseObject({ name: z.string().min(1).describe("What the server calls it; parameters and result may follow.") })
  .describe("An OpenRPC method object; its name is enough.");

const positive = () => z.int().min(1).max(0x7fffffff);

const upstream = z
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
      .array(declaredMethod)
      .optional()
      .describe("`xmlrpc`, `jsonrpc`: its methods as OpenRPC method objects, instead of asking for them."),
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

/** The longest time that a timer can hold, and more than anything else that is limited. */
const MAX_LIMIT = 0x7fffffff;

/** A whole number that a limit may be. */
function limitNumber({ min = 1 }: LimitRow) {
  const error = `expected a whole number from ${min} to ${MAX_LIMIT}`;
  return z.int({ error }).min(min, { error }).max(MAX_LIMIT, { error });
}

const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(LIMIT_TABLE).map(([key, row]) => [
      key,
      limitNumber(row).default(row.default).describe(`${row.doc} Unit: ${row.unit}.`),
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
  forward: z
    .array(forwardRule)
    .default([])
    .describe("Who may have calls of other responders forwarded, through `POST /RPC2/{jid}`. Default: nobody."),
  http: http.exactOptional(),
  upstreams: z.array(upstream).default([]).describe("Web functions that become methods (docs/upstreams.md)."),
  roomServices: z
    .array(z.string())
    .default([])
    .describe(
      "Domains of room services: an occupant of a room is allowed only by a rule with the full address, `room@service/nick`.",
    ),
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

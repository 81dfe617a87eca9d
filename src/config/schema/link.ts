// `link:`: how the gateway attaches to XMPP.

import { z } from "zod";
import { databaseUrl } from "./database-url.js";
import { secret } from "./secret.js";

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
    .describe("Log in without TLS to a server off loopback (only on a network you own), or on loopback by PLAIN."),
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
    url: databaseUrl,
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

/** One of the modes. */
export const link = z
  .discriminatedUnion("mode", [standaloneLink, componentLink, clientLink, memoryLink], {
    error: (issue) =>
      issue.code === "invalid_union" ? "expected mode standalone, component, client or memory" : undefined,
  })
  .describe("How the gateway attaches to XMPP.");

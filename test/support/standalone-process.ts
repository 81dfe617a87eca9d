// A stand-alone gateway as people run one: `jabber-rpc serve` in a process of its own, with accounts made by `jabber-rpc passwd`.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallServer } from "./callers.js";
import { type GatewayProcess, spawnGateway } from "./gateway-process.js";
import { CLI, ROOT, runProcess } from "./processes.js";

/** A certificate for `localhost`, signed by itself, and its key. */
const CERTIFICATE = {
  cert: join(ROOT, "test/fixtures/tls/localhost.crt"),
  key: join(ROOT, "test/fixtures/tls/localhost.key"),
};

/** A file of accounts, as `jabber-rpc passwd` makes it. */
export interface Accounts {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes accounts: name to password. */
export async function makeAccounts(users: Readonly<Record<string, string>>): Promise<Accounts> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-accounts-"));
  const path = join(folder, "accounts.yaml");
  for (const [name, password] of Object.entries(users)) await addAccount(path, name, password);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** What {@link startStandalone} sets up. */
export interface StandaloneProcessOptions {
  /** Who has an account on the domain `localhost`: a file's path, `{http: URL}` or `{sql: …}`. */
  readonly accounts: string | { readonly http: string } | { readonly sql: Readonly<Record<string, unknown>> };
  /** Offers STARTTLS, and `wss` instead of `ws`. Default false. */
  readonly tls?: boolean;
  /** Settings of the link that differ. */
  readonly link?: object;
}

/** A gateway that clients log in at. */
export interface StandaloneProcess extends CallServer {
  readonly gateway: GatewayProcess;
  /** The same for those who come over WebSocket. */
  readonly overWebSocket: CallServer;
  /** Ends it, and tells the exit code. */
  stop(): Promise<number>;
}

/** Starts a gateway on free ports of 127.0.0.1: everything to everybody on localhost but to mallory. */
export async function startStandalone(options: StandaloneProcessOptions): Promise<StandaloneProcess> {
  const { accounts } = options;
  const tls = options.tls === true ? { tls: CERTIFICATE } : {};
  const gateway = await spawnGateway({
    link: { mode: "standalone", listen: { port: 0 }, websocket: { port: 0 }, accounts, ...tls, ...options.link },
    handlers: ["builtin:examples", "builtin:validator1", join(ROOT, "dist/test/interop/probe-handlers.js")],
    access: [
      { allow: "*@localhost", methods: ["examples.*", "validator1.*", "probe.*"] },
      { deny: "mallory@localhost" },
    ],
  });
  const ready = /^ready localhost \(127\.0\.0\.1:(\d+), (wss?:\/\/127\.0\.0\.1:\d+\/\S*)\)/m;
  const [, port, websocketUrl = ""] = await gateway.process.until("stdout", ready);
  const server = { port: Number(port), certificateFile: options.tls === true ? CERTIFICATE.cert : undefined };
  return {
    ...server,
    // The certificate has a name, and no address.
    overWebSocket: { ...server, websocketUrl: websocketUrl.replace("wss://127.0.0.1", "wss://localhost") },
    gateway,
    stop: async () => (await gateway.stop()).exitCode,
  };
}

async function addAccount(accounts: string, name: string, password: string): Promise<void> {
  const args = ["passwd", "add", name, "--accounts", accounts, "--password-file", "-"];
  const { exitCode, stderr } = await runProcess(process.execPath, [CLI, ...args], { input: password });
  if (exitCode !== 0) throw new Error(`passwd add ${name} ended with ${exitCode}: ${stderr}`);
}

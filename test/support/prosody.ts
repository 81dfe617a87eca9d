// A real server for the interop tests: Debian's Prosody 0.12 on free ports of 127.0.0.1, in a folder of its own.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What {@link startProsody} sets up. */
export interface ProsodyOptions {
  /** Name to password, on the host `localhost`. */
  readonly users: Readonly<Record<string, string>>;
  /** Component domain to secret. */
  readonly components?: Readonly<Record<string, string>>;
  /** Makes a self-signed certificate for `localhost` and requires TLS of clients. */
  readonly tls?: boolean;
  /** Lines of Lua for the global section, such as `c2s_stanza_size_limit = 10000`. */
  readonly extraConfig?: string;
  /** Lines of Lua for the virtual host, such as `authentication = "internal_plain"`. */
  readonly hostConfig?: string;
}

/** A running server. */
export interface Prosody {
  readonly port: number;
  readonly componentPort: number;
  /** The certificate in PEM, when `tls` was asked for. */
  readonly certificate: string | undefined;
  /** Ends the process at once and starts it again, on the same ports with the same users. */
  restart(): Promise<void>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server and resolves when it accepts connections. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-prosody-"));
  const [port, componentPort] = await freePorts();
  const certificate = options.tls === true ? await makeCertificate(folder) : undefined;
  const configFile = join(folder, "prosody.cfg.lua");
  await writeFile(configFile, configText(options, folder, port, componentPort));
  for (const [name, password] of Object.entries(options.users)) {
    await run("prosodyctl", ["--config", configFile, "--root", "register", name, "localhost", password]);
  }
  let child = await launch(configFile, folder, port);
  return {
    port,
    componentPort,
    certificate,
    restart: async () => {
      await end(child, "SIGKILL");
      child = await launch(configFile, folder, port);
    },
    stop: async () => {
      await end(child, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(options: ProsodyOptions, folder: string, port: number, componentPort: number): string {
  const tlsLines =
    options.tls === true
      ? `ssl = { key = "${folder}/localhost.key", certificate = "${folder}/localhost.crt" }`
      : `modules_disabled = { "tls" }`;
  const components = Object.entries(options.components ?? {})
    .map(([domain, secret]) => `Component "${domain}"\n  component_secret = "${secret}"`)
    .join("\n");
  return `
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}"
run_as_root = true
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
component_ports = { ${componentPort} }
component_interfaces = { "127.0.0.1" }
s2s_ports = {}
http_ports = {}
https_ports = {}
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq", "version" }
c2s_require_encryption = ${options.tls === true}
authentication = "internal_hashed"
allow_registration = false
limits = {}
log = { info = "${folder}/prosody.log" }
${tlsLines}
${options.extraConfig ?? ""}
VirtualHost "localhost"
${options.hostConfig ?? ""}
${components}
`;
}

async function makeCertificate(folder: string): Promise<string> {
  const file = join(folder, "localhost.crt");
  const key = join(folder, "localhost.key");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  await run("openssl", ["req", "-x509", ...curve, "-nodes", "-days", "2", "-keyout", key, "-out", file, ...subject]);
  return readFile(file, "utf8");
}

async function launch(configFile: string, folder: string, port: number): Promise<ChildProcess> {
  const child = spawn("prosody", ["-F", "--root", "--config", configFile], { stdio: "ignore" });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) break;
    if (await accepts(port)) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end(child, "SIGKILL");
  const log = await readFile(join(folder, "prosody.log"), "utf8").catch(() => "no log");
  throw new Error(`prosody did not start:\n${log.slice(-2_000)}`);
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, "close");
    }),
  );
  return [ports[0] ?? 0, ports[1] ?? 0];
}

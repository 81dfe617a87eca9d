// A real server for the interop tests: Debian's Prosody 0.12 on free ports of 127.0.0.1, in a folder of its own.

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerProcess, startServer } from "./server-process.js";

const run = promisify(execFile);

const MODULES = ["roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq", "version"];

/** What {@link startProsody} sets up. */
export interface ProsodyOptions {
  /** Name to password, on the host `localhost`. */
  readonly users: Readonly<Record<string, string>>;
  /** Name to the names that see its presence, and whose presence it sees (subscription `both`, RFC 6121 §3). */
  readonly contacts?: Readonly<Record<string, readonly string[]>>;
  /** Component domain to secret. */
  readonly components?: Readonly<Record<string, string>>;
  /** Makes a self-signed certificate for `localhost` and requires TLS of clients. */
  readonly tls?: boolean;
  /** Modules beside the usual ones, such as `smacks`. */
  readonly modules?: readonly string[];
  /** Lines of Lua for the global section, such as `c2s_stanza_size_limit = 10000`. */
  readonly extraConfig?: string;
  /** Lines of Lua for the virtual host, such as `authentication = "internal_plain"`. */
  readonly hostConfig?: string;
}

/** A running server. */
export interface Prosody extends ServerProcess {
  /** The certificate in PEM, when `tls` was asked for. */
  readonly certificate: string | undefined;
}

/** Starts a server and resolves when it accepts connections. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  let certificate: string | undefined;
  const server = await startServer("prosody", async ({ folder, port, componentPort }) => {
    if (options.tls === true) certificate = await makeCertificate(folder);
    const configFile = join(folder, "prosody.cfg.lua");
    await writeFile(configFile, configText(options, folder, port, componentPort));
    for (const [name, password] of Object.entries(options.users)) {
      await run("prosodyctl", ["--config", configFile, "--root", "register", name, "localhost", password]);
    }
    await writeRosters(join(folder, "data/localhost/roster"), options.contacts ?? {});
    return {
      command: "prosody",
      args: ["-F", "--root", "--config", configFile],
      ports: options.components === undefined ? [port] : [port, componentPort],
      logFile: join(folder, "prosody.log"),
    };
  });
  return { ...server, certificate };
}

function configText(options: ProsodyOptions, folder: string, port: number, componentPort: number): string {
  const tlsLines =
    options.tls === true
      ? `ssl = { key = "${folder}/localhost.key", certificate = "${folder}/localhost.crt" }`
      : `modules_disabled = { "tls" }`;
  const components = Object.entries(options.components ?? {})
    .map(([domain, secret]) => `Component "${domain}"\n  component_secret = "${secret}"`)
    .join("\n");
  const modules = [...MODULES, ...(options.modules ?? [])].map((name) => `"${name}"`).join(", ");
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
modules_enabled = { ${modules} }
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

/** Prosody's own file format: a Lua table of contacts. */
async function writeRosters(folder: string, contacts: Readonly<Record<string, readonly string[]>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, others] of Object.entries(contacts)) {
    const items = others.map((other) => `["${other}@localhost"] = { subscription = "both", groups = {} };`);
    await writeFile(join(folder, `${name}.dat`), `return { [false] = { version = 1 }; ${items.join(" ")} };\n`);
  }
}

async function makeCertificate(folder: string): Promise<string> {
  const file = join(folder, "localhost.crt");
  const key = join(folder, "localhost.key");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  await run("openssl", ["req", "-x509", ...curve, "-nodes", "-days", "2", "-keyout", key, "-out", file, ...subject]);
  return readFile(file, "utf8");
}

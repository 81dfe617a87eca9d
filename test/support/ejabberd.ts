// A real server for the interop tests: Debian's ejabberd 23.01 on free ports of 127.0.0.1, in a folder of its own. It runs as one Erlang
// node without a name, so that no other process (epmd) is started and none can reach it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ServerProcess, startServer } from "./server-process.js";

/** What {@link startEjabberd} sets up. */
export interface EjabberdOptions {
  /** Name to password, on the host `localhost`. */
  readonly users: Readonly<Record<string, string>>;
  /** The names of those who may run its own ad-hoc commands (mod_adhoc, mod_configure). */
  readonly admins?: readonly string[];
  /** Modules beside the usual ones, with their options. */
  readonly moreModules?: Readonly<Record<string, object>>;
  /** Component domain to secret. */
  readonly components?: Readonly<Record<string, string>>;
  /** Key and certificate in PEM: the port for components then speaks TLS. */
  readonly componentTls?: { readonly key: string; readonly cert: string };
}

/** Starts a server and resolves when it accepts connections. */
export function startEjabberd(options: EjabberdOptions): Promise<ServerProcess> {
  return startServer("ejabberd", async ({ folder, port, componentPort }) => {
    const configFile = join(folder, "ejabberd.yml");
    // The ports are open before the accounts are made.
    const readyFile = join(folder, "ready");
    const logFile = join(folder, "ejabberd.log");
    const database = join(folder, "db");
    await mkdir(database);
    const { componentTls } = options;
    if (componentTls !== undefined) await writeFile(join(folder, "all.pem"), componentTls.cert + componentTls.key);
    await writeFile(configFile, configText(options, folder, port, componentPort));
    const accounts = registerUsers(options, readyFile);
    return {
      command: "erl",
      args: ["-noinput", "-mnesia", "dir", `"${database}"`, "-s", "ejabberd", "-eval", accounts],
      env: {
        ...process.env,
        ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
        // Its cookie file must not be written into anybody's home.
        HOME: folder,
        EJABBERD_CONFIG_PATH: configFile,
        EJABBERD_LOG_PATH: logFile,
        ERL_CRASH_DUMP: join(folder, "crash"),
        ERL_CRASH_DUMP_BYTES: "0",
      },
      ports: [port, componentPort],
      readyFile,
      logFile,
    };
  });
}

/** Erlang that makes the accounts and then the marker; making an account twice changes nothing. */
function registerUsers({ users }: EjabberdOptions, marker: string): string {
  const binary = (text: string) => `<<${[...Buffer.from(text)].join(",")}>>`;
  const register = Object.entries(users).map(([name, password]) => {
    return `ejabberd_auth:try_register(${binary(name)}, <<"localhost">>, ${binary(password)})`;
  });
  return [...register, `file:write_file(${binary(marker)}, <<>>)`].join(", ");
}

/** YAML; JSON is a part of it. */
function configText(options: EjabberdOptions, folder: string, port: number, componentPort: number): string {
  const components = Object.entries(options.components ?? {}).map(([domain, password]) => [domain, { password }]);
  const isTls = options.componentTls !== undefined;
  return JSON.stringify({
    hosts: ["localhost"],
    loglevel: 4,
    ...(isTls && { certfiles: [join(folder, "all.pem")] }),
    listen: [
      {
        port: componentPort,
        ip: "127.0.0.1",
        module: "ejabberd_service",
        // By its default each component gets the traffic of all.
        global_routes: false,
        hosts: Object.fromEntries(components),
        ...(isTls && { tls: true, certfile: join(folder, "all.pem") }),
      },
      { port, ip: "127.0.0.1", module: "ejabberd_c2s", starttls: false },
    ],
    auth_password_format: "scram",
    ...(options.admins !== undefined && {
      acl: { admin: { user: options.admins.map((name) => `${name}@localhost`) } },
      access_rules: { configure: [{ allow: "admin" }] },
    }),
    modules: {
      ...(options.admins !== undefined && { mod_adhoc: {}, mod_configure: {} }),
      mod_disco: {},
      mod_ping: {},
      mod_roster: {},
      mod_version: {},
      mod_stream_mgmt: {},
      ...options.moreModules,
    },
  });
}

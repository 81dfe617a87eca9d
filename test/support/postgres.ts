// A real database for the interop tests: Debian's PostgreSQL on a free port of 127.0.0.1, a cluster in a folder of its own.

import { execFile } from "node:child_process";
import { chown, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerPlace, type ServerProcess, startServer } from "./server-process.js";

const run = promisify(execFile);

/** A running server. */
export interface Postgres extends ServerProcess {
  /** `postgresql://…`, with the password, of the database `postgres` as its superuser. */
  readonly url: string;
}

const USER = "owner";
const PASSWORD = "a secret/of @ tests";
/** Debian has a folder a version. */
const VERSIONS = "/usr/lib/postgresql";

/** Makes a cluster with an empty database, and resolves when it accepts connections. */
export async function startPostgres(): Promise<Postgres> {
  const server = await startServer("postgres", makeCluster);
  return { ...server, url: `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}/postgres` };
}

async function makeCluster({ folder, port }: ServerPlace) {
  const user = await databaseUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const binaries = join(VERSIONS, (await readdir(VERSIONS)).toSorted((a, b) => Number(b) - Number(a))[0] ?? "", "bin");
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, PASSWORD);
  const access = ["--auth=scram-sha-256", `--username=${USER}`, `--pwfile=${passwordFile}`];
  const form = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run(join(binaries, "initdb"), [...access, ...form, `--pgdata=${data}`], { ...user, cwd: folder });
  const logFile = join(folder, "postgres.log");
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    logging_collector: "on",
    log_directory: folder,
    log_filename: "postgres.log",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return {
    command: join(binaries, "postgres"),
    args: ["-D", data, "-p", String(port), ...flags],
    user,
    ports: [port],
    // Connections are refused for as long as it recovers.
    readyFile: join(data, "postmaster.pid"),
    readyText: /^ready\s*$/m,
    logFile,
    // SIGTERM would wait for every connection, and SIGKILL leave the processes of the connections behind.
    signals: { stop: "SIGINT", kill: "SIGQUIT" },
  } as const;
}

/** The server refuses to run as root; Debian's package makes the user that it runs as instead. */
async function databaseUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(["-u", "-g"].map(async (flag) => (await run("id", [flag, "postgres"])).stdout));
  return { uid: Number(uid), gid: Number(gid) };
}

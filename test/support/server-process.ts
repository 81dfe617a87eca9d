// What every real server of the interop tests needs: a folder, free ports of 127.0.0.1, waiting until it accepts, ending it by its
// process.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running server. */
export interface ServerProcess {
  readonly port: number;
  readonly componentPort: number;
  /** Ends the process at once, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same ports with the same users. */
  launch(): Promise<void>;
  /** Both. */
  restart(): Promise<void>;
  /** The same, but it may write down what it knows: ejabberd forgets its latest nodes when it is killed. */
  restartCleanly(): Promise<void>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

/** How a server is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whose process it is; that of the test unless given. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Started when all of them accept connections. */
  readonly ports: readonly number[];
  /** A file that the server makes once it is ready, where open ports do not tell; it is removed with the process. */
  readonly readyFile?: string;
  /** What stands in that file then. Default: anything. */
  readonly readyText?: RegExp;
  readonly logFile: string;
  /** What ends it in order, where that is not SIGTERM, and what ends it at once, where its own children would survive SIGKILL. */
  readonly signals?: { readonly stop: NodeJS.Signals; readonly kill: NodeJS.Signals };
}

/** What a server is started in. */
export interface ServerPlace {
  readonly folder: string;
  readonly port: number;
  readonly componentPort: number;
}

/**
 * Starts a server in a folder of its own, on free ports, and resolves when it accepts connections.
 *
 * @param prepare writes what the server reads into the folder, and says how it is started
 */
export async function startServer(
  name: string,
  prepare: (place: ServerPlace) => Promise<Launch>,
): Promise<ServerProcess & ServerPlace> {
  const folder = await mkdtemp(join(tmpdir(), `jabber-rpc-${name}-`));
  const [port, componentPort] = await freePorts();
  const place: ServerPlace = { folder, port, componentPort };
  const launch = await prepare(place);
  const signals = launch.signals ?? { stop: "SIGTERM", kill: "SIGKILL" };
  let child = await launchServer(launch);
  const end = async (signal: NodeJS.Signals) => {
    await endServer(child, signal);
    if (launch.readyFile !== undefined) await rm(launch.readyFile, { force: true });
  };
  const start = async () => {
    child = await launchServer(launch);
  };
  return {
    ...place,
    kill: () => end(signals.kill),
    launch: start,
    restart: async () => {
      await end(signals.kill);
      await start();
    },
    restartCleanly: async () => {
      await end(signals.stop);
      await start();
    },
    stop: async () => {
      await end(signals.stop);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a process and resolves when it accepts connections. */
async function launchServer(launch: Launch): Promise<ChildProcess> {
  const { command, args, env, user, ports } = launch;
  const child = spawn(command, args, { stdio: "ignore", ...user, ...(env !== undefined && { env }) });
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) break;
    const areOpen = (await Promise.all(ports.map(accepts))).every(Boolean);
    if (areOpen && (await isReady(launch))) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await endServer(child, "SIGKILL");
  const log = await readFile(launch.logFile, "utf8").catch(() => "no log");
  throw new Error(`${command} did not start:\n${log.slice(-2_000)}`);
}

async function isReady({ readyFile, readyText = /^/ }: Launch): Promise<boolean> {
  if (readyFile === undefined) return true;
  const text = await readFile(readyFile, "utf8").catch(() => undefined);
  return text !== undefined && readyText.test(text);
}

/** Ends a process; one that does not end within 5 s is killed. */
async function endServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}

/** Different ports that nobody listens on. */
export async function freePorts(): Promise<[number, number]> {
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

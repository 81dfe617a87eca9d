// What every real server of the interop tests needs: free ports of 127.0.0.1, waiting until it accepts, ending it by its process.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

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
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

/** How a server is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Started when all of them accept connections. */
  readonly ports: readonly number[];
  /** What else has to hold before it is started. */
  isReady?(): Promise<boolean>;
  /** What the error says when it does not start. */
  readLog(): Promise<string>;
}

/** Starts a process and resolves when it accepts connections. */
export async function launchServer(launch: Launch): Promise<ChildProcess> {
  const { command, args, env, ports } = launch;
  const child = spawn(command, args, { stdio: "ignore", ...(env !== undefined && { env }) });
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) break;
    const areOpen = (await Promise.all(ports.map(accepts))).every(Boolean);
    if (areOpen && (await launch.isReady?.()) !== false) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await endServer(child, "SIGKILL");
  throw new Error(`${command} did not start:\n${(await launch.readLog()).slice(-2_000)}`);
}

/** Ends a process; one that does not end within 5 s is killed. */
export async function endServer(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
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

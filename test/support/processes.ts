// Child processes of the interop tests: what they print, how they end, and that none survives its test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** The repository's root, seen from the compiled test. */
export const ROOT = join(import.meta.dirname, "../../..");
/** The compiled command line. */
export const CLI = join(ROOT, "dist/src/cli/main.js");
/** Debian's own interpreter: another on the PATH has no slixmpp. */
export const PYTHON = "/usr/bin/python3";

/** How a process ended; `exitCode` is -1 when a signal ended it. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to standard input, which is then closed; undefined leaves it open. */
  readonly input?: string;
}

/** A process that runs. */
export interface RunningProcess {
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in what it has printed or will print; rejects when it ends without. */
  until(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray>;
  write(text: string): void;
  onLine(listener: (line: string) => void): void;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once if it still runs. */
  stop(): Promise<void>;
}

/** No process of a test has a reason to run longer. */
const MAX_RUN_MS = 110_000;

export function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, JABBER_RPC_HOME: "/nonexistent", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  // A process that ended early does not read its input; its exit code tells that, not EPIPE.
  child.stdin.on("error", () => undefined);
  if (options.input !== undefined) child.stdin.end(options.input);
  const timer = setTimeout(() => child.kill("SIGKILL"), MAX_RUN_MS);
  const ended = endOf(child).then((exitCode) => {
    clearTimeout(timer);
    return { exitCode, ...output };
  });
  return {
    ended,
    until: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output[stream]);
          if (match === null) return;
          child[stream].off("data", look);
          resolve(match);
        };
        child[stream].on("data", look);
        look();
        void ended.then(({ exitCode, stdout, stderr }) =>
          reject(
            new Error(`${command} ${args.join(" ")} ended with ${exitCode} before ${pattern}\n${stdout}\n${stderr}`),
          ),
        );
      }),
    write: (text) => void child.stdin.write(text),
    onLine: (listener) => {
      let rest = "";
      child.stdout.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(listener);
      });
    },
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a process to its end. */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startProcess(command, args, { input: "", ...options }).ended;
}

async function endOf(child: ChildProcess): Promise<number> {
  const [exitCode]: unknown[] = await once(child, "close");
  return typeof exitCode === "number" ? exitCode : -1;
}

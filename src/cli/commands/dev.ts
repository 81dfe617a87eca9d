// jabber-rpc dev: compiles a service and runs it, both again on every change.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { UsageError } from "../exit.js";

/** Adds `dev` to the program. */
export function addDevCommand(program: Command): void {
  program
    .command("dev")
    .description("compile the project in this folder and serve it, both again on every change")
    .requiredOption("--config <file>", "settings file (docs/settings.md)")
    .action(async (flags: { readonly config: string }) => {
      const loop = new DevLoop(findCompiler(), flags.config);
      const unwatch = watchProject(process.cwd(), () => loop.changed());
      const interrupted = new Promise((stop) => process.once("SIGINT", stop).once("SIGTERM", stop));
      loop.changed();
      await interrupted;
      unwatch();
      await loop.stop();
    });
}

/** Several files may be saved at once: a change counts when nothing has changed for this long. */
const SETTLE_MS = 100;

/** Compiles and serves, one after the other, never two at a time. */
class DevLoop {
  readonly #compiler: string;
  readonly #config: string;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #serving: ChildProcess | undefined;

  constructor(compiler: string, config: string) {
    this.#compiler = compiler;
    this.#config = config;
  }

  /** Something in the project changed. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#round());
    }, SETTLE_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#work;
    await this.#end();
  }

  /** What does not compile is not served: the last version goes on. */
  async #round(): Promise<void> {
    const [code] = await once(start([this.#compiler, "-b"]), "exit");
    if (code !== 0) {
      process.stderr.write("does not compile; waiting for a change\n");
      return;
    }
    await this.#end();
    const args = ["--enable-source-maps", mainFile(), "serve", "--config", this.#config, "--next-port"];
    this.#serving = start(args);
  }

  async #end(): Promise<void> {
    const serving = this.#serving;
    this.#serving = undefined;
    if (serving === undefined || serving.exitCode !== null || serving.signalCode !== null) return;
    serving.kill("SIGTERM");
    await once(serving, "exit");
  }
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

function mainFile(): string {
  return fileURLToPath(new URL("../main.js", import.meta.url));
}

/** The compiler of the project in the current folder. */
function findCompiler(): string {
  try {
    const manifest = createRequire(resolve("package.json")).resolve("typescript/package.json");
    return join(dirname(manifest), "bin/tsc");
  } catch {
    throw new UsageError("the project in this folder has no TypeScript: npm i -D typescript");
  }
}

/** What is made by installing, compiling or serving is no change of the project. */
const NOT_WATCHED = /^(node_modules|dist|accounts\..*|\..*)$/;
const WATCHED_FILE = /\.(ts|mts|js|mjs|json|ya?ml)$/;
const LOOK_MS = 300;

/**
 * Calls back after every change of a source or settings file, until the returned function is called. It looks instead of
 * listening: the watchers of Node 20 lose a file that an editor replaces.
 */
function watchProject(folder: string, changed: () => void): () => void {
  let seen = look(folder);
  const timer = setInterval(() => {
    const now = look(folder);
    if (now !== seen) changed();
    seen = now;
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** What the files look like: another text after any of them changed. */
function look(folder: string): string {
  let state = "";
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (NOT_WATCHED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) state += look(path);
    else if (WATCHED_FILE.test(entry.name)) {
      const stat = statSync(path, { throwIfNoEntry: false });
      state += `${path} ${stat?.mtimeMs} ${stat?.size}\n`;
    }
  }
  return state;
}

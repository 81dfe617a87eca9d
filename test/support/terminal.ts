// A terminal without a person: a program inside tmux, with a server of its own, that is typed to and whose screen is read.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { runProcess } from "./processes.js";

/** A program on a screen. */
export interface Terminal {
  /** Types a line and presses Enter. */
  type(line: string): Promise<void>;
  /** Resolves with the screen once it shows what the pattern describes; rejects with the last screen after 20 s. */
  shows(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

const SHOWN_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** Starts a program on a screen of 120 columns and 60 lines. */
export async function startTerminal(command: string, env: Readonly<Record<string, string>>): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-tmux-"));
  const tmux = async (...args: readonly string[]): Promise<string> => {
    // Nobody's own configuration, and nobody's own sessions.
    const all = ["-S", join(folder, "socket"), "-f", "/dev/null", ...args];
    const { exitCode, stdout, stderr } = await runProcess("tmux", all, { env: { LC_ALL: "C.UTF-8", TMUX: "" } });
    if (exitCode !== 0) throw new Error(`tmux ${args[0]} ended with ${exitCode}: ${stderr}`);
    return stdout;
  };
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await tmux("new-session", "-d", "-x", "120", "-y", "60", ...variables, command);
  return {
    type: async (line) => {
      await tmux("send-keys", "-l", line);
      await tmux("send-keys", "Enter");
    },
    shows: async (pattern) => {
      const giveUpAt = performance.now() + SHOWN_WITHIN_MS;
      for (;;) {
        const screen = await tmux("capture-pane", "-p");
        if (pattern.test(screen)) return screen;
        if (performance.now() > giveUpAt) throw new Error(`the screen does not show ${pattern}:\n${screen}`);
        // A terminal does not tell when it changes.
        await setTimeout(LOOK_EVERY_MS);
      }
    },
    stop: async () => {
      await tmux("kill-server");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// One conversation on a terminal: lines are read in order, and what is typed for a secret is not echoed.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Ctrl-C or Ctrl-D during a question. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Somebody at a terminal. */
export interface Terminal {
  /** Shows a line. */
  say(text: string): void;
  /** Asks, and resolves with the line that was typed. Rejects with {@link Interrupted}. */
  ask(question: string, options?: { readonly isSecret?: boolean }): Promise<string>;
  close(): void;
}

/** What a terminal is made of. */
export interface TerminalOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Opens a terminal. */
export function openTerminal({ input, output }: TerminalOptions): Terminal {
  let isMuted = false;
  const echo = new Writable({
    write: (chunk: Buffer | string, _encoding, done) => {
      if (!isMuted) output.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  // Lines that were pasted ahead of their questions are kept for them.
  const typed: string[] = [];
  let waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    waiting?.reject(new Interrupted("interrupted"));
    waiting = undefined;
  };
  lines.on("line", (line) => {
    if (waiting === undefined) typed.push(line);
    else waiting.resolve(line);
    waiting = undefined;
  });
  lines.on("SIGINT", () => {
    // What the shell says next begins a line of its own.
    output.write("\n");
    end();
  });
  lines.on("close", end);
  return {
    say: (text) => void output.write(`${text}\n`),
    ask: async (question, { isSecret = false } = {}) => {
      const ready = typed.shift();
      if (ready !== undefined) {
        output.write(`${question}${isSecret ? "" : ready}\n`);
        return ready;
      }
      if (isOver) throw new Interrupted("interrupted");
      lines.setPrompt(question);
      lines.prompt();
      isMuted = isSecret;
      try {
        return await new Promise<string>((resolve, reject) => {
          waiting = { resolve, reject };
        });
      } finally {
        isMuted = false;
        if (isSecret) output.write("\n");
      }
    },
    close: () => lines.close(),
  };
}

// A question on the terminal whose answer is not shown.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Asks on the terminal, and resolves with the line that was typed; it is not echoed. */
export function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    lines.question("", (answer) => {
      lines.close();
      process.stderr.write("\n");
      resolve(answer);
    });
    // Ctrl-C in the raw mode of the terminal is only an event.
    lines.once("SIGINT", () => {
      lines.close();
      process.stderr.write("\n");
      process.kill(process.pid, "SIGINT");
    });
  });
}

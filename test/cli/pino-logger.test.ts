// The log as text: what peers write is shown, never obeyed by the terminal.
import { expect, it } from "vitest";
import { createPinoLogger } from "../../src/cli/pino-logger.js";

it("shows control characters and direction marks of others as escapes", () => {
  const lines: string[] = [];
  const log = createPinoLogger({ level: "info", format: "text", write: (line) => lines.push(line) });
  log.info("call.refused", { method: "a\u009b31m\u202eb\u001b[0m\nc" });
  expect(lines.join("").slice("00:00:00.000 ".length)).toBe(
    'info  call.refused method="a\\u009b31m\\u202eb\\u001b[0m\\nc"\n',
  );
});

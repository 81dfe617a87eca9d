// jabber-rpc serve as a process: it stays until it is told to stop, also on a link that keeps no socket open.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

it.each([
  ["SIGTERM", 0],
  ["SIGINT", 130],
] as const)("serves until %s and exits with %i", async (signal, exitCode) => {
  const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-serve-"));
  writeFileSync(join(folder, "gateway.yaml"), "link: {mode: memory}\n");
  const child = spawn(process.execPath, [main, "serve", "--config", "gateway.yaml"], { cwd: folder });
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  expect(printed.toString()).toBe("ready localhost\n");
  child.kill(signal);
  const [code, endedBy] = (await once(child, "exit")) as [number | null, string | null];
  expect({ code, endedBy }).toEqual({ code: exitCode, endedBy: null });
  rmSync(folder, { recursive: true });
});

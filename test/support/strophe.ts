// The caller on libstrophe, a C library: compiled when a test asks for it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CallServer, PEERS } from "./callers.js";
import { type Ended, runProcess } from "./processes.js";

/** The compiled program. */
export interface StropheCaller {
  /** Calls one method with one number; in clear when no certificate is given. */
  call(server: CallServer, account: { jid: string; password: string }, words: readonly string[]): Promise<Ended>;
  remove(): Promise<void>;
}

const WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"];

export async function compileStropheCaller(): Promise<StropheCaller> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-strophe-"));
  const program = join(folder, "strophe-call");
  const source = join(PEERS, "strophe-call.c");
  const { exitCode, stderr } = await runProcess("gcc", [...WARNINGS, "-o", program, source, "-lstrophe"]);
  if (exitCode !== 0) throw new Error(`gcc ended with ${exitCode}: ${stderr}`);
  return {
    call: ({ port, certificateFile = "-" }, { jid, password }, words) =>
      runProcess(program, ["127.0.0.1", String(port), jid, password, certificateFile, ...words]),
    remove: () => rm(folder, { recursive: true }),
  };
}

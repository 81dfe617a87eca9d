// The command line as its users run it: a process with arguments, an account in the environment, an exit code.

import { CLI, type Ended, type ProcessOptions, type RunningProcess, startProcess } from "./processes.js";
import type { Prosody } from "./prosody.js";

/** Runs commands as one account of a test server. */
export interface CliUser {
  start(args: readonly string[], options?: ProcessOptions): RunningProcess;
  run(args: readonly string[], options?: ProcessOptions): Promise<Ended>;
}

export function cliUser(prosody: Pick<Prosody, "port">, jid: string, password: string): CliUser {
  const env = {
    JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${prosody.port}`,
    JABBER_RPC_JID: jid,
    JABBER_RPC_PASSWORD: password,
  };
  const start: CliUser["start"] = (args, options = {}) =>
    startProcess(process.execPath, [CLI, ...args], { input: "", ...options, env: { ...env, ...options.env } });
  return { start, run: (args, options) => start(args, options).ended };
}

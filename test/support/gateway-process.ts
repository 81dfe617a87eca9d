// A gateway as people run one: `jabber-rpc serve` with a settings file, in a process of its own.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { CLI, type Ended, ROOT, type RunningProcess, startProcess } from "./processes.js";
import type { Prosody } from "./prosody.js";

/** The account of the gateway on the test server. */
export const RESPONDER = { jid: "responder@localhost/gateway", password: "gateway's" };

export interface GatewayProcess {
  readonly process: RunningProcess;
  readonly configFile: string;
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ended>;
}

/** The settings of the interop gateway: everything to everybody on localhost but to mallory. */
export function gatewaySettings(server: Pick<Prosody, "port">, link: object = {}): object {
  return {
    link: {
      mode: "client",
      service: `xmpp://127.0.0.1:${server.port}`,
      jid: RESPONDER.jid,
      password: { env: "INTEROP_PASSWORD" },
      ...link,
    },
    handlers: ["builtin:examples", "builtin:validator1", join(ROOT, "dist/test/interop/probe-handlers.js")],
    access: [
      { allow: "*@localhost", methods: ["examples.*", "validator1.*", "probe.*"] },
      { deny: "mallory@localhost" },
    ],
  };
}

/** Writes the settings and runs `serve`; its folder goes when it is stopped. Resolves before it is ready. */
export async function spawnGateway(
  settings: object,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-gateway-"));
  const configFile = join(folder, "gateway.yaml");
  await writeFile(configFile, stringify(settings));
  const running = startProcess(process.execPath, [CLI, "serve", "--config", configFile], {
    env: { INTEROP_PASSWORD: RESPONDER.password, ...env },
  });
  void running.ended.then(() => rm(folder, { recursive: true, force: true }));
  return {
    process: running,
    configFile,
    stop: () => {
      running.signal("SIGTERM");
      return running.ended;
    },
  };
}

/** {@link spawnGateway}, and waits for `ready`. */
export async function startGatewayProcess(prosody: Prosody, link: object = {}): Promise<GatewayProcess> {
  const gateway = await spawnGateway(gatewaySettings(prosody, link));
  await gateway.process.until("stdout", /^ready responder@localhost\/gateway$/m);
  return gateway;
}

// What `jabber-rpc serve` does: a gateway from a settings file, until a signal ends it.

import { rmSync } from "node:fs";
import { type ReadSettings, readSettings } from "../config/index.js";
import type { Gateway } from "../gateway.js";
import { countAccessMatches, createGatewayFromSettings, loadHandlers, reviewSettings } from "../gateway-settings.js";
import { createLinkFromSettings } from "../link-settings.js";
import type { Logger } from "../observe/index.js";
import type { HandlersModule } from "../rpc/index.js";
import { probeUpstreams } from "../upstream-settings.js";
import { EXIT, endingOf, UsageError } from "./exit.js";
import { createPinoLogger } from "./pino-logger.js";
import { httpPlace, type Serving, serveStandalone } from "./serve-standalone.js";
import { writeText } from "./write-text.js";

/** The flags of `serve`. */
export interface ServeFlags {
  readonly config: string;
  readonly check?: boolean;
  readonly port?: number;
  readonly nextPort?: boolean;
  readonly pidFile?: string;
}

const LONGEST_TIMER_MS = 0x7fffffff;

/** Serves until a signal comes, and gives the exit code. */
export async function serve(flags: ServeFlags): Promise<number> {
  const read = readSettings(flags.config);
  const handlers = await loadHandlers(read);
  const remarks = reviewSettings(read);
  if (flags.check === true) {
    const upstreams = await probeUpstreams(read);
    const counts = countAccessMatches(read, handlers, upstreams.names);
    process.stdout.write([...remarks, ...upstreams.remarks, ...counts, `${flags.config}: ok`, ""].join("\n"));
    return EXIT.ok;
  }
  const log = createLog(read);
  for (const remark of remarks) log.warn("settings.remark", { remark });
  const serving = await startServing(read, handlers, flags, log);
  try {
    if (flags.pidFile !== undefined) writeText(flags.pidFile, `${process.pid}\n`, "the pid file");
  } catch (error) {
    await serving.gateway.stop();
    throw error;
  }
  // Whoever reads "ready" may send a signal at once, so signals are listened for before.
  const stopped = untilStopped(serving, flags.pidFile, log);
  process.stdout.write(`ready ${serving.ready}\n`);
  return stopped;
}

async function startServing(
  read: ReadSettings,
  handlers: HandlersModule,
  flags: ServeFlags,
  log: Logger,
): Promise<Serving> {
  const { link } = read.settings;
  if (link.mode === "standalone") return serveStandalone(read, link, handlers, flags, log);
  for (const [flag, value] of Object.entries({ "--port": flags.port, "--next-port": flags.nextPort })) {
    if (value !== undefined)
      throw new UsageError(`${flag} is for stand-alone mode; ${flags.config} says mode ${link.mode}`);
  }
  const gateway: Gateway = createGatewayFromSettings(read, handlers, createLinkFromSettings(read, link, log), log);
  const jid = await gateway.start();
  return { gateway, ready: [jid.full, ...httpPlace(gateway)].join("; "), reload: () => undefined };
}

function createLog({ settings }: ReadSettings): Logger {
  const { level, format } = settings.log;
  const isText = format === "text" || (format === "auto" && process.stderr.isTTY);
  return createPinoLogger({ level, format: isText ? "text" : "json", write: (line) => process.stderr.write(line) });
}

/** Waits for a signal, stops, and gives the exit code; a second signal ends the process at once. */
function untilStopped({ gateway, reload }: Serving, pidFile: string | undefined, log: Logger): Promise<number> {
  process.on("SIGHUP", () => {
    try {
      reload();
      log.info("serve.reloaded");
    } catch (error) {
      log.error("serve.reload-failed", { cause: endingOf(error).text });
    }
  });
  return new Promise((resolve) => {
    // A link without a socket keeps no process alive, and neither does waiting for a signal.
    const alive = setInterval(() => undefined, LONGEST_TIMER_MS);
    const end = (exitCode: number) => {
      clearInterval(alive);
      const now = () => process.exit(EXIT.interrupted);
      process.once("SIGINT", now).once("SIGTERM", now);
      const finish = (code: number) => {
        if (pidFile !== undefined) rmSync(pidFile, { force: true });
        resolve(code);
      };
      gateway.stop().then(
        () => finish(exitCode),
        (error: unknown) => {
          process.stderr.write(`${endingOf(error).text}\n`);
          finish(EXIT.usage);
        },
      );
    };
    process.once("SIGTERM", () => end(EXIT.ok));
    process.once("SIGINT", () => end(EXIT.interrupted));
  });
}

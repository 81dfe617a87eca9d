// jabber-rpc serve: a gateway from a settings file.

import type { Command } from "commander";
import { readSettings } from "../../config/index.js";
import { createGatewayFromSettings, loadHandlers, reviewSettings } from "../../gateway-settings.js";

import { EXIT, endingOf } from "../exit.js";
import { createPinoLogger } from "../pino-logger.js";

interface ServeFlags {
  readonly config: string;
  readonly check?: boolean;
}

/** Adds `serve` to the program. */
export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description('run a gateway; prints "ready <jid>" on standard output once it can be called')
    .requiredOption("--config <file>", "settings file (docs/settings.md)")
    .option("--check", "only check the settings, the handlers and the access rules")
    .action(async (flags: ServeFlags) => {
      const read = readSettings(flags.config);
      const handlers = await loadHandlers(read);
      const remarks = reviewSettings(read);
      if (flags.check === true) {
        process.stdout.write([...remarks, `${flags.config}: ok`, ""].join("\n"));
        return;
      }
      const { level, format } = read.settings.log;
      const isText = format === "text" || (format === "auto" && process.stderr.isTTY);
      const log = createPinoLogger({
        level,
        format: isText ? "text" : "json",
        write: (line) => process.stderr.write(line),
      });
      for (const remark of remarks) log.warn("settings.remark", { remark });
      const gateway = createGatewayFromSettings(read, handlers, log);
      const jid = await gateway.start();
      process.stdout.write(`ready ${jid.full}\n`);
      process.exitCode = await untilStopped(async () => gateway.stop());
    });
}

/** Waits for a signal, stops, and gives the exit code; a second signal ends the process at once. */
function untilStopped(stop: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    const end = (exitCode: number) => {
      const now = () => process.exit(EXIT.interrupted);
      process.once("SIGINT", now).once("SIGTERM", now);
      stop().then(
        () => resolve(exitCode),
        (error: unknown) => {
          process.stderr.write(`${endingOf(error).text}\n`);
          resolve(EXIT.usage);
        },
      );
    };
    process.once("SIGTERM", () => end(EXIT.ok));
    process.once("SIGINT", () => end(EXIT.interrupted));
  });
}

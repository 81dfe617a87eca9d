// jabber-rpc serve: a gateway from a settings file.

import { type Command, InvalidArgumentError } from "commander";
import type { ServeFlags } from "../serve.js";

/** Adds `serve` to the program. */
export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description('run a gateway; prints "ready <jid>" on standard output once it can be called')
    .requiredOption("--config <file>", "settings file (docs/settings.md)")
    .option("--check", "only check the settings, the handlers and the access rules")
    .option(
      "--port <port>",
      "stand-alone: listen on this port instead of that of the settings; 0 takes a free one",
      parsePort,
    )
    .option("--next-port", "stand-alone: when the port is in use, take the next free one")
    .option("--pid-file <file>", "write the process id there while running, for jabber-rpc reload")
    .action(async (flags: ServeFlags) => {
      // Settings and handlers are loaded only here: calling commands start faster without them.
      const { serve } = await import("../serve.js");
      process.exitCode = await serve(flags);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("a port from 0 to 65535 expected");
}

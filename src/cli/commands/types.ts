// jabber-rpc types: a typed client written from what a responder says about its methods.

import { type Command, Option } from "commander";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { UsageError } from "../exit.js";
import { printable } from "../printable.js";
import { resolveTarget } from "../target.js";

interface TypesFlags extends ConnectionFlags {
  readonly language: "typescript" | "python";
  readonly prefix?: string;
}

/** Adds `types` to the program. */
export function addTypesCommand(program: Command): void {
  withConnectionFlags(program.command("types <jid>"))
    .description("write a typed client of a responder on standard output")
    .addOption(
      new Option("--language <language>", "language of the client")
        .choices(["typescript", "python"])
        .makeOptionMandatory(),
    )
    .option("--prefix <prefix>", "only the methods under this prefix, which is left off their names")
    .action(async (jid: string, flags: TypesFlags) => {
      const [{ readMethods }, { writeTypeScriptClient }, { writePythonClient }] = await Promise.all([
        import("../typed-clients/read-methods.js"),
        import("../typed-clients/typescript.js"),
        import("../typed-clients/python.js"),
      ]);
      await withRequester(flags, async (requester) => {
        const target = await resolveTarget(requester, jid);
        const { methods, leftOut } = await readMethods(requester, target, flags.prefix);
        for (const name of leftOut)
          process.stderr.write(`left out: ${printable(JSON.stringify(name.slice(0, 200)))}\n`);
        if (methods.length === 0) throw new UsageError(`${target} shows you no methods${under(flags.prefix)}`);
        const write = flags.language === "python" ? writePythonClient : writeTypeScriptClient;
        process.stdout.write(write({ jid: target, prefix: flags.prefix, methods }));
      });
    });
}

function under(prefix: string | undefined): string {
  return prefix === undefined ? "" : ` under ${prefix}.`;
}

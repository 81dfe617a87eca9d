// jabber-rpc init: a new service with one handler, its test and its settings.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { SOFTWARE } from "../../software.js";
import { UsageError } from "../exit.js";

/** Adds `init` to the program. */
export function addInitCommand(program: Command): void {
  program
    .command("init <folder>")
    .description("make a new service: one handler, its test, its settings")
    .action((folder: string) => {
      writeStarter(resolve(folder), packageFolder());
      process.stdout.write(`made ${folder}; next: cd ${folder} && npm i && npm test && npm run dev\n`);
    });
}

/** dist/src/cli/commands/init.js stands four folders below the package's own. */
function packageFolder(): string {
  return fileURLToPath(new URL("../../../..", import.meta.url));
}

function writeStarter(folder: string, own: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new UsageError(`${folder} exists and is not empty`);
  const name = basename(folder).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    throw new UsageError(`${JSON.stringify(name)} cannot be a package name: letters, digits, - _ and . expected`);
  }
  mkdirSync(folder, { recursive: true });
  cpSync(join(own, "templates/service"), folder, { recursive: true });
  // npm leaves files of this name out of packages, so the template has it under another.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  const values = new Map([["name", name], ...versions(own, folder)]);
  for (const file of ["package.json", "README.md"]) {
    const path = join(folder, file);
    writeFileSync(path, fill(readFileSync(path, "utf8"), values));
  }
}

/** The versions that this package is tested with; itself from the checkout it runs from, unless it was installed. */
function versions(own: string, folder: string): [string, string][] {
  // The package's own description has this form.
  const { devDependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const isInstalled = own.split(sep).includes("node_modules");
  return [
    ...Object.entries(devDependencies),
    [SOFTWARE.name, isInstalled ? `^${SOFTWARE.version}` : `file:${relative(folder, own).replaceAll(sep, "/")}`],
  ];
}

function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{([^}]+)\}\}/g, (_whole, key: string) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`the template asks for ${key}, which is not known`);
    return value;
  });
}

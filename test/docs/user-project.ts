// A user's project in a folder of its own: their files, the package under its own name, and the compiler.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "./pages.js";

export interface UserProject {
  readonly folder: string;
  write(path: string, text: string): void;
  /** Runs the compiler; its output is empty when all is well. */
  compile(options?: { readonly standard?: boolean }): string;
  /** Runs a program of Node's. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Finished;
  remove(): void;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a project. The packages of the checkout are linked into it; jabber-rpc itself is `installed`, or the checkout. */
export function createUserProject(installed: string = ROOT): UserProject {
  const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-docs-"));
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  if (installed === ROOT) symlinkSync(ROOT, join(modules, "jabber-rpc"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("package.json", '{"name":"my-service","private":true,"type":"module"}');
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Finished => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    return { exitCode: status, stdout, stderr };
  };
  return {
    folder,
    write,
    run,
    compile: ({ standard = false } = {}) => {
      write(
        "tsconfig.json",
        JSON.stringify({ compilerOptions: compilerOptions(standard), include: ["**/src", "**/test"] }),
      );
      const { stdout, stderr } = run([join(ROOT, "node_modules/typescript/bin/tsc"), "-p", ".", "--pretty", "false"]);
      return stdout + stderr;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function compilerOptions(standard: boolean): object {
  return {
    target: "es2022",
    module: "nodenext",
    strict: true,
    ...(standard ? {} : { experimentalDecorators: true, emitDecoratorMetadata: true }),
    types: ["node"],
    allowJs: true,
    checkJs: true,
    rootDir: ".",
    outDir: "dist",
    skipLibCheck: true,
  };
}

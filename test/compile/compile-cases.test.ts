// Handlers whose types disagree with their descriptors do not compile: the compiler itself reads the files of cases/.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const casesFolder = join(root, "test/compile/cases");
const cases = readdirSync(casesFolder).filter((name) => name.endsWith(".ts"));

interface Diagnostic {
  readonly line: number;
  readonly text: string;
}

interface Compiled {
  readonly diagnostics: ReadonlyMap<string, readonly Diagnostic[]>;
  readonly output: string;
  readonly folder: string;
}

/** Compiles files of cases/ as a user's project would: against the declarations of the built package. */
function compile(files: readonly string[], decorators: "legacy" | "standard"): Compiled {
  const folder = mkdtempSync(join(tmpdir(), `jabber-rpc-compile-${decorators}-`));
  const isLegacy = decorators === "legacy";
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        moduleDetection: "force",
        strict: true,
        // Off, as in most users' projects.
        exactOptionalPropertyTypes: false,
        experimentalDecorators: isLegacy,
        emitDecoratorMetadata: isLegacy,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
        skipLibCheck: true,
        rootDir: casesFolder,
        outDir: join(folder, "out"),
        paths: { "jabber-rpc-under-test": [join(root, "dist/src/rpc/index.d.ts")] },
      },
      files: files.map((name) => join(casesFolder, name)),
    }),
  );
  const run = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"],
    {
      encoding: "utf8",
      cwd: folder,
    },
  );
  return { diagnostics: parseDiagnostics(run.stdout), output: run.stdout + run.stderr, folder };
}

function parseDiagnostics(output: string): ReadonlyMap<string, readonly Diagnostic[]> {
  const byFile = new Map<string, Diagnostic[]>();
  let last: { line: number; text: string } | undefined;
  for (const line of output.split("\n")) {
    const head = /([^/\\]+\.ts)\((\d+),\d+\): error (.*)$/.exec(line);
    if (head === null) {
      if (last !== undefined && line.startsWith(" ")) last.text += `\n${line}`;
      continue;
    }
    const [, file = "", at, text = ""] = head;
    last = { line: Number(at), text };
    byFile.set(file, [...(byFile.get(file) ?? []), last]);
  }
  return byFile;
}

/** The markers of a file: which line must fail (the one after the marker), with which code and text. */
function expectations(
  file: string,
): readonly { readonly line: number; readonly code: string; readonly text: string }[] {
  return readFileSync(join(casesFolder, file), "utf8")
    .split("\n")
    .flatMap((line, index) => {
      const marker = /\/\/ expect-error: (TS\d+) ?(.*)$/.exec(line);
      return marker === null ? [] : [{ line: index + 2, code: marker[1] ?? "", text: marker[2] ?? "" }];
    });
}

const isStandard = (file: string): boolean =>
  readFileSync(join(casesFolder, file), "utf8").startsWith("// decorators: standard");

describe("the compiler", () => {
  const compiled = new Map<"legacy" | "standard", Compiled>();
  beforeAll(() => {
    compiled.set(
      "legacy",
      compile(
        cases.filter((file) => !isStandard(file)),
        "legacy",
      ),
    );
    compiled.set("standard", compile(cases.filter(isStandard), "standard"));
  });
  afterAll(() => {
    for (const { folder } of compiled.values()) rmSync(folder, { recursive: true });
  });
  const resultOf = (file: string): Compiled => {
    const result = compiled.get(isStandard(file) ? "standard" : "legacy");
    if (result === undefined) throw new Error("not compiled");
    // An error outside the cases would make every one of them pass or fail for the wrong reason.
    expect(
      [...result.diagnostics.keys()].filter((name) => !cases.includes(name)),
      result.output,
    ).toEqual([]);
    expect(result.output.split("\n").filter((line) => line.startsWith("error"))).toEqual([]);
    return result;
  };

  it.each(cases.filter((file) => file.startsWith("accepted")))("accepts %s", (file) => {
    const { diagnostics, output } = resultOf(file);
    expect(diagnostics.get(file) ?? [], output).toEqual([]);
  });

  it.each(cases.filter((file) => file.startsWith("refused")))(
    "refuses each case of %s for its reason, and nothing else",
    (file) => {
      const found = resultOf(file).diagnostics.get(file) ?? [];
      const expected = expectations(file);
      expect(expected.length).toBeGreaterThan(0);
      expect(found.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
      for (const [index, { code, text }] of expected.entries()) {
        expect(found[index]?.text).toContain(`${code}:`);
        expect(found[index]?.text).toContain(text);
      }
    },
  );

  it("compiles standard decorators to code that runs", async () => {
    const { folder } = resultOf("accepted-standard.ts");
    const file = join(folder, "out/accepted-standard.js");
    const built = pathToFileURL(join(root, "dist/src/rpc/index.js")).href;
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("jabber-rpc-under-test", built));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    // A module of our own making: its export is checked by what follows.
    const { Standard } = (await import(pathToFileURL(file).href)) as { Standard: new () => object };
    const { createServices } = await import("../../src/rpc/index.js");
    const { methods } = await createServices({ services: [Standard] });
    expect(methods.map(({ name }) => name)).toEqual(["standard.greet", "standard.add", "standard.nothing"]);
    const { testDispatcher } = await import("../rpc/support.js");
    const { call } = testDispatcher(methods);
    expect(call("standard.greet", ["you"])).toMatchObject({ value: "hello you standard.greet" });
    expect(await call("standard.add", [1, 2.5])).toMatchObject({ value: 3.5 });
  });
});

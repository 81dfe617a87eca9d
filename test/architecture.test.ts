// Who may import whom: ARCHITECTURE.md's table, held against every import line of src/.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** A unit is a folder of src/, or a file that stands directly in it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "jid.ts": [],
  "software.ts": [],
  observe: [],
  memory: [],
  xml: [],
  values: [],
  "xmlrpc-codec": ["xml", "values"],
  xmpp: ["xml", "jid.ts", "observe"],
  rpc: ["values", "jid.ts", "observe"],
  ports: ["rpc", "values", "jid.ts"],
  "json-schema": ["rpc", "values"],
  handlers: ["rpc", "ports", "values", "jid.ts", "observe"],
  http: ["rpc", "ports", "xmlrpc-codec", "values", "xml", "jid.ts", "observe"],
  feeds: ["rpc", "ports", "values", "xml", "observe", "memory"],
  upstream: ["json-schema", "rpc", "xmlrpc-codec", "values", "xml", "jid.ts", "observe"],
  xeps: ["xmpp", "rpc", "ports", "xmlrpc-codec", "values", "xml", "jid.ts", "observe", "memory"],
  mailbox: ["json-schema", "xeps", "xmpp", "rpc", "ports", "xml", "values", "jid.ts", "observe", "memory"],
};
/** A few lines that stand below everything. */
const GROUND = ["bag.ts", "brand.ts", "limit-table.ts", "message-of.ts", "settings-error.ts"];
/** Tier 4 may import anything below it. */
const TOP = [
  "config",
  "cli",
  "parts",
  "index.ts",
  "gateway.ts",
  "gateway-options.ts",
  "gateway-parts.ts",
  "gateway-settings.ts",
  "http-settings.ts",
  "link-settings.ts",
  "upstream-settings.ts",
  "sql-lookup.ts",
  "limits.ts",
  "requester.ts",
  "proxy.ts",
  "testing.ts",
  "xmlrpc-compat.ts",
];
/** The library that is adapted there names its internals with underscores. */
const MAY_SUPPRESS = ["xmpp/client/library-client.ts"];
/** Packages that one place alone may know. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  "@xmpp/client": ["xmpp"],
  "@mongodb-js/saslprep": ["xmpp"],
  ws: ["xmpp"],
  inversify: ["rpc", "gateway.ts", "gateway-settings.ts", "testing.ts"],
  yaml: ["config", "upstream"],
  undici: ["upstream", "feeds"],
  "fast-xml-parser": ["feeds"],
  "@scalar/openapi-parser": ["upstream"],
  zod: ["config"],
  fastify: ["http"],
  pino: ["cli"],
  commander: ["cli"],
  libsql: ["mailbox"],
  pg: ["mailbox"],
  kysely: ["mailbox"],
};

interface ImportLine {
  readonly file: string;
  readonly target: string;
}

const root = join(import.meta.dirname, "../../src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .sort();
const imports = files.flatMap(importsOf);

function importsOf(file: string): ImportLine[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm),
  ].map(([, from, dynamic, bare]) => ({ file, target: from ?? dynamic ?? bare ?? "" }));
}

/** `xml/element.ts` belongs to `xml`, `jid.ts` to itself. */
function unitOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function resolved({ file, target }: ImportLine): string {
  return relative(root, join(root, dirname(file), target)).replace(/\.js$/, ".ts");
}

describe("the house", () => {
  it("has files to look at", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  it("imports only downwards", () => {
    const wrong = imports.filter((line) => {
      if (!line.target.startsWith(".")) return false;
      const [from, to] = [unitOf(line.file), unitOf(resolved(line))];
      if (from === to || GROUND.includes(to)) return false;
      if (TOP.includes(from)) return false;
      return !(MAY_IMPORT[from] ?? []).includes(to);
    });
    expect(wrong.map((line) => `${line.file} imports ${line.target}`)).toEqual([]);
  });

  it("knows every unit", () => {
    const units = new Set(files.map(unitOf));
    expect([...units].filter((unit) => !(unit in MAY_IMPORT) && !TOP.includes(unit) && !GROUND.includes(unit))).toEqual(
      [],
    );
  });

  it("enters another folder only by its index", () => {
    const wrong = imports.filter((line) => {
      if (!line.target.startsWith(".")) return false;
      const to = resolved(line);
      return unitOf(line.file) !== unitOf(to) && to.includes("/") && !/^[^/]+\/index\.ts$/.test(to);
    });
    expect(wrong.map((line) => `${line.file} imports ${line.target}`)).toEqual([]);
  });

  it("has no import cycle between files", () => {
    const edges = new Map<string, string[]>();
    for (const line of imports) {
      if (!line.target.startsWith(".")) continue;
      edges.set(line.file, [...(edges.get(line.file) ?? []), resolved(line)]);
    }
    expect(findCycle(edges)).toBeUndefined();
  });

  it("lets one place know each outside package", () => {
    const wrong = imports.filter(({ file, target }) => {
      const home = Object.entries(PACKAGE_HOMES).find(([name]) => target === name || target.startsWith(`${name}/`));
      const isXmpp = target.startsWith("@xmpp/");
      return (isXmpp && unitOf(file) !== "xmpp") || (home !== undefined && !home[1].includes(unitOf(file)));
    });
    expect(wrong.map((line) => `${line.file} imports ${line.target}`)).toEqual([]);
  });

  it("keeps files short and free of any, non-null assertions and suppressions", () => {
    const long = files.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 500);
    expect(long).toEqual([]);
    const suppressed = files.filter(
      (file) =>
        !MAY_SUPPRESS.includes(file) &&
        /@ts-(ignore|expect-error|nocheck)|(biome|oxlint|eslint)-(ignore|disable)/.test(
          readFileSync(join(root, file), "utf8"),
        ),
    );
    expect(suppressed).toEqual([]);
  });
});

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" -> ");
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

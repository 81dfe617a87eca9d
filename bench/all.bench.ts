// npm run bench: every benchmark in a process of its own, one after the other, and what they found as docs/performance.md's
// tables. With names of benchmarks only those are run, and the page stays as it is: npm run bench -- xml standalone

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { asMarkdown, machine, type Table } from "./report.js";

const BENCHMARKS = ["xml", "codec", "standalone", "http", "upstream", "client", "mailbox", "pubsub", "rooms"];
const PAGE = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

const named = process.argv.slice(2);
const unknown = named.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(", ")}; there are ${BENCHMARKS.join(", ")}`);
const head = `${machine()}, ${new Date().toISOString().slice(0, 10)}`;
process.stdout.write(`${head}\n`);
const tables: Table[] = [];
for (const name of named.length === 0 ? BENCHMARKS : named) tables.push(...(await runBenchmark(name)));
if (named.length === 0) writePage();

async function runBenchmark(name: string): Promise<Table[]> {
  const child = fork(fileURLToPath(new URL(`./${name}.bench.js`, import.meta.url)));
  const found: Table[] = [];
  // Our own child hands over what it published.
  child.on("message", (published) => found.push(...(published as Table[])));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the benchmark ${name} failed`);
  return found;
}

function writePage(): void {
  const text = [`${head}.`, ...tables.map(asMarkdown)].join("\n\n");
  const page = readFileSync(PAGE, "utf8").replace(
    /(<!-- generated: begin -->\n)[\s\S]*(<!-- generated: end -->)/,
    (_, begin, end) => `${begin}\n${text}\n\n${end}`,
  );
  writeFileSync(PAGE, page);
}

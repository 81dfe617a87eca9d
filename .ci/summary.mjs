// Adds up what .ci/run left in its folder of reports, lists what went wrong, and prints the counts as the last line.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const failures = [];
let passed = 0;

/** Each leg is one file `NAME.status`; one with tests has its lines beside it in `NAME.tests`. */
for (const statusFile of readdirSync(folder)
  .filter((name) => name.endsWith(".status"))
  .sort()) {
  const leg = statusFile.slice(0, -".status".length);
  const [kind, status] = readFileSync(join(folder, statusFile), "utf8").trim().split(" ");
  if (kind === "tests") addTests(leg, status);
  else if (status === "0") passed += 1;
  else failures.push(`${leg}: ended with ${status}`);
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

function addTests(leg, status) {
  const before = failures.length;
  const report = join(folder, `${leg}.tests`);
  const lines = existsSync(report) ? readFileSync(report, "utf8").split("\n").filter(Boolean) : [];
  for (const { name, problem } of lines.map((line) => JSON.parse(line))) {
    if (problem === undefined) passed += 1;
    else failures.push(`${leg}: ${name}: ${problem}`);
  }
  if (lines.length === 0) failures.push(`${leg}: no test ran (ended with ${status})`);
  else if (status !== "0" && failures.length === before)
    failures.push(`${leg}: ended with ${status} although every test passed`);
}

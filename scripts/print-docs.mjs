// Writes what is made from the settings schema: settings.schema.json, and the tables of docs/settings.md. With --check
// it only says whether they are up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settingsJsonSchema, settingsTables } from "../dist/src/config/settings-docs.js";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const page = readFileSync(at("docs/settings.md"), "utf8");
const made = {
  "settings.schema.json": `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`,
  "docs/settings.md": page.replace(
    /(<!-- generated: begin -->\n)[\s\S]*(<!-- generated: end -->)/,
    (_, begin, end) => `${begin}\n${settingsTables()}\n\n${end}`,
  ),
};
for (const [path, text] of Object.entries(made)) {
  let before;
  try {
    before = readFileSync(at(path), "utf8");
  } catch {
    // Not made yet.
  }
  if (before === text) continue;
  if (process.argv.includes("--check")) {
    process.stderr.write(`${path} is not what the schema says; run npm run docs\n`);
    process.exitCode = 1;
  } else writeFileSync(at(path), text);
}

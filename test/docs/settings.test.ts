// docs/settings.md and settings.schema.json are what the generator makes, and hold every key.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingsJsonSchema, settingsRows, settingsTables } from "../../src/config/settings-docs.js";
import { LIMIT_TABLE } from "../../src/limits.js";
import { pageOf, ROOT, readPages } from "./pages.js";

const page = pageOf(readPages(), "docs/settings.md");

describe("what npm run docs makes", () => {
  it("stands in docs/settings.md", () => {
    expect(page.text).toContain(`<!-- generated: begin -->\n\n${settingsTables()}\n\n<!-- generated: end -->`);
  });

  it("is settings.schema.json", () => {
    expect(JSON.parse(readFileSync(join(ROOT, "settings.schema.json"), "utf8"))).toEqual(settingsJsonSchema());
  });
});

describe("the tables", () => {
  const rows = settingsRows();

  it("say of every key what it does", () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ doc }) => doc === "").map(({ key }) => key)).toEqual([]);
  });

  it("have every limit with its default", () => {
    const limits = rows.filter(({ key }) => key.startsWith("limits."));
    expect(limits.map(({ key, byDefault }) => [key, byDefault])).toEqual(
      Object.entries(LIMIT_TABLE).map(([key, row]) => [`limits.${key}`, String(row.default)]),
    );
  });
});

describe("settings that other pages name", () => {
  it("exist", () => {
    const keys = settingsRows().map(({ key }) => key);
    const tops = new Set(keys.map((key) => key.split(/[.[]/)[0] ?? key));
    const named = readPages().flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:link|values|limits|log)\.[\w.]+)(?:`|: )/g)].map(([, key = ""]) => ({ path, key })),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ key }) => !keys.includes(key) && !key.endsWith(".ts"))).toEqual([]);
    expect([...tops]).toEqual(expect.arrayContaining(["link", "handlers", "access", "values", "limits", "log"]));
  });

  it("are limits where they look like limits", () => {
    const names = Object.keys(LIMIT_TABLE);
    const pages = readPages().filter(({ path }) => path.startsWith("docs/"));
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/`(max[A-Z]\w+|multicallSlots|methodDeadlineMs)`/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(2);
    // Some parts of the settings have limits of their own, such as an upstream's maxConcurrent.
    const keys = settingsRows().map(({ key }) => key.split(".").at(-1));
    expect(named.filter((name) => !names.includes(name) && !keys.includes(name))).toEqual([]);
  });
});

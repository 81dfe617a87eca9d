// Links between pages lead somewhere, the house's table is the architecture test's, and nothing names one machine.
import { existsSync, readFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { type Page, pageOf, ROOT, readPages, tableUnder } from "./pages.js";

const pages = readPages();

describe("links", () => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })));

  it("are there", () => {
    expect(links.length).toBeGreaterThan(20);
  });

  it("lead to a file and to a heading in it", () => {
    const broken = links.filter(({ page, target }) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page.path : normalize(join(dirname(page.path), path));
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(pageOf(pages, file)).has(anchor);
    });
    expect(broken.map(({ page, target }) => `${page.path}: ${target}`)).toEqual([]);
  });

  it("lead from the README to every page", () => {
    const reached = links.filter(({ page }) => page.path === "README.md").map(({ target }) => target.split("#")[0]);
    expect(pages.map(({ path }) => path).filter((path) => path !== "README.md" && !reached.includes(path))).toEqual([]);
  });
});

describe("pages", () => {
  it("name no folder of one machine, nor who works there", () => {
    const own = [ROOT, homedir(), hostname(), userInfo().username].filter((name) => name.length > 4);
    const texts = pages.map(({ path, text }) => ({ path, text }));
    expect(texts.filter(({ text }) => own.some((name) => text.includes(name))).map(({ path }) => path)).toEqual([]);
    expect(
      texts
        .filter(({ text }) => /(?<![\w.$}-])\/(?:home|Users|root|tmp|mnt|work)\//.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it("README stays short", () => {
    expect(pageOf(pages, "README.md").text.split("\n").length).toBeLessThanOrEqual(180);
  });
});

describe("ARCHITECTURE.md", () => {
  it("has the architecture test's table", () => {
    const source = readFileSync(join(ROOT, "test/architecture.test.ts"), "utf8");
    const [, body = ""] = /const MAY_IMPORT[^{]*\{([\s\S]*?)\n\};/.exec(source) ?? [];
    const law = [...body.matchAll(/^\s+"?([\w.-]+)"?: \[([^\]]*)\]/gm)].map(([, unit = "", targets = ""]) => [
      unit,
      names(targets, /"([^"]+)"/g),
    ]);
    const ground = /const GROUND = \[([^\]]*)\]/.exec(source)?.[1] ?? "";
    const [, top = ""] = /const TOP = \[([^\]]*)\]/.exec(source) ?? [];
    const rows = tableUnder(pageOf(pages, "ARCHITECTURE.md"), "The house");
    const documented = rows.flatMap(([, units = "", targets = ""]) =>
      names(units, /`([^`]+)`/g).map((unit) => [
        unit,
        targets === "anything below" ? ["*"] : names(targets, /`([^`]+)`/g),
      ]),
    );
    expect(law.length).toBeGreaterThan(8);
    const below = /Everything may import (.+), a few lines/.exec(pageOf(pages, "ARCHITECTURE.md").text)?.[1] ?? "";
    expect(names(below, /`([^`]+)`/g)).toEqual(names(ground, /"([^"]+)"/g));
    expect(Object.fromEntries(documented)).toEqual({
      ...Object.fromEntries(law),
      ...Object.fromEntries(names(top, /"([^"]+)"/g).map((unit) => [unit, ["*"]])),
    });
  });
});

function linksOf({ text }: Page): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target));
}

/** Anchors as the usual sites make them of headings. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const prose = text.replace(/```[\s\S]*?```/g, "");
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name).sort();
}

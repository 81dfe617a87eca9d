// The documentation as data: its pages, their fenced blocks, headings and links.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * One fenced block. What stands behind the language says what a test does with it:
 *
 * | info | meaning |
 * |---|---|
 * | `ts`, `js` | compiles as a module of a user's project, under the package's own name |
 * | `ts file=src/a.ts` | the same, under that path, so that other blocks of the page may import it |
 * | `ts standard` | compiles with standard decorators |
 * | `ts refused` | must not compile |
 * | `js unchecked` | only its syntax is checked: what it imports has no types |
 * | `json`, `xml` | must be well-formed |
 * | `xml request`, `xml answer` | the request is sent to a gateway with the service `examples`, and must get the answer |
 * | `yaml settings` | a whole settings file |
 * | `yaml part` | keys of one, laid over {@link BASE_SETTINGS} |
 * | `console` | the commands behind `$ ` are run, and must print the lines below; `…` stands for any lines or text |
 * | `console prosody` | the same, run by the interop tests, with the gateway of `console prosody-serve` |
 * | `console http` | the same, with the gateway of `console http-serve`, and no other server |
 * | `console manual` | not run: it changes the machine or needs what no test has |
 * | `sql` | must run on SQLite and on PostgreSQL; `sql sqlite`, `sql postgresql` on that one |
 * | `python`, `text` | not run |
 */
export interface Block {
  readonly page: string;
  /** 1-based, of the opening fence. */
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly file: string | undefined;
  readonly text: string;
}

/** One page. */
export interface Page {
  /** Relative to the checkout: `docs/values.md`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Every page. */
export function readPages(): readonly Page[] {
  const paths = [
    ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
    ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
  ].filter((path) => path.endsWith(".md"));
  return paths.sort().map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, text, blocks: blocksOf(path, text) };
  });
}

/** The blocks of all pages in one language, with all of these words. */
export function blocksIn(pages: readonly Page[], language: string, ...words: readonly string[]): readonly Block[] {
  return pages.flatMap((page) =>
    page.blocks.filter((block) => block.language === language && words.every((word) => block.words.includes(word))),
  );
}

/** `docs/values.md:12`, to find a block by. */
export function placeOf({ page, line }: Block): string {
  return `${page}:${line}`;
}

function blocksOf(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const fence = /^```(.*)$/.exec(line);
      if (fence !== null) open = { line: index + 1, info: fence[1] ?? "", lines: [] };
    } else if (line === "```") {
      const [language = "", ...words] = open.info.split(" ");
      const file = words.find((word) => word.startsWith("file="))?.slice("file=".length);
      blocks.push({ page, line: open.line, language, words, file, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block is not closed`);
  return blocks;
}

/** The rows of the first table below a heading, each as its cells. */
export function tableUnder(page: Page, heading: string): readonly (readonly string[])[] {
  const lines = page.text.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`${page.path} has no heading "${heading}"`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith("|"));
  const rows: string[][] = [];
  for (let index = first; lines[index]?.startsWith("|") === true; index += 1) {
    const cells = (lines[index] ?? "").split(/(?<!\\)\|/).slice(1, -1);
    rows.push(cells.map((cell) => cell.trim().replaceAll("\\|", "|")));
  }
  // Without the head and the line of dashes under it.
  return rows.slice(2);
}

/** One page by its path. */
export function pageOf(pages: readonly Page[], path: string): Page {
  const page = pages.find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no ${path}`);
  return page;
}

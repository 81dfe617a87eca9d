// Every block of code in the documentation compiles as a user's project would compile it, and what it shows is so.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../../src/config/index.js";
import { Examples } from "../../src/handlers/index.js";
import { createGateway, createMemoryNetwork } from "../../src/index.js";
import { parseDocument } from "../../src/xml/index.js";
import { difference } from "../support/match-xml.js";
import { startRawPeer } from "../support/raw-peer.js";
import { type Block, blocksIn, placeOf, readPages } from "./pages.js";
import { createUserProject, type UserProject } from "./user-project.js";

const pages = readPages();
const code = [...blocksIn(pages, "ts"), ...blocksIn(pages, "js")];
const KNOWN = ["ts", "js", "json", "xml", "yaml", "console", "python", "sql", "text"];

/** A page is a folder of the project; a block without a file is one of its own there. */
function pathOf(block: Block): string {
  const folder = block.page.replace(/\W/g, "-");
  return `${folder}/${block.file ?? `src/line-${block.line}.${block.language}`}`;
}

function projectOf(blocks: readonly Block[]): UserProject {
  const project = createUserProject();
  for (const block of blocks) {
    project.write(pathOf(block), block.words.includes("unchecked") ? `// @ts-nocheck\n${block.text}` : block.text);
  }
  return project;
}

describe("code in the documentation", () => {
  const plain = code.filter((block) => !block.words.includes("standard") && !block.words.includes("refused"));
  let project: UserProject;
  let output: string;
  beforeAll(() => {
    project = projectOf(plain);
    output = project.compile();
  });
  afterAll(() => project.remove());

  it("is there, in languages that a test knows", () => {
    expect(plain.length).toBeGreaterThan(10);
    const others = pages.flatMap((page) => page.blocks).filter((block) => !KNOWN.includes(block.language));
    expect(others.map(placeOf)).toEqual([]);
  });

  it("compiles", () => {
    expect(output).toBe("");
  });

  it("runs where it comes with a test", () => {
    const { exitCode, stdout, stderr } = project.run([
      join(project.folder, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=json",
      "--dir=dist",
    ]);
    expect(exitCode, stdout + stderr).toBe(0);
    const tests = plain.filter(({ file }) => file?.startsWith("test/") === true);
    // The reporter's format is the library's; only its counts are looked at.
    const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
      numPassedTestSuites: number;
      numPassedTests: number;
    };
    expect(report.numPassedTests).toBeGreaterThanOrEqual(tests.length);
    expect(tests.map(({ page }) => page)).toEqual(expect.arrayContaining(["README.md", "docs/handlers.md"]));
  });

  it("compiles with standard decorators where it says so", () => {
    const standard = projectOf(code.filter((block) => block.words.includes("standard")));
    expect(standard.compile({ standard: true })).toBe("");
    standard.remove();
  });

  it.each(code.filter((block) => block.words.includes("refused")).map((block) => [placeOf(block), block] as const))(
    "is refused by the compiler where it says so: %s",
    (_place, block) => {
      const refused = projectOf([block]);
      expect(refused.compile()).toContain("error TS");
      refused.remove();
    },
  );
});

describe("data in the documentation", () => {
  const at = (blocks: readonly Block[]) => blocks.map((block) => [placeOf(block), block] as const);

  it.each(at(blocksIn(pages, "json")))("is JSON: %s", (_place, { text }) => {
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each(at(blocksIn(pages, "xml")))("is XML: %s", (_place, { text }) => {
    expect(() => parseDocument(Buffer.from(text.trim()))).not.toThrow();
  });

  it.each(at(blocksIn(pages, "yaml")))("are settings: %s", (place, { text, words }) => {
    expect(words.some((word) => word === "settings" || word === "part")).toBe(true);
    const base = words.includes("part") && !/^link:/m.test(text) ? "link: {mode: memory}\n" : "";
    expect(checkSettings(parseSettingsText(place, base + text)).settings.link.mode).toMatch(
      /standalone|client|component|memory/,
    );
  });

  const requests = blocksIn(pages, "xml", "request");
  it.each(at(requests))("is answered as shown: %s", async (_place, request) => {
    const page = pages.find(({ path }) => path === request.page);
    const answer = page?.blocks.find((block) => block.line > request.line && block.words.includes("answer"));
    const network = createMemoryNetwork();
    const gateway = createGateway({
      link: network.link("rpc.example.org"),
      services: [Examples],
      access: [{ allow: "*@example.org", methods: "examples.*" }],
    });
    await gateway.start();
    const peer = await startRawPeer(network.link("alice@example.org/desk"));
    peer.send(request.text.trim());
    expect(difference(await peer.next(), packed(answer?.text ?? ""))).toBeUndefined();
    await peer.stop();
    await gateway.stop();
  });
});

/** Pages break lines between elements; on the wire nothing stands there. */
function packed(xml: string): string {
  return xml.trim().replace(/>\s*\n\s*</g, "><");
}

describe("documented settings", () => {
  it("are refused where a key is wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-docs-"));
    writeFileSync(join(folder, "g.yaml"), "link: {mode: memory}\nnosuch: 1\n");
    expect(() => checkSettings(parseSettingsText("g.yaml", "link: {mode: memory}\nnosuch: 1\n"))).toThrow(
      "g.yaml:2 nosuch",
    );
    rmSync(folder, { recursive: true });
  });
});

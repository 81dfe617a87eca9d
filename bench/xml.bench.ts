// How fast elements are read and written, beside ltx (the parser of @xmpp/client) and saxes, on the same strings.
// Run after a build: node dist/bench/xml.bench.js. Compare ratios of one run, never absolutes.

import { createRequire } from "node:module";
import { SaxesParser } from "saxes";
import { parseDocument, StreamParser, writeElement } from "../src/xml/index.js";
import { compare, publish, type Table } from "./report.js";

interface LtxElement {
  toString(): string;
}
interface LtxParser {
  write(text: string): void;
  on(event: string, listener: (element: LtxElement) => void): void;
}

const NS = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
const HEADER = `<stream:stream to='localhost' version='1.0' ${NS}>`;

const CALL =
  "<iq type='set' id='4c1f7a52' to='rpc.localhost' from='alice@localhost/desk'><query xmlns='jabber:iq:rpc'><methodCall>" +
  "<methodName>examples.getStateName</methodName><params><param><value><i4>6</i4></value></param></params></methodCall></query></iq>";

const MEMBER_VALUES = [
  "<int>%</int>",
  "<string>name of the item %</string>",
  "<double>%.25</double>",
  "<boolean>1</boolean>",
  "<dateTime.iso8601>20261122T10:00:%</dateTime.iso8601>",
  "<string>a &lt;b&gt; &amp; c</string>",
  "<base64>aGVsbG8gd29ybGQ=</base64>",
];

function members(record: number): string {
  const member = (value: string, index: number): string =>
    `<member><name>member${index}</name><value>${value.replace("%", String(record))}</value></member>`;
  return MEMBER_VALUES.map(member).join("");
}

function structStanza(records: number): string {
  const values = Array.from(
    { length: records },
    (_, record) => `<value><struct>${members(record)}</struct></value>`,
  ).join("");
  return `<iq type='result' id='1' from='rpc.localhost'><query xmlns='jabber:iq:rpc'><methodResponse><params><param><value><array><data>${values}</data></array></value></param></params></methodResponse></query></iq>`;
}

const STANZAS: readonly [name: string, stanza: string][] = [
  ["call", CALL],
  ["100 records", structStanza(100)],
  ["100 records beyond ASCII", structStanza(100).replaceAll("item", "名前é")],
  ["200 kB of base64", `<message><body>${"aGVsbG8gd29ybGQ=".repeat(12_500)}</body></message>`],
];

/** The parser that @xmpp/client uses, found as that package finds it. */
async function loadLtx(): Promise<new () => LtxParser> {
  const path = createRequire(createRequire(import.meta.url).resolve("@xmpp/client")).resolve("@xmpp/xml");
  // The package has no types; this is the part of it that the benchmark uses.
  const { Parser } = (await import(path)) as { Parser: new () => LtxParser };
  return Parser;
}

function countSaxes(): SaxesParser<{ xmlns: true; position: false }> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on("opentag", () => {});
  parser.on("closetag", () => {});
  parser.on("text", () => {});
  parser.write(HEADER);
  return parser;
}

/** So many stanzas are one run: one call is read in less time than a clock can tell. */
function timesOf(stanza: string): number {
  return stanza.length < 1_000 ? 50 : 1;
}

function repeat(times: number, run: () => void): () => void {
  return () => {
    for (let count = 0; count < times; count++) run();
  };
}

async function benchReading(name: string, stanza: string, Ltx: new () => LtxParser): Promise<Table> {
  const bytes = Buffer.from(stanza);
  const ours = new StreamParser({ limits: { maxStanzaBytes: 1_000_000 } });
  ours.write(Buffer.from(HEADER));
  ours.next();
  const ltx = new Ltx();
  ltx.on("element", () => undefined);
  ltx.write(HEADER);
  const saxes = countSaxes();
  const times = timesOf(stanza);
  const tasks = {
    "StreamParser, from bytes": repeat(times, () => {
      ours.write(bytes);
      if (ours.next()?.kind !== "stanza") throw new Error("no stanza");
      ours.next();
    }),
    "ltx, from a string": repeat(times, () => ltx.write(stanza)),
    "ltx, from bytes": repeat(times, () => ltx.write(bytes.toString("utf8"))),
    "saxes, from a string, no tree": repeat(times, () => saxes.write(stanza)),
  };
  return compare(`Read one stanza: ${name}, ${bytes.length} bytes`, tasks, times);
}

async function benchWriting(name: string, stanza: string, Ltx: new () => LtxParser): Promise<Table> {
  const element = parseDocument(stanza, { maxStanzaBytes: 1_000_000 });
  let tree: LtxElement | undefined;
  const ltx = new Ltx();
  ltx.on("element", (read) => {
    tree = read;
  });
  ltx.write(HEADER + stanza);
  const times = timesOf(stanza);
  const tasks = {
    writeElement: repeat(times, () => writeElement(element)),
    "ltx, toString": repeat(times, () => tree?.toString()),
  };
  return compare(`Write one stanza: ${name}`, tasks, times);
}

const Ltx = await loadLtx();
const tables: Table[] = [];
for (const [name, stanza] of STANZAS) tables.push(await benchReading(name, stanza, Ltx));
for (const [name, stanza] of STANZAS) tables.push(await benchWriting(name, stanza, Ltx));
publish(tables);

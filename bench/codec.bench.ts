// 100 records of 7 mixed members through the codec, JSON and npm xmlrpc, in one run. Compare ratios, never absolutes.
// Run: npx tsc -b && node dist/bench/codec.bench.js

import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { compileReader, type Shape } from "../src/values/index.js";
import { parseDocument } from "../src/xml/index.js";
import { createCodec } from "../src/xmlrpc-codec/index.js";
import { compare, publish } from "./report.js";

interface Serializer {
  serializeMethodResponse(value: unknown): string;
}

interface Deserializer {
  deserializeMethodResponse(stream: Readable, callback: (error: Error | null, value: unknown) => void): void;
}

const require = createRequire(import.meta.url);
// The package has no types; these are the parts used here.
const serializer = require("xmlrpc/lib/serializer.js") as Serializer;
const DeserializerOf = require("xmlrpc/lib/deserializer.js") as new () => Deserializer;

const RECORDS = Array.from({ length: 100 }, (_, id) => ({
  id,
  name: `Customer & sons ${id}`,
  price: id * 1.25 + 0.1,
  active: id % 2 === 0,
  created: new Date(Date.UTC(2026, 10, 22, 10, 0, id % 60)),
  note: `a line of text that says something about record ${id}`,
  tags: ["red", "green", `tag ${id}`],
}));

const SHAPE: Shape = {
  kind: "array",
  items: {
    kind: "struct",
    members: {
      id: { kind: "int" },
      name: { kind: "string" },
      price: { kind: "double" },
      active: { kind: "boolean" },
      created: { kind: "dateTime" },
      note: { kind: "string" },
      tags: { kind: "array", items: { kind: "string" } },
    },
  },
};

const codec = createCodec();
const read = compileReader(SHAPE);
const xml = codec.encodeMethodResponse(RECORDS, SHAPE);
const json = JSON.stringify(RECORDS);
const root = parseDocument(xml);

function decode(element = root): unknown {
  const response = codec.decodeMethodResponse(element);
  return response.kind === "value" ? read(response.value) : undefined;
}

function decodeByPeer(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    new DeserializerOf().deserializeMethodResponse(Readable.from([xml]), (error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
}

publish([
  await compare(`Encode 100 records to text, ${xml.length} bytes of XML, ${json.length} of JSON`, {
    "JSON.stringify": () => JSON.stringify(RECORDS),
    "codec, compiled from a shape": () => codec.encodeMethodResponse(RECORDS, SHAPE),
    "codec, undeclared": () => codec.encodeMethodResponse(RECORDS),
    "npm xmlrpc": () => serializer.serializeMethodResponse(RECORDS),
  }),
  await compare("Encode them to bytes", {
    "JSON.stringify": () => Buffer.from(JSON.stringify(RECORDS)),
    "codec, compiled from a shape": () => Buffer.from(codec.encodeMethodResponse(RECORDS, SHAPE)),
    "codec, undeclared": () => Buffer.from(codec.encodeMethodResponse(RECORDS)),
  }),
  await compare("Decode them", {
    "JSON.parse": () => JSON.parse(json) as unknown,
    "codec, from elements": () => decode(),
    "codec, from text": () => decode(parseDocument(xml)),
    "npm xmlrpc": decodeByPeer,
  }),
]);

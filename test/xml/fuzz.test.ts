// Differential fuzz against saxes, and of the parser against itself at other chunk sizes and limits.

import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { StreamParserOptions, XmlElement } from "../../src/xml/index.js";
import { mutate, Random, randomStream } from "./random.js";
import { runOracle } from "./saxes-oracle.js";
import { type Run, runStream } from "./stream-runs.js";

const WHOLE = Number.MAX_SAFE_INTEGER;
const FIXED_SEEDS = 400;
const RANDOM_SECONDS = Number(process.env.JABBER_RPC_FUZZ_SECONDS ?? "2");

describe("against saxes", () => {
  it("accepts and refuses the same streams, and builds the same trees (fixed seeds)", () => {
    for (let seed = 1; seed <= FIXED_SEEDS; seed++) expect(disagreement(seed), `seed ${seed}`).toBeUndefined();
  });

  it(`does so for ${RANDOM_SECONDS} s of random seeds (JABBER_RPC_FUZZ_SECONDS)`, {
    timeout: RANDOM_SECONDS * 1_000 + 60_000,
  }, () => {
    const first = Math.floor(Math.random() * 0x7fffffff);
    console.log(`fuzz: first seed ${first}`);
    const end = Date.now() + RANDOM_SECONDS * 1_000;
    for (let seed = first; Date.now() < end; seed++) expect(disagreement(seed), `seed ${seed}`).toBeUndefined();
  });
});

/** Runs one seed; what differs, or undefined. */
function disagreement(seed: number): unknown {
  const random = new Random(seed);
  const valid = randomStream(random);
  if (seed % 8 === 0) {
    const run = runStream(valid, WHOLE);
    if (run.error !== undefined) return { valid, run };
  }
  const text = random.chance(10) ? valid : mutate(random, valid);
  const bytes = Buffer.from(text);
  return compareWithOracle(bytes.toString()) ?? compareChunks(random, bytes) ?? compareBrokenBytes(random, bytes);
}

function compareWithOracle(text: string): unknown {
  const oracle = runOracle(text);
  if (!oracle.isComparable) return undefined;
  const run = runStream(text, WHOLE);
  const stanzas = run.events.flatMap((event) => (event.kind === "stanza" ? [event.element] : []));
  const different = { text, oracle: oracle.refused, ours: run.error, stanzas, theirs: oracle.stanzas };
  const common = Math.min(stanzas.length, oracle.stanzas.length);
  if (!isDeepStrictEqual(plain(stanzas.slice(0, common)), plain(oracle.stanzas.slice(0, common)))) return different;
  if (run.error === undefined && oracle.refused === undefined)
    return stanzas.length === oracle.stanzas.length ? undefined : different;
  if (run.error !== undefined && oracle.refused !== undefined) return undefined;
  // Ours judges a tag as a whole, so half a tag at the end is still open; saxes judges these only at their ends, and what follows `<!`
  // only when it has seven characters of it.
  if (oracle.refused !== undefined && run.pending) return undefined;
  const rest = text.slice(charAt(text, run.error?.byteOffset ?? 0));
  const isUnended = /^<(?:!--(?!.*-->)|!\[CDATA\[(?!.*\]\]>)|\?(?!.*\?>)|!(?=[A-Z]|.{0,6}$))/s.test(rest);
  if (run.error !== undefined && isUnended) return undefined;
  return different;
}

function compareChunks(random: Random, bytes: Uint8Array): unknown {
  const small = {
    maxStanzaBytes: 20 + random.below(200),
    maxDepth: 1 + random.below(4),
    maxElements: 1 + random.below(6),
    maxAttributes: 2 + random.below(3),
    maxNameBytes: 3 + random.below(12),
  };
  const modes: StreamParserOptions[] = [{}, { limits: small }, { limits: small, oversize: "skip" }];
  for (const options of modes) {
    const whole = runStream(bytes, WHOLE, options);
    for (const chunkBytes of [1, 2 + random.below(30)]) {
      const run = runStream(bytes, chunkBytes, options);
      if (!isDeepStrictEqual(run, whole))
        return { text: Buffer.from(bytes).toString(), options, chunkBytes, whole, run };
    }
  }
  return compareSkipped(bytes, small);
}

/** With limits and skipping, the stanzas of an accepted stream stay at their places, each given or skipped. */
function compareSkipped(bytes: Uint8Array, limits: NonNullable<StreamParserOptions["limits"]>): unknown {
  const all = runStream(bytes, WHOLE);
  const some = runStream(bytes, WHOLE, { limits, oversize: "skip" });
  // Passing over judges character by character, so it may find first what half a tag at the end still hides.
  if (all.pending) return undefined;
  if (all.error !== undefined || some.error !== undefined) {
    const isHeaderTooLarge = some.error?.condition === "policy-violation" && some.events.length === 0;
    return all.error === undefined && !isHeaderTooLarge
      ? { text: Buffer.from(bytes).toString(), limits, all, some }
      : undefined;
  }
  const fits = all.events.every(
    (event, index) => some.events[index]?.kind === "skipped" || isDeepStrictEqual(event, some.events[index]),
  );
  return fits && all.events.length === some.events.length
    ? undefined
    : { text: Buffer.from(bytes).toString(), limits, all, some };
}

/** A broken byte: what is whole before it comes out, then not-well-formed at that place, at any chunk size. */
function compareBrokenBytes(random: Random, bytes: Buffer): unknown {
  const broken = Buffer.from(bytes);
  if (broken.length === 0) return undefined;
  broken[random.below(broken.length)] = 0x80 + random.below(0x80);
  const whole: Run = runStream(broken, WHOLE);
  const drip = runStream(broken, 1);
  if (!isDeepStrictEqual(whole, drip)) return { broken: broken.toString("hex"), whole, drip };
  const isValid = isDeepStrictEqual(Buffer.from(broken.toString()), broken);
  return !isValid && whole.error === undefined && !whole.pending
    ? { broken: broken.toString("hex"), whole }
    : undefined;
}

function plain(elements: readonly XmlElement[]): unknown {
  return JSON.parse(JSON.stringify(elements));
}

function charAt(text: string, byteOffset: number): number {
  return Buffer.from(text).subarray(0, byteOffset).toString().length;
}

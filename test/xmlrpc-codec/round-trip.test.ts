// Whatever is written is read back as it was: natural values, exact values, values of random shapes. Seeds are printed on failure.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileReader, type ExactValue, exactOf, naturalOf, type Shape } from "../../src/values/index.js";
import { createCodec } from "../../src/xmlrpc-codec/index.js";
import { exact, natural, shapeAndValue, text } from "../values/arbitraries.js";
import { decodeResult, parse } from "./support.js";

const RUNS = { numRuns: 500 };
const codecs = [createCodec(), createCodec({ reading: "strict" }), createCodec({ dates: { zone: "+05:30" } })] as const;
const codec = codecs[0];

/** Like toStrictEqual, but it also sees own members called __proto__, and tells the value. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
  expect(isDeepStrictEqual(actual, expected)).toBe(true);
}

/** The exact value as it is read: a dateTime has the text it was written with. */
function withTexts(value: ExactValue): ExactValue {
  return decodeResult(codec, codec.encodeMethodResponse(value, { kind: "exact" }));
}

describe("round trips", () => {
  it("natural values", () => {
    fc.assert(
      fc.property(natural, (value) => {
        for (const each of codecs) {
          expectSame(naturalOf(decodeResult(each, each.encodeMethodResponse(value))), value);
        }
      }),
      RUNS,
    );
  });

  it("natural values are written as their exact form is", () => {
    fc.assert(
      fc.property(natural, (value) => {
        expect(codec.encodeMethodResponse(value)).toBe(codec.encodeMethodResponse(exactOf(value), { kind: "exact" }));
      }),
      RUNS,
    );
  });

  it("exact values", () => {
    fc.assert(
      fc.property(exact, (value) => {
        expectSame(decodeResult(codec, codec.encodeMethodResponse(value, { kind: "exact" })), value);
      }),
      RUNS,
    );
  });

  it("values of random shapes, as results and as parameters", () => {
    fc.assert(
      fc.property(shapeAndValue, ({ shape, value }) => {
        const result = codec.encodeMethodResponse(value, shape);
        const call = codec.encodeMethodCall("a", [value], [shape]);
        const sent = decodeResult(codec, result);
        expectSame(codec.decodeMethodCall(parse(call)).params, [sent]);
        expectSame(compileReader(shape)(sent), value);
        expectSame(sent, withTexts(exactOf(value, shape)));
      }),
      RUNS,
    );
  });

  it("a relay that reads exact values and writes them again changes no byte", () => {
    const relayed: Shape = { kind: "exact" };
    fc.assert(
      fc.property(shapeAndValue, ({ shape, value }) => {
        const sent = codec.encodeMethodResponse(value, shape);
        expect(codec.encodeMethodResponse(decodeResult(codec, sent), relayed)).toBe(sent);
      }),
      RUNS,
    );
  });

  it("every finite double, bit by bit", () => {
    const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(bits, (pattern) => {
        const value = new Float64Array(new BigUint64Array([pattern]).buffer)[0] ?? 0;
        if (!Number.isFinite(value)) return;
        const written = codec.encodeMethodResponse(value, { kind: "double" });
        expect(written).toMatch(/<double>-?\d+\.\d+<\/double>/);
        expect(decodeResult(codecs[1], written).value).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  it("faults", () => {
    fc.assert(
      fc.property(fc.integer(), text, (code, string) => {
        expect(codec.decodeMethodResponse(parse(codec.encodeFault(code, string)))).toEqual({
          kind: "fault",
          code,
          string,
        });
      }),
      RUNS,
    );
  });
});

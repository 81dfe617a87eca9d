// One call of each validator1 method, and what it must return; values in the notation of `--exact`.

import type { ExactJson } from "../../src/values/index.js";

interface Validator1Case {
  readonly method: string;
  readonly params: readonly ExactJson[];
  readonly result: ExactJson;
}

const int = (value: number) => ({ int: value }) as const;
const stooges = (moe: number, larry: number, curly: number) => ({
  struct: { moe: int(moe), larry: int(larry), curly: int(curly), shemp: { string: "is ignored" } },
});
const manyTypes: ExactJson[] = [
  int(-7),
  { boolean: true },
  { string: "añ€😀 <&>" },
  { double: 3 },
  { "dateTime.iso8601": "19980717T14:08:55" },
  { base64: "AAEC/w==" },
];
const texts = Array.from({ length: 150 }, (_, index) => ({ string: `text ${index} ` }));
const empty = { struct: {} };
const echoed = {
  struct: { flag: { boolean: false }, inner: { struct: { list: { array: [int(1), { double: 2.5 }] } } } },
};

/** UserLand's eight methods. */
export const VALIDATOR1_CASES: readonly Validator1Case[] = [
  { method: "arrayOfStructsTest", params: [{ array: [stooges(1, 2, 3), stooges(4, 5, -60)] }], result: int(-57) },
  {
    method: "countTheEntities",
    params: [{ string: "<<a>&&&'\"\" ]]> 'é" }],
    result: {
      struct: {
        ctLeftAngleBrackets: int(2),
        ctRightAngleBrackets: int(2),
        ctAmpersands: int(3),
        ctApostrophes: int(2),
        ctQuotes: int(2),
      },
    },
  },
  { method: "easyStructTest", params: [stooges(1, 20, 300)], result: int(321) },
  { method: "echoStructTest", params: [echoed], result: echoed },
  { method: "manyTypesTest", params: manyTypes, result: { array: manyTypes } },
  { method: "moderateSizeArrayCheck", params: [{ array: texts }], result: { string: "text 0 text 149 " } },
  {
    method: "nestedStructTest",
    params: [
      {
        struct: {
          1999: { struct: { "04": { struct: { "01": stooges(9, 9, 9) } } } },
          2000: { struct: { "03": empty, "04": { struct: { "01": stooges(1, 2, 4), "02": empty } } } },
        },
      },
    ],
    result: int(7),
  },
  {
    method: "simpleStructReturnTest",
    params: [int(12)],
    result: { struct: { times10: int(120), times100: int(1200), times1000: int(12_000) } },
  },
];

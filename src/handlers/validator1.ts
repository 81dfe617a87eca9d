// The service `validator1`: the eight methods of UserLand's validation suite, by which responders prove their values.
import {
  any,
  array,
  exact,
  int,
  named,
  optional,
  RpcFault,
  record,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "../rpc/index.js";
import type { ExactValue, WireTypeName } from "../values/index.js";

const stooges = struct({ moe: int, larry: int, curly: int });
const day = struct({ moe: optional(int), larry: optional(int), curly: optional(int) });

interface Stooges {
  readonly moe: number;
  readonly larry: number;
  readonly curly: number;
}
type Day = { [K in keyof Stooges]?: number | undefined };

const NUMBERS: readonly WireTypeName[] = ["int", "i1", "i2", "i8", "double"];
const MANY_TYPES: readonly (readonly WireTypeName[])[] = [
  NUMBERS,
  ["boolean"],
  ["string"],
  NUMBERS,
  ["dateTime.iso8601"],
  ["base64"],
];

/** UserLand's validator1 suite. Echoes keep the wire type: an integral double stays a double. */
@rpcService("validator1")
export class Validator1 {
  @rpcMethod({ params: [named("structs", array(stooges))], returns: int, doc: "The sum of all members named curly." })
  arrayOfStructsTest(structs: Stooges[]): number {
    return structs.reduce((sum, { curly }) => sum + curly, 0);
  }

  @rpcMethod({
    params: [named("text", string)],
    returns: struct({
      ctLeftAngleBrackets: int,
      ctRightAngleBrackets: int,
      ctAmpersands: int,
      ctApostrophes: int,
      ctQuotes: int,
    }),
    doc: "How often each of the five characters occurs that XML escapes.",
  })
  countTheEntities(text: string) {
    return {
      ctLeftAngleBrackets: count(text, "<"),
      ctRightAngleBrackets: count(text, ">"),
      ctAmpersands: count(text, "&"),
      ctApostrophes: count(text, "'"),
      ctQuotes: count(text, '"'),
    };
  }

  @rpcMethod({ params: [named("stooges", stooges)], returns: int, doc: "The sum of moe, larry and curly." })
  easyStructTest({ moe, larry, curly }: Stooges): number {
    return moe + larry + curly;
  }

  @rpcMethod({ params: [named("struct", exact)], returns: exact, doc: "The same struct." })
  echoStructTest(value: ExactValue): ExactValue {
    if (value.type !== "struct") throw new RpcFault(1, `a struct expected, got ${value.type}`);
    return value;
  }

  @rpcMethod({
    params: [
      named("number", exact),
      named("boolean", exact),
      named("string", exact),
      named("double", exact),
      named("dateTime", exact),
      named("base64", exact),
    ],
    returns: array(exact),
    doc: "The six parameters as an array, each with its type.",
  })
  manyTypesTest(
    number: ExactValue,
    boolean: ExactValue,
    text: ExactValue,
    double: ExactValue,
    dateTime: ExactValue,
    base64: ExactValue,
  ): ExactValue[] {
    const values = [number, boolean, text, double, dateTime, base64];
    for (const [index, value] of values.entries())
      if (MANY_TYPES[index]?.includes(value.type) !== true)
        throw new RpcFault(1, `params[${index}]: ${MANY_TYPES[index]?.join(" or ")} expected, got ${value.type}`);
    return values;
  }

  @rpcMethod({ params: [named("texts", array(string))], returns: string, doc: "The first and the last text, joined." })
  moderateSizeArrayCheck(texts: string[]): string {
    const first = texts[0];
    const last = texts.at(-1);
    if (first === undefined || last === undefined) throw new RpcFault(1, "an array of 100 to 200 strings expected");
    return first + last;
  }

  @rpcMethod({
    params: [named("calendar", record(record(record(day))))],
    returns: int,
    doc: "The sum of moe, larry and curly of 1 April 2000 in a calendar of years, months and days.",
  })
  nestedStructTest(calendar: Record<string, Record<string, Record<string, Day>>>): number {
    const firstOfApril = own(own(own(calendar, "2000"), "04"), "01");
    if (firstOfApril === undefined) throw new RpcFault(1, "the calendar has no 2000, 04, 01");
    const { moe = 0, larry = 0, curly = 0 } = firstOfApril;
    return moe + larry + curly;
  }

  @rpcMethod({
    params: [named("number", int)],
    returns: struct({ times10: any, times100: any, times1000: any }),
    doc: "The number times 10, 100 and 1000; a double where an int cannot hold it.",
  })
  simpleStructReturnTest(number: number) {
    return { times10: number * 10, times100: number * 100, times1000: number * 1000 };
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

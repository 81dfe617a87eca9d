// The datatypes that a field's text may have to be of, and their ranges (XEP-0122 §3.1, §5; XML Schema part 2).

import { parseBase64, parseDateTime, ValueError } from "../../values/index.js";
import type { Validation } from "./form.js";

/** What is known of one datatype. `orderOf` makes values comparable; absent: it has no range. */
interface Datatype {
  readonly expected: string;
  accepts(text: string): boolean;
  orderOf?(text: string): bigint | number;
}

const INTEGER = /^[+-]?\d{1,40}$/;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const DOUBLE = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const ZONE = "(Z|[+-]\\d\\d:\\d\\d)?";
const DATE = new RegExp(`^\\d{4}-\\d\\d-\\d\\d${ZONE}$`);
const TIME = new RegExp(`^\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?${ZONE}$`);

const DATATYPES: ReadonlyMap<string, Datatype> = new Map([
  ["xs:byte", integer("whole number from -128 to 127", 8n)],
  ["xs:short", integer("whole number of 16 bits", 16n)],
  ["xs:int", integer("whole number", 32n)],
  ["xs:long", integer("whole number", 64n)],
  ["xs:integer", { expected: "whole number", accepts: (text) => INTEGER.test(text), orderOf: bigintOf }],
  ["xs:decimal", { expected: "number", accepts: (text) => DECIMAL.test(text), orderOf: Number }],
  ["xs:float", { expected: "number", accepts: isDouble, orderOf: Number }],
  ["xs:double", { expected: "number", accepts: isDouble, orderOf: Number }],
  ["xs:boolean", { expected: "true or false", accepts: (text) => /^(true|false|0|1)$/.test(text) }],
  ["xs:dateTime", { expected: "date and time such as 2026-11-22T10:00:00Z", accepts: isDateTime, orderOf: timeOf }],
  [
    "xs:date",
    {
      expected: "date such as 2026-11-22",
      accepts: (text) => DATE.test(text) && isDateTime(dayStart(text)),
      orderOf: (text) => timeOf(dayStart(text)),
    },
  ],
  [
    "xs:time",
    {
      expected: "time such as 10:00:00",
      accepts: (text) => TIME.test(text) && isDateTime(`2000-01-01T${text}`),
      orderOf: (text) => timeOf(`2000-01-01T${text}`),
    },
  ],
  ["xs:base64Binary", { expected: "base64", accepts: isBase64 }],
]);

/** Why a text is not of the datatype or out of its range; undefined when it is right. Blanks around it mean nothing. */
export function datatypeProblem(text: string, { datatype, method }: Validation): string | undefined {
  const type = DATATYPES.get(datatype);
  if (type === undefined) return undefined;
  const packed = text.trim();
  if (!type.accepts(packed)) return `${type.expected} expected`;
  if (method.kind !== "range" || type.orderOf === undefined) return undefined;
  const order = type.orderOf(packed);
  const { min, max } = method;
  if (min !== undefined && type.accepts(min) && order < type.orderOf(min)) return rangeText(type, min, max);
  if (max !== undefined && type.accepts(max) && order > type.orderOf(max)) return rangeText(type, min, max);
  return undefined;
}

/** What a datatype's text looks like, for people; undefined for plain text. */
export function datatypeHint(datatype: string): string | undefined {
  return DATATYPES.get(datatype)?.expected;
}

function rangeText({ expected }: Datatype, min: string | undefined, max: string | undefined): string {
  if (min === undefined) return `${expected} of at most ${max} expected`;
  return max === undefined ? `${expected} of at least ${min} expected` : `${expected} from ${min} to ${max} expected`;
}

function integer(expected: string, bits: bigint): Datatype {
  const limit = 1n << (bits - 1n);
  return {
    expected,
    accepts: (text) => INTEGER.test(text) && bigintOf(text) >= -limit && bigintOf(text) < limit,
    orderOf: bigintOf,
  };
}

/** BigInt() knows no plus sign. */
function bigintOf(text: string): bigint {
  return BigInt(text.startsWith("+") ? text.slice(1) : text);
}

function isDouble(text: string): boolean {
  return DOUBLE.test(text) && Number.isFinite(Number(text));
}

function isDateTime(text: string): boolean {
  return isReadable(() => parseDateTime(text));
}

function timeOf(text: string): number {
  return parseDateTime(text).getTime();
}

function dayStart(text: string): string {
  return `${text.slice(0, 10)}T00:00:00${text.slice(10)}`;
}

function isBase64(text: string): boolean {
  return isReadable(() => parseBase64(text));
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (ValueError.is(error)) return false;
    throw error;
  }
}

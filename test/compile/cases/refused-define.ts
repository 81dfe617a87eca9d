// The same without classes.
import { defineMethod, int, string } from "jabber-rpc-under-test";

// expect-error: TS2322 Type 'number' is not assignable to type 'string | Promise<string>'
export const wrongResult = defineMethod("a.a", { params: [int], returns: string }, (index) => index);

// expect-error: TS2345 Type 'number' is not assignable to type 'string'
export const wrongParameter = defineMethod("a.b", { params: [int], returns: string }, (index: string) => index);

// expect-error: TS2322 Type 'string' is not assignable to type 'void | Promise<void>'
export const missingReturns = defineMethod("a.c", { params: [int] }, (index) => String(index));

const takesThree = (_one: number, _two: unknown, _three: number): string => "";
// expect-error: TS2345
export const surplus = defineMethod("a.d", { params: [int], returns: string }, takesThree);

// expect-error: TS2322
export const noDescriptor = defineMethod("a.e", { params: ["int"], returns: string }, () => "");

// Descriptors: how a handler says which wire types it takes and gives. What each does to a value: docs/values.md.
// At run time a descriptor is a frozen Shape; what it adds is what TypeScript knows of it.
import type { ExactValue, Shape } from "../values/index.js";

// Phantom keys: they exist for the compiler only, no object ever has them.
declare const received: unique symbol;
declare const returned: unique symbol;
declare const mayBeAbsent: unique symbol;

/** The type of one parameter or result: a handler receives `I` and returns `O`. */
export interface Descriptor<I, O = I> {
  readonly kind: string;
  readonly [received]?: () => I;
  readonly [returned]?: (value: O) => void;
}

/** A descriptor of something that may be left out: a trailing parameter or a member of a struct. */
export interface OptionalDescriptor<I, O = I> extends Descriptor<I | undefined, O | undefined> {
  readonly [mayBeAbsent]: true;
}

/** Any descriptor at all. */
export type AnyDescriptor = Descriptor<unknown, never>;

/** What a handler receives for a descriptor. */
export type In<D> = D extends Descriptor<infer I, never> ? I : never;

/** What a handler may return for a descriptor. */
export type Out<D> = D extends Descriptor<unknown, infer O> ? O : never;

/** The members of a struct, by name. */
export type Members = Readonly<Record<string, AnyDescriptor>>;

type OptionalNames<M extends Members> = {
  [K in keyof M]: M[K] extends { readonly [mayBeAbsent]: true } ? K : never;
}[keyof M];
type Flat<T> = { [K in keyof T]: T[K] };

/** The object that a handler receives for a struct. */
export type StructIn<M extends Members> = Flat<
  { -readonly [K in Exclude<keyof M, OptionalNames<M>>]: In<M[K]> } & {
    -readonly [K in OptionalNames<M>]?: In<M[K]> | undefined;
  }
>;

/** The object that a handler may return for a struct. */
export type StructOut<M extends Members> = Flat<
  { readonly [K in Exclude<keyof M, OptionalNames<M>>]: Out<M[K]> } & {
    readonly [K in OptionalNames<M>]?: Out<M[K]> | undefined;
  }
>;

/** Text; as a call `string({ secret: true })` it is masked wherever values are shown and private in forms. */
export interface StringDescriptor extends Descriptor<string> {
  (options: { readonly secret?: boolean }): Descriptor<string>;
}

const PLAIN_STRING: Shape = Object.freeze({ kind: "string" });

/** The shape that a descriptor is at run time. */
export function shapeOf(descriptor: AnyDescriptor): Shape {
  if (typeof descriptor === "function") return PLAIN_STRING;
  // Only this file makes descriptors, and it makes each of a Shape.
  return descriptor as unknown as Shape;
}

function descriptorOf<I, O = I>(shape: Shape): Descriptor<I, O> {
  // The phantom members are optional, so a Shape has all that a Descriptor asks for.
  return Object.freeze(shape);
}

/** A 32-bit integer: `<int>`. A number; a call may also send `<i8>` in range. */
export const int = descriptorOf<number>({ kind: "int" });

/** A 64-bit integer: `<i8>`. Always a bigint on the way in; on the way out a bigint or an integral number. */
export const long = descriptorOf<bigint, bigint | number>({ kind: "long" });

/** A double; a call may also send an integer. NaN and the infinities cannot be sent. */
export const double = descriptorOf<number>({ kind: "double" });

/** True or false. */
export const boolean = descriptorOf<boolean>({ kind: "boolean" });

/** Text, also as a call: `string({ secret: true })`. */
export const string: StringDescriptor = Object.freeze(
  Object.assign(
    (options: { readonly secret?: boolean }): Descriptor<string> =>
      descriptorOf(options.secret === true ? { kind: "string", secret: true } : { kind: "string" }),
    { kind: "string" } as const,
  ),
);

/** A point in time: `<dateTime.iso8601>`, a Date, to the second. */
export const dateTime = descriptorOf<Date>({ kind: "dateTime" });

/** Bytes. */
export const base64 = descriptorOf<Uint8Array>({ kind: "base64" });

/** Nothing but `<nil/>`: null. */
export const nil = descriptorOf<null>({ kind: "nil" });

/** Any value in natural JavaScript. */
export const any = descriptorOf<unknown>({ kind: "any" });

/** Any value as `{type, value}`, so that its wire type survives. */
export const exact = descriptorOf<ExactValue>({ kind: "exact" });

/** A list of values of one type. */
export function array<I, O>(items: Descriptor<I, O>): Descriptor<I[], readonly O[]> {
  return descriptorOf({ kind: "array", items: shapeOf(inner("array", items)) });
}

/** An object with these members and no others: further members of a call are dropped. */
export function struct<const M extends Members>(members: M): Descriptor<StructIn<M>, StructOut<M>> {
  if (isDescriptor(members))
    throw new TypeError("struct() takes an object of descriptors; record() takes one descriptor");
  const shapes = Object.create(null) as Record<string, Shape>;
  for (const [name, member] of Object.entries(members)) shapes[name] = shapeOf(inner(`struct member ${name}`, member));
  return descriptorOf({ kind: "struct", members: Object.freeze(shapes) });
}

/** A map from strings to values of one type. */
export function record<I, O>(values: Descriptor<I, O>): Descriptor<Record<string, I>, Readonly<Record<string, O>>> {
  if (!isDescriptor(values) && typeof values === "object" && values !== null)
    throw new TypeError("record() takes one descriptor, that of every value; for fixed members use struct({…})");
  return descriptorOf({ kind: "record", values: shapeOf(inner("record", values)) });
}

/** One of these texts. */
export function enumeration<const V extends readonly [string, ...string[]]>(...values: V): Descriptor<V[number]> {
  if (values.length === 0 || !values.every((value) => typeof value === "string"))
    throw new TypeError("enumeration() takes the texts that are allowed");
  return descriptorOf({ kind: "enumeration", values: Object.freeze([...values]) });
}

/** May be left out and is then undefined: a trailing parameter, or a member of a struct. */
export function optional<I, O>(of: Descriptor<I, O>): OptionalDescriptor<I, O> {
  const shape: Shape = Object.freeze({ kind: "optional", inner: shapeOf(inner("optional", of)) });
  // The mark is for the compiler only.
  return shape as unknown as OptionalDescriptor<I, O>;
}

/** May be `<nil/>` and is then null. */
export function nullable<I, O>(of: Descriptor<I, O>): Descriptor<I | null, O | null> {
  return descriptorOf({ kind: "nullable", inner: shapeOf(inner("nullable", of)) });
}

/** Gives a parameter the name that errors, forms and descriptions show. */
export function named<D extends AnyDescriptor>(name: string, of: D): D {
  if (typeof name !== "string" || name === "") throw new TypeError("named() takes a name and a descriptor");
  const shape: Shape = Object.freeze({ kind: "named", name, inner: shapeOf(inner(`named ${name}`, of)) });
  // A name changes nothing of what a handler receives or returns.
  return shape as unknown as D;
}

/** True for what the functions of this file make. */
export function isDescriptor(value: unknown): value is AnyDescriptor {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    Object.isFrozen(value) &&
    "kind" in value &&
    typeof value.kind === "string"
  );
}

function inner<D extends AnyDescriptor>(of: string, descriptor: D): D {
  if (!isDescriptor(descriptor)) throw new TypeError(`${of}: a descriptor such as int or string expected`);
  return descriptor;
}

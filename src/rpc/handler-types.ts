// What the compiler checks: that a handler takes and returns what its descriptors say.
import type { CallContext } from "./call.js";
import type { AnyDescriptor, In, Out } from "./descriptors.js";

/** The descriptors of all parameters. */
export type ParamDescriptors = readonly AnyDescriptor[];

/** What a handler with these parameters receives, the context aside. */
export type Params<P extends ParamDescriptors> = { -readonly [I in keyof P]: In<P[I]> };

/** What a handler returns: by its descriptor, or nothing when none is given. */
export type Returned<R extends AnyDescriptor | undefined> = R extends AnyDescriptor ? Out<R> : ReturnType<() => void>;

/** A handler: its parameters, then the context of the call. */
export type Handler<P extends ParamDescriptors, R extends AnyDescriptor | undefined> = (
  ...args: [...params: Params<P>, call: CallContext]
) => Returned<R> | Promise<Returned<R>>;

/**
 * Refuses a handler that declares fewer parameters than its descriptors, or more than those and the context. The compiler
 * alone would let both pass: a function may ignore what it is given, and optional ones may follow.
 */
export type SameCount<P extends ParamDescriptors, M> = M extends (...args: infer A) => unknown
  ? number extends A["length"]
    ? M
    : P["length"] extends A["length"]
      ? Exclude<A["length"], CountsUpTo<P>> extends never
        ? M
        : "more parameters than descriptors"
      : [...P, unknown]["length"] extends A["length"]
        ? Exclude<A["length"], CountsUpTo<P>> extends never
          ? M
          : "more parameters than descriptors"
        : "fewer parameters than descriptors"
  : never;

/** 0, 1, … up to the number of parameters and one more for the context. */
type CountsUpTo<P extends ParamDescriptors> = Partial<[...{ [I in keyof P]: unknown }, unknown]>["length"];

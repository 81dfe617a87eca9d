// What a method is. Decorators, defineMethod and upstreams all produce this one plain record.
import type { Shape } from "../values/index.js";
import type { CallContext } from "./call.js";
import { type AnyDescriptor, isDescriptor, shapeOf } from "./descriptors.js";

/** One parameter. */
export interface Param {
  readonly name?: string;
  /** Never `named`; `optional` only behind all that are required. */
  readonly shape: Shape;
}

/** One method: all that the dispatcher, descriptions, forms and doors know of it. */
export interface MethodSpec {
  readonly name: string;
  readonly params: readonly Param[];
  /** Any number of further parameters of this shape. For upstreams that do not say what they take. */
  readonly rest?: Shape;
  /** Undefined: whatever it returns, by value; and undefined is a void result. */
  readonly returns?: Shape;
  readonly doc?: string;
  /** How long a call may run, in milliseconds; else the dispatcher's default. */
  readonly deadlineMs?: number;
  /** False hides it from ad-hoc commands. */
  readonly command?: boolean;
  /** A repeated request gets the first answer. */
  readonly atMostOnce?: boolean;
  /**
   * What runs this call and others as one, if anything does now: slots of system.multicall that follow each other and get the
   * same object here start together, in one step of the event loop, so that it can send them on as one.
   */
  readonly batchedBy?: () => object | undefined;
  /** Runs it. The array is the callee's own: one element a parameter, undefined for one that was left out. */
  readonly handler: (args: unknown[], call: CallContext) => unknown;
}

/** What may be said about a method beside its parameters and result. */
export interface MethodOptions {
  /** One line or more for people. */
  readonly doc?: string;
  /** How long a call may run, in milliseconds. Default: the dispatcher's, 20,000. */
  readonly deadlineMs?: number;
  /** False hides it from ad-hoc commands. Default true. */
  readonly command?: boolean;
  /** A repeated request gets the first answer instead of a second run. Default false. */
  readonly atMostOnce?: boolean;
}

/** The parameters that descriptors describe. Throws a TypeError for what is none, or an optional one before a required one. */
export function paramsOf(where: string, descriptors: readonly AnyDescriptor[]): readonly Param[] {
  const params = descriptors.map((descriptor, index): Param => {
    if (!isDescriptor(descriptor))
      throw new TypeError(`${where}: params[${index}] is no descriptor; write int, string, struct({…}) and so on`);
    return paramOf(shapeOf(descriptor));
  });
  checkOptionalOnlyTrails(where, params);
  return Object.freeze(params);
}

/** Throws a TypeError if a parameter that may be left out stands before one that may not. */
export function checkOptionalOnlyTrails(where: string, params: readonly Param[]): void {
  const firstOptional = params.findIndex((param) => param.shape.kind === "optional");
  if (firstOptional < 0) return;
  const late = params.findIndex((param, index) => index > firstOptional && param.shape.kind !== "optional");
  if (late >= 0)
    throw new TypeError(`${where}: params[${firstOptional}] is optional, so params[${late}] must be optional too`);
}

/** How many parameters a call must give at least. */
export function requiredCount(params: readonly Param[]): number {
  const firstOptional = params.findIndex((param) => param.shape.kind === "optional");
  return firstOptional < 0 ? params.length : firstOptional;
}

/** The declared options, each checked; undefined ones are left out. */
export function optionsOf(where: string, options: MethodOptions): MethodOptions {
  const { doc, deadlineMs, command, atMostOnce } = options;
  if (deadlineMs !== undefined && !(Number.isInteger(deadlineMs) && deadlineMs > 0 && deadlineMs <= 0x7fffffff))
    throw new TypeError(`${where}: deadlineMs must be a positive whole number of milliseconds`);
  return {
    ...(doc === undefined ? {} : { doc }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(command === undefined ? {} : { command }),
    ...(atMostOnce === undefined ? {} : { atMostOnce }),
  };
}

function paramOf(shape: Shape): Param {
  let bare = shape;
  let name: string | undefined;
  let optional = false;
  // named(optional(x)) and optional(named(x)) mean the same.
  while (bare.kind === "named" || bare.kind === "optional") {
    if (bare.kind === "named") name ??= bare.name;
    else optional = true;
    bare = bare.inner;
  }
  const plain: Shape = optional ? Object.freeze({ kind: "optional", inner: bare }) : bare;
  return Object.freeze(name === undefined ? { shape: plain } : { name, shape: plain });
}

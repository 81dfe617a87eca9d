// Parameters from the compiler's metadata, for methods without descriptors. It knows little: element types and unions are lost.
import "reflect-metadata";
import type { Shape } from "../values/index.js";
import { CallContext } from "./call.js";
import type { Param } from "./method-spec.js";

const SHAPES: ReadonlyMap<unknown, Shape> = new Map<unknown, Shape>([
  [String, { kind: "string" }],
  [Boolean, { kind: "boolean" }],
  [Number, { kind: "number" }],
  [BigInt, { kind: "long" }],
  [Date, { kind: "dateTime" }],
  [Uint8Array, { kind: "base64" }],
  [Buffer, { kind: "base64" }],
]);

/**
 * The parameters of a method as its metadata tells them, the trailing context aside.
 *
 * @param where `Orders.total`, what messages start with
 * @throws TypeError that names the method, the parameter and what to write instead
 */
export function inferParams(target: object, property: string, where: string): readonly Param[] {
  const types: unknown = Reflect.getMetadata("design:paramtypes", target, property);
  if (!Array.isArray(types))
    throw new TypeError(
      `${where}: no descriptors, and no metadata to infer them from; give @rpcMethod({ params: […], returns: … }), ` +
        'or set "emitDecoratorMetadata": true beside "experimentalDecorators": true in tsconfig.json',
    );
  const isContextLast = CallContext.isContextClass(types.at(-1));
  const own: readonly unknown[] = isContextLast ? types.slice(0, -1) : types;
  return Object.freeze(
    own.map((type, index) => Object.freeze({ shape: inferShape(type, `${where}: parameter ${index + 1}`) })),
  );
}

function inferShape(type: unknown, where: string): Shape {
  const shape = SHAPES.get(type);
  if (shape !== undefined) return shape;
  const cure = "give descriptors: @rpcMethod({ params: […], returns: … })";
  if (CallContext.isContextClass(type)) throw new TypeError(`${where} is CallContext, which can only be the last`);
  if (type === Array) throw new TypeError(`${where} is an array, and metadata does not say of what; ${cure}`);
  if (type === Object)
    throw new TypeError(`${where} is a union, an interface or any, and metadata does not say more; ${cure}`);
  if (type === Function)
    throw new TypeError(
      `${where} is a class that was imported by \`import type\`, or a function; import the class itself, or ${cure}`,
    );
  const name = typeof type === "function" ? type.name : String(type);
  throw new TypeError(`${where} is ${name}, which has no XML-RPC type; ${cure}`);
}

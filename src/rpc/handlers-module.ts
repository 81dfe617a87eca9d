// What a module of handlers exports: `default { services?, methods?, onMessage?, bind? }`, or decorated classes by name.
import type { Bind } from "./container.js";
import type { MessageHandler } from "./messages.js";
import type { MethodSpec } from "./method-spec.js";
import { type ServiceClass, serviceOf } from "./service-mark.js";

/** The handlers of one module. */
export interface HandlersModule {
  readonly services: readonly ServiceClass[];
  readonly methods: readonly MethodSpec[];
  readonly onMessage: readonly MessageHandler[];
  readonly bind: readonly Bind[];
}

/** Reads what `import()` of a handlers module gave. Throws a TypeError that says what was expected. */
export function readHandlersModule(exported: Readonly<Record<string, unknown>>, path: string): HandlersModule {
  const { default: declared } = exported;
  if (typeof declared === "object" && declared !== null) return readDeclared(declared, path);
  const services = Object.values(exported).filter((value): value is ServiceClass => serviceOf(value) !== undefined);
  if (services.length === 0)
    throw new TypeError(
      `${path} exports no handlers: \`export default { services, methods, bind }\` or a class with @rpcService expected`,
    );
  return { services: [...new Set(services)], methods: [], onMessage: [], bind: [] };
}

function readDeclared(declared: object, path: string): HandlersModule {
  // Whatever a module exports, its members are checked one by one.
  const { services = [], methods = [], onMessage, bind, ...others } = declared as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new TypeError(`${path}: default.${other} is unknown; services, methods, onMessage and bind expected`);
  if (!Array.isArray(services) || !services.every((one) => serviceOf(one) !== undefined))
    throw new TypeError(`${path}: default.services must be a list of classes with @rpcService`);
  if (!Array.isArray(methods) || !methods.every(isMethodSpec))
    throw new TypeError(`${path}: default.methods must be a list of what defineMethod and defineService make`);
  if (onMessage !== undefined && typeof onMessage !== "function")
    throw new TypeError(`${path}: default.onMessage must be a function`);
  if (bind !== undefined && typeof bind !== "function") throw new TypeError(`${path}: default.bind must be a function`);
  return {
    services,
    methods,
    onMessage: onMessage === undefined ? [] : [onMessage as MessageHandler],
    bind: bind === undefined ? [] : [bind as Bind],
  };
}

function isMethodSpec(value: unknown): value is MethodSpec {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "params" in value &&
    "handler" in value &&
    typeof value.handler === "function"
  );
}

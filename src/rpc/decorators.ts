// @rpcService and @rpcMethod, as legacy and as standard decorators (TC39, 2023-11). They only leave marks; src/rpc/container.ts
// makes the instances. reflect-metadata is loaded here, so that the compiler's metadata exists for every class that imports us.
import "reflect-metadata";
import { type AnyDescriptor, isDescriptor, shapeOf } from "./descriptors.js";
import type { Handler, ParamDescriptors, Returned, SameCount } from "./handler-types.js";
import { inferParams } from "./inference.js";
import { type MethodOptions, optionsOf, type Param, paramsOf } from "./method-spec.js";
import {
  addMethodToClass,
  type MethodMark,
  markFunction,
  markService,
  type ServiceClass,
  serviceOf,
} from "./service-mark.js";

/** What `@rpcMethod` may be told: the same as defineMethod, and a name that differs from the property's. */
export interface MethodDeclaration<P extends ParamDescriptors, R extends AnyDescriptor | undefined>
  extends MethodOptions {
  readonly name?: string;
  readonly params: P;
  /** Without it the method is void. */
  readonly returns?: R;
}

/** `@rpcMethod` without descriptors of parameters: they are inferred. */
export interface InferredDeclaration<R extends AnyDescriptor | undefined> extends MethodOptions {
  readonly name?: string;
  readonly params?: undefined;
  /** Without it the result is written by its value. */
  readonly returns?: R;
}

/** Decorates a method whose types agree with its descriptors; legacy and standard. */
export interface TypedMethodDecorator<P extends ParamDescriptors, R extends AnyDescriptor | undefined> {
  <M extends Handler<P, R>>(
    method: M & SameCount<P, NoInfer<M>>,
    context: ClassMethodDecoratorContext<ThisParameterType<M>, M>,
  ): void;
  <M extends Handler<P, R>>(
    target: object,
    name: string,
    property: TypedPropertyDescriptor<M> & { value?: SameCount<P, NoInfer<M>> },
  ): void;
}

/** Decorates a method whose parameters are inferred; legacy only, since standard decorators have no metadata. */
export type InferredMethodDecorator<R extends AnyDescriptor | undefined> = <M extends InferredHandler<R>>(
  target: object,
  name: string,
  property: TypedPropertyDescriptor<M>,
) => void;

type InferredHandler<R> = (...args: never[]) => R extends AnyDescriptor ? Returned<R> | Promise<Returned<R>> : unknown;

/**
 * Makes a method callable, as `prefix.name`.
 *
 * @throws TypeError for a static or private method, a property, an accessor, a symbol, a doubled or bad name, and, without
 * descriptors, for a parameter whose type the compiler's metadata does not tell
 */
export function rpcMethod<const P extends ParamDescriptors, R extends AnyDescriptor | undefined = undefined>(
  declaration: MethodDeclaration<P, R>,
): TypedMethodDecorator<P, R>;
export function rpcMethod<R extends AnyDescriptor | undefined = undefined>(
  declaration?: InferredDeclaration<R>,
): InferredMethodDecorator<R>;
export function rpcMethod(declaration: Declaration = {}): unknown {
  return (first: unknown, second: unknown, property?: PropertyDescriptor): void => {
    if (isStandardContext(second)) decorateStandard(declaration, first, second);
    else decorateLegacy(declaration, first, second, property);
  };
}

/**
 * Makes a class a service: its decorated methods are called `prefix.name`, and a container builds it.
 *
 * @throws TypeError for a bad prefix, one under `system`, doubled names, or no decorated method at all
 */
export function rpcService(
  prefix: string,
): <T extends ServiceClass>(target: T, context?: ClassDecoratorContext<T>) => void {
  return (target) => markService(target, prefix);
}

interface Declaration extends MethodOptions {
  readonly name?: string;
  readonly params?: ParamDescriptors | undefined;
  readonly returns?: AnyDescriptor | undefined;
}

function decorateLegacy(declaration: Declaration, target: unknown, property: unknown, slot?: PropertyDescriptor): void {
  if (typeof target === "function")
    throw new TypeError(`${target.name}.${String(property)}: @rpcMethod on a static method`);
  if (typeof target !== "object" || target === null) throw new TypeError("@rpcMethod decorates methods of classes");
  const owner = target.constructor;
  const where = `${owner.name}.${String(property)}`;
  if (typeof property !== "string") throw new TypeError(`${where}: @rpcMethod on a symbol, which no call can name`);
  if (slot === undefined) throw new TypeError(`${where}: @rpcMethod on a property; only methods can be called`);
  if (typeof slot.value !== "function")
    throw new TypeError(`${where}: @rpcMethod on an accessor; only methods can be called`);
  const params =
    declaration.params === undefined ? inferParams(target, property, where) : paramsOf(where, declaration.params);
  addMethodToClass(owner, where, markOf(declaration, property, params, where));
}

interface StandardContext {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static?: boolean;
  readonly private?: boolean;
  readonly addInitializer: (run: (this: object) => void) => void;
}

function isStandardContext(value: unknown): value is StandardContext {
  return typeof value === "object" && value !== null && "kind" in value && "addInitializer" in value;
}

function decorateStandard(declaration: Declaration, method: unknown, context: StandardContext): void {
  const { name: property } = context;
  const where = String(property);
  if (context.kind !== "method" || typeof method !== "function")
    throw new TypeError(`${where}: @rpcMethod on a ${context.kind}; only methods can be called`);
  if (context.static === true) throw new TypeError(`${where}: @rpcMethod on a static method`);
  if (context.private === true || typeof property !== "string")
    throw new TypeError(`${where}: @rpcMethod on a private method or a symbol, which no call can name`);
  if (declaration.params === undefined)
    throw new TypeError(`${where}: standard decorators have no metadata; give @rpcMethod({ params: […], returns: … })`);
  markFunction(method, where, markOf(declaration, property, paramsOf(where, declaration.params), where));
  context.addInitializer(function () {
    const service = serviceOf(this.constructor);
    if (service !== undefined && !service.methods.some((mark) => mark.property === property))
      throw new TypeError(
        `${this.constructor.name}.${where}: another decorator replaced the method; put @rpcMethod above it`,
      );
  });
}

function markOf(declaration: Declaration, property: string, params: readonly Param[], where: string): MethodMark {
  const { name = property, returns } = declaration;
  if (returns !== undefined && !isDescriptor(returns)) throw new TypeError(`${where}: returns is no descriptor`);
  return Object.freeze({
    property,
    name,
    params,
    ...(returns === undefined ? {} : { returns: shapeOf(returns) }),
    ...optionsOf(where, declaration),
  });
}

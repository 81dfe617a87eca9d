// Methods without classes: a name, descriptors and a function.
import type { CallContext } from "./call.js";
import { type AnyDescriptor, isDescriptor, shapeOf } from "./descriptors.js";
import type { Handler, ParamDescriptors } from "./handler-types.js";
import { checkMethodName, methodNameProblem } from "./method-name.js";
import { type MethodOptions, type MethodSpec, optionsOf, paramsOf } from "./method-spec.js";

/** What a method takes and gives. Without `returns` it is void. */
export interface MethodSignature<P extends ParamDescriptors, R extends AnyDescriptor | undefined>
  extends MethodOptions {
  readonly params: P;
  readonly returns?: R;
}

/**
 * One method from a function. The function receives its parameters, then the context of the call.
 *
 * @throws TypeError for a bad name, a name under `system.`, or something else than descriptors
 */
export function defineMethod<const P extends ParamDescriptors, R extends AnyDescriptor | undefined = undefined>(
  name: string,
  signature: MethodSignature<P, R>,
  run: NoInfer<Handler<P, R>>,
): MethodSpec {
  checkMethodName(name);
  return buildMethod(name, signature, run);
}

/** The same methods under a prefix: `defineService("orders", [defineMethod("total", …)])` gives `orders.total`. */
export function defineService(prefix: string, methods: readonly MethodSpec[]): readonly MethodSpec[] {
  checkMethodName(prefix);
  return methods.map((method) => {
    const name = `${prefix}.${method.name}`;
    checkMethodName(name);
    return Object.freeze({ ...method, name });
  });
}

/** {@link defineMethod} that also makes methods under `system.`, for the services that ship. */
export function buildMethod<const P extends ParamDescriptors, R extends AnyDescriptor | undefined = undefined>(
  name: string,
  signature: MethodSignature<P, R>,
  run: NoInfer<Handler<P, R>>,
): MethodSpec {
  const problem = methodNameProblem(name);
  if (problem !== undefined) throw new TypeError(problem);
  if (typeof run !== "function") throw new TypeError(`${name}: a function expected behind the signature`);
  const { params, returns } = signature;
  if (!Array.isArray(params)) throw new TypeError(`${name}: params must be a list of descriptors, [] for none`);
  if (returns !== undefined && !isDescriptor(returns)) throw new TypeError(`${name}: returns is no descriptor`);
  // The compiler has checked the function against its descriptors, and the dispatcher reads by the same ones.
  const call = run as (...args: unknown[]) => unknown;
  return Object.freeze({
    name,
    params: paramsOf(name, params),
    ...(returns === undefined ? {} : { returns: shapeOf(returns) }),
    ...optionsOf(name, signature),
    handler: (args: unknown[], context: CallContext): unknown => call(...args, context),
  });
}

// Interceptors: code around every handler, such as measuring or tracing. The first of the list is the outermost.
import type { CallContext } from "./call.js";
import type { MethodSpec } from "./method-spec.js";

/** A call about to run: allowed, found, and its parameters checked. */
export interface Invocation {
  readonly call: CallContext;
  readonly spec: MethodSpec;
  /** As the handler will receive them. */
  readonly args: readonly unknown[];
}

/**
 * Wraps the run of a method: `next()` runs what is inside and returns or throws what it does, as a promise if that is one.
 * What the interceptor returns becomes the result. Calling `next` a second time throws.
 */
export type Interceptor = (invocation: Invocation, next: () => unknown) => unknown;

/** One function that runs an invocation through all interceptors; undefined for none. */
export function composeInterceptors(
  interceptors: readonly Interceptor[],
): ((invocation: Invocation, run: () => unknown) => unknown) | undefined {
  if (interceptors.length === 0) return undefined;
  return (invocation, run) => {
    const step = (index: number): unknown => {
      const interceptor = interceptors[index];
      if (interceptor === undefined) return run();
      let isDone = false;
      return interceptor(invocation, () => {
        if (isDone) throw new Error("an interceptor called next() twice");
        isDone = true;
        return step(index + 1);
      });
    };
    return step(0);
  };
}

// Typed proxies: an object whose methods are calls.

import type { CallContext } from "./rpc/index.js";

/** Parameters without the trailing CallContext that a handler may take. */
type WithoutContext<A extends readonly unknown[]> = A extends [...infer Params, CallContext] ? Params : A;

/** The methods of a handler class or interface as a caller sees them: no context, always a promise. */
export type Proxied<T> = {
  readonly [Name in keyof T as T[Name] extends (...args: never) => unknown ? Name : never]: T[Name] extends (
    ...args: infer A
  ) => infer R
    ? (...args: WithoutContext<A>) => Promise<Awaited<R>>
    : never;
};

/** Makes a proxy: `proxy.total(7)` calls `prefix.total` with `[7]`. */
export function createProxy<T extends object>(
  call: (method: string, params: readonly unknown[]) => Promise<unknown>,
  prefix: string,
): Proxied<T> {
  const methods = new Map<string, (...params: unknown[]) => Promise<unknown>>();
  const proxy = new Proxy(Object.create(null), {
    get: (_target, name) => {
      // An awaited proxy is asked for `then`; it is no promise.
      if (typeof name !== "string" || name === "then") return undefined;
      let method = methods.get(name);
      if (method === undefined) {
        method = (...params) => call(prefix === "" ? name : `${prefix}.${name}`, params);
        methods.set(name, method);
      }
      return method;
    },
  });
  // Which methods there are is known to T and to the responder; a wrong name is answered by a fault.
  return proxy as Proxied<T>;
}

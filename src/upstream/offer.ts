// What a kind of upstream tells the rest: the operations it has, each ready to become a method.

import type { CallContext, MethodSpec } from "../rpc/index.js";
import type { HttpAnswer, HttpRequest } from "./http/exchange.js";

/** One operation that can become a method. */
export interface Offer {
  /** The name by which `include` and `names` speak of it. */
  readonly id: string;
  /**
   * The method, under the name that it was given.
   *
   * @throws Error saying why it cannot be called from here
   */
  readonly build: (name: string) => MethodSpec;
}

/** What an upstream offers at one time. */
export interface Offers {
  readonly offers: readonly Offer[];
  /** Equal for equal offers, so that a refresh that changes nothing does nothing. */
  readonly version: string;
  /** True if the settings themselves name every operation, and `include` may be left out. */
  readonly areNamed?: boolean;
}

/** What an upstream is asked with. */
export interface Caller {
  /**
   * On behalf of a call: says who is calling, and ends when the call does.
   *
   * @param read makes the result of the answer, of any status
   * @throws RpcFault for a failure; what `read` throws, a failure as its fault
   */
  call<T>(request: HttpRequest, call: CallContext, read: (answer: HttpAnswer) => T): Promise<T>;
  /**
   * On behalf of calls of one requester: ends when all of them have.
   *
   * @throws UpstreamFailure for a failure; what `read` throws
   */
  callTogether<T>(request: HttpRequest, calls: readonly CallContext[], read: (answer: HttpAnswer) => T): Promise<T>;
  /** The error that a call gets: a failure is logged and becomes its fault, anything else stays what it is. */
  problemOf(error: unknown, call: CallContext): unknown;
  /** On the gateway's own behalf, for descriptions. Throws UpstreamFailure, and what `read` throws. */
  ask<T>(request: HttpRequest, read: (answer: HttpAnswer) => T): Promise<T>;
}

// The service `examples`: one small method for each thing that a handler can do.
import {
  array,
  base64,
  boolean,
  CallContext,
  dateTime,
  double,
  enumeration,
  int,
  long,
  named,
  nullable,
  optional,
  RpcFault,
  record,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "../rpc/index.js";
import { stateNames } from "./state-names.js";

const orderLine = struct({ item: string, quantity: int, price: double });
const colour = enumeration("red", "yellow", "blue");
const MAX_WAIT_SECONDS = 3600;
/** 20! is the last factorial that 64 bits hold. */
const MAX_FACTORIAL = 20;

/** Methods to try a gateway with. Each shows one feature, and its name says which. */
@rpcService("examples")
export class Examples {
  @rpcMethod({ params: [named("index", int)], returns: string, doc: "Name of the index-th US state, 1 to 50." })
  getStateName(index: number): string {
    const name = stateNames[index - 1];
    if (name === undefined) throw new RpcFault(4, `no state ${index}`);
    return name;
  }

  @rpcMethod({
    params: [
      named("order", struct({ lines: array(orderLine), note: optional(string) })),
      named("discount", optional(double)),
    ],
    returns: struct({ total: double, quantities: record(int), note: optional(string) }),
    doc: "Total of an order, and how many of each item it holds.\nA struct with an optional member, an optional parameter, a record.",
  })
  orderTotal(
    order: { lines: { item: string; quantity: number; price: number }[]; note?: string | undefined },
    discount = 0,
  ): { total: number; quantities: Record<string, number>; note: string | undefined } {
    if (discount < 0 || discount > 1) throw new RpcFault(5, "a discount is from 0 to 1");
    const quantities = new Map<string, number>();
    let total = 0;
    for (const { item, quantity, price } of order.lines) {
      quantities.set(item, (quantities.get(item) ?? 0) + quantity);
      total += quantity * price;
    }
    return { total: total * (1 - discount), quantities: Object.fromEntries(quantities), note: order.note };
  }

  @rpcMethod({ params: [named("when", dateTime)], returns: dateTime, doc: "The same time on the next day (UTC)." })
  nextDay(when: Date): Date {
    const next = new Date(when);
    next.setUTCDate(next.getUTCDate() + 1);
    return next;
  }

  @rpcMethod({ params: [named("bytes", base64)], returns: base64, doc: "The same bytes." })
  echoBytes(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  @rpcMethod({ params: [named("n", int)], returns: long, doc: "n! for 0 to 20, as a 64-bit integer." })
  factorial(n: number): bigint {
    if (n < 0 || n > MAX_FACTORIAL) throw new RpcFault(6, `a number from 0 to ${MAX_FACTORIAL} expected, got ${n}`);
    let product = 1n;
    for (let factor = 2n; factor <= BigInt(n); factor += 1n) product *= factor;
    return product;
  }

  @rpcMethod({
    params: [named("one", colour), named("other", colour)],
    returns: string,
    doc: "What two primary colours make together.",
  })
  mixColours(one: "red" | "yellow" | "blue", other: "red" | "yellow" | "blue"): string {
    if (one === other) return one;
    const missing = ["red", "yellow", "blue"].find((primary) => primary !== one && primary !== other);
    return missing === "red" ? "green" : missing === "yellow" ? "purple" : "orange";
  }

  @rpcMethod({
    params: [named("texts", array(string))],
    returns: nullable(string),
    doc: "The longest of the texts, or nil for none.",
  })
  longest(texts: string[]): string | null {
    return texts.reduce<string | null>(
      (best, text) => (best === null || text.length > best.length ? text : best),
      null,
    );
  }

  @rpcMethod({
    params: [named("name", string), named("password", string({ secret: true }))],
    returns: boolean,
    doc: "True if the password does not hold the name. The password is never shown.",
  })
  acceptsPassword(name: string, password: string): boolean {
    return password.length >= 8 && !password.toLowerCase().includes(name.toLowerCase());
  }

  @rpcMethod({ params: [], returns: string, doc: "Greets you by your address." })
  hello(call: CallContext): string {
    return `Hello ${call.requester.jid.bare}`;
  }

  @rpcMethod({ params: [named("text", string)], doc: "Returns nothing." })
  forget(_text: string): void {}

  @rpcMethod({
    params: [named("seconds", double)],
    returns: string,
    doc: "Answers after so many seconds. Ends early when the call is aborted.",
    deadlineMs: MAX_WAIT_SECONDS * 1000,
  })
  wait(seconds: number, call: CallContext): Promise<string> {
    if (!(seconds >= 0 && seconds < MAX_WAIT_SECONDS))
      throw new RpcFault(7, `seconds from 0 to less than ${MAX_WAIT_SECONDS} expected`);
    const { signal } = call;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(new RpcFault(8, "stopped waiting"));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve(`waited ${seconds} s`);
      }, seconds * 1000);
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}

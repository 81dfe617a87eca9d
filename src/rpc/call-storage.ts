// The call that is running, for whoever gets CallContext by injection. One AsyncLocalStorage a gateway, used only once someone does.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "../observe/index.js";
import { CallContext, type Requester } from "./call.js";
import type { MethodSpec } from "./method-spec.js";

/** Carries the running call to injected contexts. */
export class CallStorage {
  /** The context to inject. One object for all scopes: its getters read the call that is running. */
  readonly injected: CallContext;
  readonly #storage = new AsyncLocalStorage<CallContext | undefined>();
  #isUsed = false;
  #running: CallContext | undefined;

  constructor() {
    this.injected = new InjectedContext(() => this.#storage.getStore());
  }

  /** Says that someone was given {@link injected}. From then on calls are carried. */
  use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    // Injected for the first time from inside a call that was started without: that call is carried from here on.
    if (this.#running !== undefined) this.#storage.enterWith(this.#running);
  }

  /** Runs a handler inside a call. */
  run(call: CallContext, handler: MethodSpec["handler"], args: unknown[]): unknown {
    if (this.#isUsed) return this.#storage.run(call, handler, args, call);
    const outer = this.#running;
    this.#running = call;
    try {
      return handler(args, call);
    } finally {
      this.#running = outer;
      // use() entered the call from within; whoever called run() is outside it.
      if (this.#isUsed) this.#storage.enterWith(outer);
    }
  }
}

class InjectedContext extends CallContext {
  readonly #current: () => CallContext | undefined;

  constructor(current: () => CallContext | undefined) {
    super();
    this.#current = current;
  }

  #call(): CallContext {
    const call = this.#current();
    if (call === undefined)
      throw new Error("CallContext was read outside a call: it knows only the call that is running");
    return call;
  }

  override get id(): string {
    return this.#call().id;
  }
  override get method(): string {
    return this.#call().method;
  }
  override get requester(): Requester {
    return this.#call().requester;
  }
  override get via(): string {
    return this.#call().via;
  }
  override get deadlineMs(): number {
    return this.#call().deadlineMs;
  }
  override get remainingMs(): number {
    return this.#call().remainingMs;
  }
  override get signal(): AbortSignal {
    return this.#call().signal;
  }
  override get log(): Logger {
    return this.#call().log;
  }
}

// Time: deadlines, late results, signals, draining. The clock is vitest's.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CallContext, defineMethod, int, RpcFault, string } from "../../src/rpc/index.js";
import { testDispatcher } from "./support.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => {});

/** A method that ends when the test says so. */
function controlled(name: string, deadlineMs?: number) {
  const { promise, resolve, reject } = withResolvers<string>();
  let context: CallContext | undefined;
  const method = defineMethod(
    name,
    { params: [], returns: string, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
    (call) => {
      context = call;
      return promise;
    },
  );
  return { method, resolve, reject, context: () => context };
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function withResolvers<T>(): Resolvers<T> {
  const parts: { resolve?: (value: T) => void; reject?: (reason: unknown) => void } = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return { promise, resolve: (value) => parts.resolve?.(value), reject: (reason) => parts.reject?.(reason) };
}

describe("a deadline", () => {
  it("of 20 s ends a call that does not answer, and not a millisecond before", async () => {
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method]);
    const outcome = Promise.resolve(call("slow"));
    const settled = vi.fn<() => void>();
    void outcome.then(settled);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toEqual({ kind: "fault", code: -32400, string: "deadline of 20000 ms passed [call c1]" });
    expect(dispatcher.inFlight).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of the method's own replaces the default, and the limit changes the default", async () => {
    const { call } = testDispatcher([controlled("own", 50).method, controlled("default").method], {
      limits: { methodDeadlineMs: 70 },
    });
    const outcomes = Promise.all([call("own"), call("default")]);
    await vi.advanceTimersByTimeAsync(70);
    expect(await outcomes).toEqual([
      expect.objectContaining({ string: "deadline of 50 ms passed [call c1]" }),
      expect.objectContaining({ string: "deadline of 70 ms passed [call c2]" }),
    ]);
  });

  it("aborts the signal, whether it was read before or is read after", async () => {
    const slow = controlled("slow", 10);
    const { call } = testDispatcher([slow.method]);
    const first = Promise.resolve(call("slow"));
    const before = slow.context()?.signal;
    expect(before?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    await first;
    expect(before?.aborted).toBe(true);
    expect(before?.reason).toEqual(new Error("deadline of 10 ms passed"));

    const second = Promise.resolve(call("slow"));
    await vi.advanceTimersByTimeAsync(10);
    await second;
    expect(slow.context()?.signal.aborted).toBe(true);
  });

  it("drops and logs what comes late, result or error", async () => {
    const slow = controlled("slow", 10);
    const failing = controlled("failing", 10);
    const { call, log } = testDispatcher([slow.method, failing.method]);
    const outcomes = [Promise.resolve(call("slow")), Promise.resolve(call("failing"))];
    await vi.advanceTimersByTimeAsync(10);
    slow.resolve("too late");
    failing.reject(new Error("much too late"));
    await vi.advanceTimersByTimeAsync(0);
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ code: -32400 });
    expect(log.lines.filter((line) => line.event === "call.late")).toMatchObject([
      { fields: { method: "slow", outcome: "value" } },
      { fields: { method: "failing", outcome: "error" } },
    ]);
  });

  it("leaves no timer behind a call that answered in time", async () => {
    const slow = controlled("slow");
    const { call } = testDispatcher([slow.method]);
    const outcome = Promise.resolve(call("slow"));
    slow.resolve("in time");
    expect(await outcome).toMatchObject({ value: "in time" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("starts no timer for a handler that returns at once", () => {
    const { call } = testDispatcher([defineMethod("now", { params: [], returns: int }, () => 1)]);
    expect(call("now")).toMatchObject({ value: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells what is left of it", async () => {
    const slow = controlled("slow", 1000);
    const { call } = testDispatcher([slow.method]);
    const outcome = Promise.resolve(call("slow"));
    await vi.advanceTimersByTimeAsync(400);
    expect(slow.context()?.remainingMs).toBe(600);
    await vi.advanceTimersByTimeAsync(700);
    expect(slow.context()?.remainingMs).toBe(0);
    await outcome;
  });
});

describe("draining", () => {
  it("refuses new calls, lets those that run end, and then resolves", async () => {
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method]);
    const running = Promise.resolve(call("slow"));
    const drained = vi.fn<() => void>();
    const drain = dispatcher.drain().then(drained);
    expect(call("slow")).toMatchObject({ kind: "refused", reason: "shutting-down" });
    await vi.advanceTimersByTimeAsync(100);
    expect(drained).not.toHaveBeenCalled();
    slow.resolve("done");
    expect(await running).toMatchObject({ value: "done" });
    await vi.advanceTimersByTimeAsync(1);
    await drain;
    const again = dispatcher.drain();
    await vi.advanceTimersByTimeAsync(1);
    await again;
  });

  it("lets the last answer be written before it resolves", async () => {
    vi.useRealTimers();
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method]);
    const written: string[] = [];
    let answering: Promise<unknown> = Promise.resolve(call("slow"));
    // A door that takes many turns to write: encoding, remembering, sending.
    for (let turn = 0; turn < 20; turn += 1) answering = answering.then((outcome) => outcome);
    void answering.then(() => written.push("answer"));
    const drain = dispatcher.drain(60_000).then(() => written.push("drained"));
    slow.resolve("done");
    await drain;
    expect(written).toEqual(["answer", "drained"]);
  });

  it("ends what still runs when the grace is over", async () => {
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method, defineMethod("never", { params: [] }, never)]);
    const outcomes = Promise.all([call("slow"), call("never")]);
    const signal = slow.context()?.signal;
    const drain = dispatcher.drain(500);
    await vi.advanceTimersByTimeAsync(501);
    await drain;
    expect(await outcomes).toEqual([
      { kind: "fault", code: -32400, string: "the responder is shutting down [call c1]" },
      { kind: "fault", code: -32400, string: "the responder is shutting down [call c2]" },
    ]);
    expect(signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("calls in flight", () => {
  it("are 1,024 a requester; one more is refused, another requester's is not", async () => {
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method]);
    const running = Array.from({ length: 1024 }, () => call("slow"));
    expect(dispatcher.inFlight).toBe(1024);
    expect(call("slow")).toMatchObject({
      kind: "refused",
      reason: "overloaded",
      text: "1024 of your calls are in flight",
    });
    expect(call("slow", [], "bob@example.org/desk")).toBeInstanceOf(Promise);
    slow.resolve("done");
    expect(await running[1023]).toMatchObject({ value: "done" });
    await vi.advanceTimersByTimeAsync(0);
    expect(dispatcher.inFlight).toBe(0);
    expect(await call("slow")).toMatchObject({ value: "done" });
  });

  it("are 4,096 in all; one more of anyone is refused", async () => {
    const slow = controlled("slow");
    const { call, dispatcher } = testDispatcher([slow.method]);
    const running = Array.from({ length: 4096 }, (_, one) => call("slow", [], `u${one}@example.org/r`));
    expect(dispatcher.inFlight).toBe(4096);
    expect(call("slow", [], "late@example.org/r")).toMatchObject({
      reason: "overloaded",
      text: "4096 calls are in flight",
    });
    slow.resolve("done");
    await Promise.all(running.map((one) => Promise.resolve(one)));
    expect(dispatcher.inFlight).toBe(0);
    expect(await call("slow", [], "late@example.org/r")).toMatchObject({ value: "done" });
  });

  it("do not hold back methods that fail", async () => {
    const { call, dispatcher } = testDispatcher(
      [defineMethod("failing", { params: [] }, () => Promise.reject(new RpcFault(1, "no")))],
      { limits: { callsInFlightPerRequester: 1 } },
    );
    for (let one = 0; one < 3; one += 1) expect(await call("failing")).toMatchObject({ code: 1 });
    expect(dispatcher.inFlight).toBe(0);
  });
});

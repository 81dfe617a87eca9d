// Every refusal and fault that the dispatcher gives, and handlers that were made to break it.
import { describe, expect, it } from "vitest";
import {
  array,
  buildMethod,
  defineMethod,
  faultCodes,
  faultOfRefusal,
  type Interceptor,
  int,
  isApplicationCode,
  type MethodSpec,
  RESERVED_CODES,
  RpcFault,
  serverFault,
  string,
} from "../../src/rpc/index.js";
import { testDispatcher } from "./support.js";

/** A method whose handler the compiler would refuse. */
function poisoned(name: string, handler: () => unknown): MethodSpec {
  return { name, params: [], handler };
}

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

describe("refusals", () => {
  it("look the same for forbidden methods, whether they exist or not", () => {
    const { call } = testDispatcher([defineMethod("shop.refund", { params: [] }, () => undefined)], {
      rules: [{ allow: "*@example.org", methods: "shop.list" }],
    });
    expect(call("shop.refund")).toEqual({
      kind: "refused",
      reason: "forbidden",
      text: "alice@example.org may not call this responder's shop.refund",
      callId: "c1",
    });
    expect(call("shop.nothing")).toMatchObject({ reason: "forbidden", text: expect.stringContaining("shop.nothing") });
    expect(call("shop.list")).toMatchObject({ reason: "not-found", text: "no method shop.list" });
  });

  it("become faults where no stanza can carry them", () => {
    const codes = { forbidden: -32001, "not-found": -32601, overloaded: -32002, "shutting-down": -32003 } as const;
    for (const reason of ["forbidden", "not-found", "overloaded", "shutting-down"] as const)
      expect(faultOfRefusal({ kind: "refused", reason, text: "why", callId: "7f3a" })).toEqual({
        kind: "fault",
        code: codes[reason],
        string: "why [call 7f3a]",
      });
  });

  it("show no more of a name than fits, and nothing that XML cannot carry", () => {
    const { call } = testDispatcher([]);
    const outcome = call(`a\u0000${"b".repeat(5000)}`);
    expect(outcome).toMatchObject({ reason: "not-found" });
    expect(JSON.stringify(outcome).length).toBeLessThan(300);
    expect(JSON.stringify(outcome)).not.toContain("\\u0000");
  });

  it("never find what is on the prototype of an object", () => {
    const { call } = testDispatcher([]);
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"])
      expect(call(name)).toMatchObject({ reason: "not-found" });
  });
});

describe("errors of handlers", () => {
  it.each([
    ["an error", new Error("the database is at /secret/path")],
    ["undefined", undefined],
    ["null", null],
    ["a string", "oops"],
    ["a number", 42],
    ["a symbol", Symbol("oops")],
    ["an object without prototype", Object.create(null)],
    [
      "an object whose text throws",
      {
        toString: () => {
          throw new Error("twice");
        },
      },
    ],
    [
      "a proxy that throws at every touch",
      new Proxy(
        {},
        {
          has: () => {
            throw new Error("has");
          },
          get: () => {
            throw new Error("get");
          },
          getPrototypeOf: () => {
            throw new Error("getPrototypeOf");
          },
        },
      ),
    ],
    ["something that looks like a fault", { code: 4, message: "no" }],
  ])("that throw %s are an internal error, sync and async", async (_, thrown) => {
    const { call, log } = testDispatcher([
      poisoned("sync", throwing(thrown)),
      poisoned("async", async () => {
        await Promise.resolve();
        throw thrown;
      }),
    ]);
    expect(call("sync")).toEqual({ kind: "fault", code: -32500, string: "internal error [call c1]" });
    expect(await call("async")).toEqual({ kind: "fault", code: -32500, string: "internal error [call c2]" });
    expect(log.lines.filter((line) => line.event === "call.failed")).toMatchObject([
      { level: "error", fields: { call: "c1", method: "sync" } },
      { level: "error", fields: { call: "c2", method: "async" } },
    ]);
  });

  it("keep the cause for the log", () => {
    const { call, log } = testDispatcher([poisoned("sync", throwing(new Error("the database is gone")))]);
    void call("sync");
    expect(log.lines.find((line) => line.event === "call.failed")?.fields.cause).toContain("the database is gone");
  });

  it.each([-32769, -31999, 0, 1, 2147483647, -2147483648])("may declare the code %i", (code) => {
    const { call } = testDispatcher([poisoned("a", throwing(new RpcFault(code, "why")))]);
    expect(call("a")).toEqual({ kind: "fault", code, string: "why [call c1]" });
  });

  it.each([-32768, -32000, -32601, 1.5, Number.NaN, 2147483648, -2147483649, Number.POSITIVE_INFINITY, "4"])(
    "may not declare the code %s",
    (code) => {
      const { call, log } = testDispatcher([poisoned("a", throwing(new RpcFault(code as number, "why")))]);
      expect(call("a")).toEqual({ kind: "fault", code: -32500, string: "internal error [call c1]" });
      expect(log.lines).toContainEqual(expect.objectContaining({ level: "error", event: "call.bad-fault-code" }));
    },
  );

  it("of the services that ship may have the responder's codes", () => {
    const { call } = testDispatcher([poisoned("a", throwing(serverFault("transportError", "the shop is closed")))]);
    expect(call("a")).toEqual({ kind: "fault", code: -32300, string: "the shop is closed [call c1]" });
  });

  it("are recognised by their brand, also those of another copy of the package", () => {
    const foreign = Object.assign(new Error("no state 60"), { code: 4, [Symbol.for("jabber-rpc.RpcFault")]: true });
    const { call } = testDispatcher([poisoned("a", throwing(foreign))]);
    expect(call("a")).toEqual({ kind: "fault", code: 4, string: "no state 60 [call c1]" });
  });

  it("lose the characters that XML cannot carry", () => {
    const { call } = testDispatcher([poisoned("a", throwing(new RpcFault(1, "a\u0000b\ud800c\uffffd\te😀")))]);
    expect(call("a")).toMatchObject({ string: "a\ufffdb\ufffdc\ufffdd\te😀 [call c1]" });
  });
});

/** An object that `await` would take for a promise: the handlers below return such. */
function thenable(then: unknown): unknown {
  // oxlint-disable-next-line unicorn/no-thenable -- it is what these tests are about
  return { then };
}

describe("results of handlers", () => {
  const getter = ["then", { get: throwing(new Error("in the getter")) }] as const;

  it("may be foreign thenables, and the first call back counts", async () => {
    const { call } = testDispatcher([
      poisoned("twice", () =>
        thenable((resolve: (value: string) => void, reject: (reason: Error) => void) => {
          resolve("first");
          reject(new Error("second"));
          resolve("third");
        }),
      ),
      poisoned("throws", () => thenable(throwing(new RpcFault(9, "in then")))),
      poisoned("getter", () => Object.defineProperty({}, ...getter)),
    ]);
    expect(await call("twice")).toMatchObject({ value: "first" });
    expect(await call("throws")).toMatchObject({ code: 9 });
    expect(await call("getter")).toMatchObject({ code: -32500 });
  });

  it("that are no promise are not taken for one", () => {
    const { call } = testDispatcher([poisoned("a", () => thenable("later")), poisoned("b", () => null)]);
    expect(call("a")).toMatchObject({ value: thenable("later") });
    expect(call("b")).toMatchObject({ value: null });
  });

  it("of void methods are undefined, to be written as the door is set", () => {
    const { call } = testDispatcher([defineMethod("a", { params: [] }, () => undefined)]);
    expect(call("a")).toMatchObject({ kind: "value", value: undefined, returns: undefined });
  });
});

describe("arguments that cannot be read", () => {
  it("for another reason than their value are our fault, and the log says why", () => {
    const { dispatcher, log } = testDispatcher([defineMethod("a", { params: [int] }, () => undefined)]);
    const { requester } = { requester: { jid: { local: "a", domain: "b", resource: "", bare: "a@b", full: "a@b" } } };
    const outcome = dispatcher.dispatch({
      method: "a",
      args: { count: 1, read: throwing(new Error("a bug")) },
      requester,
      via: "test",
    });
    expect(outcome).toEqual({ kind: "fault", code: -32603, string: "internal error [call c1]" });
    expect(log.lines).toContainEqual(expect.objectContaining({ event: "call.unreadable" }));
  });
});

describe("interceptors", () => {
  const add = defineMethod("add", { params: [int, int], returns: int }, (a, b) => a + b);
  const seen: string[] = [];
  const tracing =
    (name: string): Interceptor =>
    ({ call, spec, args }, next) => {
      seen.push(`${name} in ${call.method} ${spec.name} ${JSON.stringify(args)}`);
      const result = next();
      seen.push(`${name} out`);
      return result;
    };

  it("stand around the handler, the first outermost", () => {
    const { call } = testDispatcher([add], { interceptors: [tracing("a"), tracing("b")] });
    expect(call("add", [1, 2])).toMatchObject({ value: 3 });
    expect(seen).toEqual(["a in add add [1,2]", "b in add add [1,2]", "b out", "a out"]);
  });

  it("see neither refused nor badly typed calls", () => {
    seen.length = 0;
    const { call } = testDispatcher([add], { interceptors: [tracing("a")], rules: [{ anyone: true, methods: "add" }] });
    void call("add", ["1", 2]);
    void call("other");
    expect(seen).toEqual([]);
  });

  it("may answer themselves, change the result and wait", async () => {
    const { call } = testDispatcher([add], {
      interceptors: [
        async (_, next) => {
          await Promise.resolve();
          return Number(await next()) + 100;
        },
        (invocation, next) => (invocation.args[0] === 0 ? -1 : next()),
      ],
    });
    expect(await call("add", [1, 2])).toMatchObject({ value: 103, returns: { kind: "int" } });
    expect(await call("add", [0, 2])).toMatchObject({ value: 99 });
  });

  it("that throw are as handlers that throw, and next() runs once", () => {
    const { call } = testDispatcher([add], { interceptors: [throwing(new RpcFault(3, "closed"))] });
    expect(call("add", [1, 2])).toMatchObject({ code: 3, string: "closed [call c1]" });
    const twice = testDispatcher([add], {
      interceptors: [
        (_, next) => {
          next();
          return next();
        },
      ],
    });
    expect(twice.call("add", [1, 2])).toMatchObject({ code: -32500 });
  });
});

describe("the log", () => {
  it("has one line a call, without values", () => {
    const { call, log } = testDispatcher([
      defineMethod("login", { params: [string({ secret: true })], returns: array(string) }, (text) => [text]),
    ]);
    void call("login", ["hunter2"]);
    void call("login", [5]);
    expect(log.lines).toMatchObject([
      {
        level: "info",
        event: "call.done",
        fields: { call: "c1", method: "login", requester: "alice@example.org/desk", via: "test", outcome: "value" },
      },
      { level: "info", event: "call.done", fields: { call: "c2", outcome: "fault", code: -32602 } },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain("hunter2");
  });
});

describe("fault codes", () => {
  it("of the responder are reserved and distinct", () => {
    const codes = Object.values(faultCodes).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) {
      expect(code).toBeGreaterThanOrEqual(RESERVED_CODES.lowest);
      expect(code).toBeLessThanOrEqual(RESERVED_CODES.highest);
      expect(isApplicationCode(code)).toBe(false);
    }
    for (const [name, row] of Object.entries(faultCodes)) expect(row.name).toBe(name);
  });
});

describe("the table", () => {
  const one = defineMethod("b.one", { params: [] }, () => undefined);
  it("lists by name, adds all or none, removes, and says when it changes", () => {
    const { table } = testDispatcher([one]);
    let changes = 0;
    const stop = table.onChange(() => {
      changes += 1;
    });
    table.add([defineMethod("a.two", { params: [] }, () => undefined)]);
    expect(table.list().map(({ name }) => name)).toEqual(["a.two", "b.one"]);
    const before = table.list();
    expect(() => table.add([defineMethod("c", { params: [] }, () => undefined), one])).toThrow(
      '"b.one": there is a method of this name',
    );
    expect(table.find("c")).toBeUndefined();
    expect(table.list()).toBe(before);
    expect(changes).toBe(1);
    expect(table.remove("b.one")).toBe(true);
    expect(table.remove("b.one")).toBe(false);
    expect(changes).toBe(2);
    stop();
    table.remove("a.two");
    expect(changes).toBe(2);
    expect(before).toHaveLength(2);
  });

  it("keeps system.* for the responder", () => {
    const { table } = testDispatcher([]);
    const mine = buildMethod("system.mine", { params: [] }, () => undefined);
    expect(() => table.add([mine])).toThrow("names under system. belong to the responder");
    table.addReserved([mine]);
    expect(() => table.addReserved([one])).toThrow('"b.one" is not under system.');
    expect(table.list()).toEqual([mine]);
  });
});

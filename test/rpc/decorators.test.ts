// Classes as services: what the decorators refuse, what they infer, how the container builds, and whose call an injected context is.
import { inject, injectable } from "inversify";
import { describe, expect, it } from "vitest";
import { parseJid } from "../../src/jid.js";
import {
  CallContext,
  type ChatMessage,
  createServices,
  int,
  named,
  onMessage,
  readHandlersModule,
  rpcMethod,
  rpcService,
  string,
} from "../../src/rpc/index.js";
import { memoryLog, testDispatcher, typed } from "./support.js";

@injectable()
class Atlas {
  stateName(index: number): string | undefined {
    return ["", "Alabama"][index];
  }
}

@rpcService("examples")
class StateNames {
  constructor(private readonly atlas: Atlas) {}

  @rpcMethod({ params: [named("index", int)], returns: string, doc: "Name of a state." })
  async getStateName(index: number, call: CallContext): Promise<string> {
    await Promise.resolve();
    return `${this.atlas.stateName(index)} for ${call.requester.jid.local}`;
  }
}

/** Applies a decorator as the compiler would, where the compiler itself would refuse. */
function decorate(decorator: unknown, ...args: readonly unknown[]): void {
  (decorator as (...args: readonly unknown[]) => void)(...args);
}

describe("@rpcService and @rpcMethod", () => {
  it("make the methods of a class callable", async () => {
    const { methods, storage } = await createServices({
      services: [StateNames],
      bind: [(container) => void container.bind(Atlas).toSelf()],
    });
    expect(methods).toMatchObject([
      {
        name: "examples.getStateName",
        params: [{ name: "index", shape: { kind: "int" } }],
        returns: { kind: "string" },
        doc: "Name of a state.",
      },
    ]);
    const { call } = testDispatcher(methods, { storage });
    expect(await call("examples.getStateName", [1])).toMatchObject({ value: "Alabama for alice" });
  });

  const method = { value: () => undefined };
  class Plain {
    readonly member = 1;
  }
  it.each<[string, readonly unknown[], string]>([
    ["a static method", [Plain, "a", method], "Plain.a: @rpcMethod on a static method"],
    ["a property", [Plain.prototype, "a", undefined], "Plain.a: @rpcMethod on a property"],
    ["an accessor", [Plain.prototype, "a", { get: () => 1 }], "Plain.a: @rpcMethod on an accessor"],
    ["a symbol", [Plain.prototype, Symbol("a"), method], "Plain.Symbol(a): @rpcMethod on a symbol"],
  ])("refuse %s", (_, args, text) => {
    expect(() => decorate(rpcMethod({ params: [] }), ...args)).toThrow(text);
  });

  it("refuse a method decorated twice", () => {
    class Twice {
      readonly member = 1;
    }
    const once = rpcMethod({ params: [] });
    decorate(once, Twice.prototype, "a", method);
    expect(() => decorate(once, Twice.prototype, "a", method)).toThrow("Twice.a: decorated with @rpcMethod twice");
  });

  it("refuse two methods of one name, and a class decorated twice", () => {
    class Doubled {
      @rpcMethod({ params: [] })
      a(): void {}
      @rpcMethod({ params: [], name: "a" })
      b(): void {}
    }
    expect(() => rpcService("x")(Doubled)).toThrow('Doubled.b: there is another method named "a"');
    expect(() => rpcService("examples")(StateNames)).toThrow("@rpcService on StateNames: decorated twice");
  });

  it.each(["", "a b", "ä", "system.", "system.x", "a-b"])("refuse the prefix %j", (prefix) => {
    class Fresh {
      @rpcMethod({ params: [] })
      a(): void {}
    }
    expect(() => rpcService(prefix)(Fresh)).toThrow(TypeError);
  });

  it("refuse the prefix system, bad names, and classes without methods", () => {
    class Fresh {
      @rpcMethod({ params: [] })
      a(): void {}
    }
    expect(() => rpcService("system")(Fresh)).toThrow("names under system. belong to the responder");
    class BadName {
      @rpcMethod({ params: [], name: "a b" })
      a(): void {}
    }
    expect(() => rpcService("x")(BadName)).toThrow('BadName.a: "x.a b": a method\'s name is made of');
    class Empty {
      readonly member = 1;
    }
    expect(() => rpcService("x")(Empty)).toThrow("@rpcService on Empty: no method is decorated with @rpcMethod");
  });

  it("refuse optional parameters before required ones, and what is no descriptor", () => {
    const wrong = { params: [{ kind: "int" }] } as unknown as { params: [] };
    expect(() => decorate(rpcMethod(wrong), Plain.prototype, "a", method)).toThrow("params[0] is no descriptor");
  });

  it("inherit methods; the class below replaces them", async () => {
    class Base {
      @rpcMethod({ params: [], returns: string })
      kept(): string {
        return "base";
      }
      @rpcMethod({ params: [], returns: string })
      replaced(): string {
        return "base";
      }
    }
    @rpcService("derived")
    class Derived extends Base {
      @rpcMethod({ params: [int], returns: string })
      // @ts-expect-error: another signature than the class above, to see which one counts
      override replaced(n: number): string {
        return `derived ${n}`;
      }
    }
    const { methods } = await createServices({ services: [Derived] });
    const { call } = testDispatcher(methods);
    expect(call("derived.kept")).toMatchObject({ value: "base" });
    expect(call("derived.replaced", [1])).toMatchObject({ value: "derived 1" });
  });
});

describe("inference", () => {
  @rpcService("inferred")
  class Inferred {
    @rpcMethod({ doc: "No descriptors." })
    all(text: string, isIt: boolean, count: number, when: Date, bytes: Uint8Array, call: CallContext): unknown {
      return [text, isIt, count, when.getTime(), bytes.length, call.id];
    }
  }

  it("takes what the compiler's metadata says", async () => {
    const { methods } = await createServices({ services: [Inferred] });
    const [all] = methods;
    expect(all?.params.map(({ shape }) => shape.kind)).toEqual(["string", "boolean", "number", "dateTime", "base64"]);
    expect(all?.returns).toBeUndefined();
    const { call } = testDispatcher(methods);
    const rest = [new Date(0), new Uint8Array(3)];
    expect(call("inferred.all", ["a", true, 1, ...rest])).toMatchObject({ value: ["a", true, 1, 0, 3, "c1"] });
    expect(call("inferred.all", ["a", true, 1.5, ...rest])).toMatchObject({ value: ["a", true, 1.5, 0, 3, "c2"] });
    expect(call("inferred.all", ["a", true, "1", ...rest])).toMatchObject({ code: -32602 });
    expect(call("inferred.all", ["a", true, typed({ type: "i8", value: 2n ** 60n }), ...rest])).toMatchObject({
      code: -32602,
    });
  });

  it.each<[string, unknown, string]>([
    ["an array", Array, "parameter 2 is an array"],
    ["a union or an interface", Object, "parameter 2 is a union, an interface or any"],
    ["a class imported by import type", Function, "imported by `import type`"],
    ["a Promise", Promise, "parameter 2 is Promise"],
    ["a Map", Map, "parameter 2 is Map"],
    ["nothing at all", undefined, "parameter 2 is undefined"],
  ])("stops the start at %s, naming method and parameter", (_, type, text) => {
    class Orders {
      total(): void {}
    }
    Reflect.defineMetadata("design:paramtypes", [String, type], Orders.prototype, "total");
    const decorated = (): void => decorate(rpcMethod(), Orders.prototype, "total", { value: () => undefined });
    expect(decorated).toThrow(/^Orders\.total: parameter 2 /);
    expect(decorated).toThrow(text);
    expect(decorated).toThrow("params");
  });

  it("refuses the context anywhere but last", () => {
    class Orders {
      readonly member = 1;
    }
    Reflect.defineMetadata("design:paramtypes", [CallContext, String], Orders.prototype, "total");
    expect(() => decorate(rpcMethod(), Orders.prototype, "total", { value: () => undefined })).toThrow(
      "Orders.total: parameter 1 is CallContext, which can only be the last",
    );
  });

  it("without metadata names the compiler option", () => {
    class Orders {
      readonly member = 1;
    }
    expect(() => decorate(rpcMethod(), Orders.prototype, "total", { value: () => undefined })).toThrow(
      /^Orders\.total: no descriptors, and no metadata .*"emitDecoratorMetadata": true/,
    );
  });
});

describe("the container", () => {
  it("says what is missing, at start", async () => {
    await expect(createServices({ services: [StateNames] })).rejects.toThrow(/^StateNames cannot be built: .*Atlas/s);
    class Undecorated {
      readonly member = 1;
    }
    await expect(createServices({ services: [Undecorated] })).rejects.toThrow(
      "Undecorated: a class with @rpcService(prefix) expected",
    );
  });

  it("names the compiler option when a constructor has no metadata, unless the class is bound", async () => {
    class NoMetadata {
      readonly greeting: string;
      constructor(greeting: string) {
        this.greeting = greeting;
      }
      hello(): string {
        return this.greeting;
      }
    }
    decorate(rpcMethod({ params: [], returns: string }), NoMetadata.prototype, "hello", {
      value: () => "never called by the decorator",
    });
    rpcService("none")(NoMetadata);
    await expect(createServices({ services: [NoMetadata] })).rejects.toThrow(
      /^NoMetadata cannot be built: its constructor has parameters but no metadata; set "emitDecoratorMetadata": true/,
    );
    const { methods } = await createServices({
      services: [NoMetadata],
      bind: [(container) => void container.bind(NoMetadata).toDynamicValue(() => new NoMetadata("hi"))],
    });
    expect(testDispatcher(methods).call("none.hello")).toMatchObject({ value: "hi" });
  });

  it("names a constructor's parameter that was imported by import type", async () => {
    class Lost {
      readonly dependency: unknown;
      constructor(dependency: unknown) {
        this.dependency = dependency;
      }
    }
    Reflect.defineMetadata("design:paramtypes", [Function], Lost);
    decorate(rpcMethod({ params: [] }), Lost.prototype, "a", { value: () => undefined });
    rpcService("lost")(Lost);
    await expect(createServices({ services: [Lost] })).rejects.toThrow(
      "Lost cannot be built: parameter 1 of its constructor may be a class that was imported by `import type`",
    );
  });

  it("makes one instance, or as many as the class is bound for", async () => {
    let made = 0;
    @rpcService("counted")
    class Counted {
      readonly number: number;
      constructor() {
        made += 1;
        this.number = made;
      }
      @rpcMethod({ params: [], returns: int })
      which(): number {
        return this.number;
      }
    }
    const single = testDispatcher((await createServices({ services: [Counted] })).methods);
    expect([single.call("counted.which"), single.call("counted.which")]).toMatchObject([{ value: 1 }, { value: 1 }]);
    expect(made).toBe(1);
    const { methods } = await createServices({
      services: [Counted],
      bind: [(container) => void container.bind(Counted).toSelf().inTransientScope()],
    });
    const many = testDispatcher(methods);
    const [one, two] = [many.call("counted.which"), many.call("counted.which")];
    expect(one).not.toEqual(two);
  });

  it("runs deactivations when it is closed, once", async () => {
    let closed = 0;
    const { close, methods } = await createServices({
      services: [StateNames],
      bind: [
        async (container) => {
          await Promise.resolve();
          container
            .bind(Atlas)
            .toSelf()
            .inSingletonScope()
            .onDeactivation(() => {
              closed += 1;
            });
        },
      ],
    });
    expect(methods).toHaveLength(1);
    await close();
    await close();
    expect(closed).toBe(1);
  });
});

describe("an injected CallContext", () => {
  @injectable()
  class Audit {
    constructor(readonly context: CallContext) {}
    who(): string {
      return `${this.context.requester.jid.local}:${this.context.id}`;
    }
  }

  @rpcService("safe")
  class Safe {
    constructor(
      private readonly context: CallContext,
      private readonly audit: Audit,
    ) {}

    @rpcMethod({ params: [int], returns: string })
    async who(turns: number): Promise<string> {
      const before = this.context.requester.jid.local;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return `${before} ${this.audit.who()}`;
    }
  }

  const bindAudit = (container: import("inversify").Container): void =>
    void container.bind(Audit).toSelf().inSingletonScope();

  it("is each call's own, in a singleton that serves many at a time", async () => {
    const { methods, storage } = await createServices({ services: [Safe], bind: [bindAudit] });
    const { call } = testDispatcher(methods, { storage });
    const names = Array.from({ length: 50 }, (_, one) => `u${one}`);
    const outcomes = await Promise.all(
      names.map(async (name, one) => call("safe.who", [one % 7], `${name}@example.org/x`)),
    );
    expect(outcomes).toMatchObject(
      names.map((name) => ({ value: expect.stringMatching(`^${name} ${name}:c\\d+$`) as string })),
    );
  });

  it("throws outside a call", async () => {
    let audit: Audit | undefined;
    await createServices({
      services: [Safe],
      bind: [
        (container) => void container.bind(Audit).toSelf().inSingletonScope(),
        (container) =>
          container.onActivation(Audit, (_, one) => {
            audit = one;
            return one;
          }),
      ],
    });
    expect(() => audit?.who()).toThrow("CallContext was read outside a call");
  });

  it("works where it is first injected in the middle of a call", async () => {
    @rpcService("lazy")
    class Lazy {
      constructor(@inject("audit") private readonly audit: () => Audit) {}
      @rpcMethod({ params: [], returns: string })
      async who(): Promise<string> {
        const audit = this.audit();
        await Promise.resolve();
        return audit.who();
      }
    }
    const { methods, storage } = await createServices({
      services: [Lazy],
      bind: [
        bindAudit,
        (container) => void container.bind("audit").toDynamicValue((context) => () => context.get(Audit)),
      ],
    });
    const { call } = testDispatcher(methods, { storage });
    const first = call("lazy.who", [], "a@example.org");
    expect(await call("lazy.who", [], "b@example.org")).toMatchObject({
      value: expect.stringContaining("b:") as string,
    });
    expect(await first).toMatchObject({ value: expect.stringContaining("a:") as string });
    expect(() => storage.injected.id).toThrow("outside a call");
  });

  it("has every member of the call", async () => {
    const seen: unknown[] = [];
    @rpcService("all")
    class All {
      constructor(private readonly context: CallContext) {}
      @rpcMethod({ params: [] })
      see(call: CallContext): void {
        for (const name of ["id", "method", "requester", "via", "deadlineMs", "signal"] as const)
          seen.push([name, this.context[name] === call[name]]);
        this.context.log.info("seen");
        seen.push(this.context.remainingMs <= 20_000);
      }
    }
    const { methods, storage } = await createServices({ services: [All] });
    const log = memoryLog();
    void testDispatcher(methods, { storage, log }).call("all.see");
    expect(seen).toEqual([
      ...["id", "method", "requester", "via", "deadlineMs", "signal"].map((name) => [name, true]),
      true,
    ]);
    expect(log.lines[0]).toEqual({ level: "info", event: "seen", fields: { call: "c1", method: "all.see" } });
  });
});

const bind = (): void => {};
const reply = (): string => "hello";

describe("@onMessage", () => {
  const method = { value: () => undefined };
  class Plain {
    readonly member = 1;
  }
  it.each<[string, readonly unknown[]]>([
    ["a static method", [Plain, "a", method]],
    ["a property", [Plain.prototype, "a", undefined]],
    ["an accessor", [Plain.prototype, "a", { get: () => 1 }]],
    ["a symbol", [Plain.prototype, Symbol("a"), method]],
    [
      "a static method, as a standard decorator",
      [() => 1, { kind: "method", name: "a", static: true, private: false }],
    ],
    ["a private method", [() => 1, { kind: "method", name: "a", static: false, private: true }]],
    ["a field", [undefined, { kind: "field", name: "a", static: false, private: false }]],
  ])("refuses %s", (_, args) => {
    expect(() => decorate(onMessage(), ...args)).toThrow("@onMessage is for");
  });

  it("is enough for a service, and is inherited", async () => {
    class Base {
      @onMessage()
      first({ body }: ChatMessage): string {
        return `base ${body}`;
      }
    }
    @rpcService("bot")
    class Bot extends Base {
      @onMessage()
      second(): void {}
      override first(message: ChatMessage): string {
        return `bot, ${super.first(message)}`;
      }
    }
    const { methods, onMessage: handlers } = await createServices({ services: [Bot] });
    expect(methods).toEqual([]);
    const call = {} as CallContext;
    const message = { from: parseJid("a@example.org"), body: "hi" };
    expect(handlers.map((handler) => handler(message, call))).toEqual(["bot, base hi", undefined]);
  });

  it("works as a standard decorator, which another one above it must not replace", async () => {
    const say = { say: () => "standard" }.say;
    const initializers: ((this: object) => void)[] = [];
    const context = {
      kind: "method",
      name: "say",
      static: false,
      private: false,
      addInitializer: (run: (this: object) => void) => initializers.push(run),
    };
    decorate(onMessage(), say, context);
    class Kept {
      readonly member = 1;
    }
    Object.defineProperty(Kept.prototype, "say", { value: say });
    rpcService("kept")(Kept);
    for (const run of initializers) run.call(new Kept());
    const { onMessage: handlers } = await createServices({ services: [Kept] });
    expect(handlers.map((handler) => handler({ from: parseJid("a@b"), body: "" }, {} as CallContext))).toEqual([
      "standard",
    ]);
    class Replaced {
      @rpcMethod({ params: [] })
      say(): void {}
    }
    rpcService("replaced")(Replaced);
    expect(() => initializers[0]?.call(new Replaced())).toThrow("put @onMessage above it");
  });
});

describe("a handlers module", () => {
  const methods = [{ name: "a", params: [], handler: () => undefined }];
  it("exports its parts, or classes", () => {
    const declared = { services: [StateNames], methods, onMessage: reply, bind };
    expect(readHandlersModule({ default: declared }, "./m.js")).toEqual({
      services: [StateNames],
      methods,
      onMessage: [reply],
      bind: [bind],
    });
    expect(readHandlersModule({ StateNames, again: StateNames, helper: () => 1 }, "./m.js")).toEqual({
      services: [StateNames],
      methods: [],
      onMessage: [],
      bind: [],
    });
    expect(readHandlersModule({ default: StateNames }, "./m.js").services).toEqual([StateNames]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["nothing", {}, "./m.js exports no handlers"],
    ["something unknown", { default: { service: [] } }, "./m.js: default.service is unknown"],
    [
      "a plain class",
      {
        default: {
          services: [
            class {
              readonly member = 1;
            },
          ],
        },
      },
      "./m.js: default.services must be",
    ],
    ["no methods", { default: { methods: [() => 1] } }, "./m.js: default.methods must be"],
    ["no function", { default: { bind: 1 } }, "./m.js: default.bind must be"],
    ["no handler of messages", { default: { onMessage: [] } }, "./m.js: default.onMessage must be"],
  ])("that exports %s is refused", (_, exported, text) => {
    expect(() => readHandlersModule(exported, "./m.js")).toThrow(text);
  });
});

// Who may call what: contract of the access list, and the bypasses that broke other libraries' rules.
import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { parseJid } from "../../src/jid.js";
import {
  type Access,
  type AccessRule,
  AccessRuleError,
  compileAccess,
  compileForward,
  type ForwardAccess,
} from "../../src/rpc/index.js";

const may = (access: Access, jid: string, method: string): boolean => access.mayCall(parseJid(jid), method).allowed;

const mayForward = (access: ForwardAccess, from: string, to: string, method: string): boolean =>
  access.mayForward(parseJid(from), parseJid(to), method);

describe("a rule's address", () => {
  it.each([
    // [pattern, address, matches]
    ["example.org", "example.org", true],
    ["example.org", "example.org/rpc", false],
    ["example.org", "joe@example.org", false],
    ["example.org/rpc", "example.org/rpc", true],
    ["example.org/rpc", "example.org/other", false],
    ["*@example.org", "joe@example.org", true],
    ["*@example.org", "joe@example.org/desk", true],
    ["*@example.org", "example.org", false],
    ["*@example.org", "example.org/rpc", false],
    ["*@example.org", "joe@sub.example.org", false],
    ["*@EXAMPLE.org", "joe@example.org", true],
    ["joe@example.org", "joe@example.org", true],
    ["joe@example.org", "joe@example.org/desk", true],
    ["Joe@example.org", "joe@example.org/desk", true],
    ["joe@example.org", "joey@example.org", false],
    ["joe@example.org/desk", "joe@example.org/desk", true],
    ["joe@example.org/desk", "joe@example.org", false],
    ["joe@example.org/desk", "joe@example.org/Desk", false],
    // What broke an unanchored substring match.
    ["frank@evil.net", "notfrank@evil.net", false],
    ["test@xmpp.org/unit", "a@b/test@xmpp.org/unit", false],
    ["*@xmpp.org", "joe@xmpp.org.evil.net/rpc", false],
    ["*@xmpp.org", "joe@evil.net/x@xmpp.org/rpc", false],
    ["*@xmpp.org", "joe@notxmpp.org", false],
    ["joe@xmpp.org", "joe@xmpp.org.evil.net", false],
  ])("%s, asked for %s: %s", (pattern, jid, matches) => {
    expect(may(compileAccess([{ allow: pattern }]), jid, "a.b")).toBe(matches);
    expect(may(compileAccess([{ anyone: true }, { deny: pattern }]), jid, "a.b")).toBe(!matches);
  });

  it("is nobody's without a rule", () => {
    const access = compileAccess([]);
    expect(access.mayCall(parseJid("a@b"), "a")).toEqual({
      allowed: false,
      rule: undefined,
      reason: "no rule allows it",
    });
    expect(access.mayCallAny(parseJid("a@b")).allowed).toBe(false);
  });

  it.each([
    ["*", "anyone: true"],
    ["frank@*", "`*` stands only for the whole local part"],
    ["*@*", "`*` stands only for"],
    ["*@xmpp.org/rpc", "`*` stands only for"],
    ["*@a@xmpp.org", "`*` stands only for"],
    ["*.xmpp.org", "`*` stands only for"],
    ["joe@*.xmpp.org", "`*` stands only for"],
    ["joe@xmpp.org/*", "`*` stands only for"],
    ["j*@xmpp.org", "`*` stands only for"],
    ["*@", "expected"],
    ["", "`domain`"],
    [5, "`domain`"],
    [null, "`domain`"],
    [["a@b"], "`domain`"],
  ])("of the form %j stops the start", (pattern, text) => {
    const rules = [{ anyone: true }, { allow: pattern } as unknown as AccessRule] as const;
    expect(() => compileAccess(rules)).toThrow(AccessRuleError);
    expect(() => compileAccess(rules)).toThrow(`access[1].allow: `);
    expect(() => compileAccess(rules)).toThrow(text);
  });
});

describe("a rule's methods", () => {
  it.each([
    ["*", "anything.at/all", true],
    ["shop.*", "shop.list", true],
    ["shop.*", "shop.deep.list", true],
    ["shop.*", "shop", false],
    ["shop.*", "shop.", false],
    ["shop.*", "shopping.list", false],
    ["shop.*", "notshop.list", false],
    ["shop.list", "shop.list", true],
    ["shop.list", "shop.list2", false],
    ["shop.list", "shop.List", false],
    ["shop.list", "a.shop.list", false],
  ])("%s, asked for %s: %s", (methods, method, matches) => {
    expect(may(compileAccess([{ anyone: true, methods }]), "a@b", method)).toBe(matches);
  });

  it("may be several", () => {
    const access = compileAccess([{ allow: "a@b", methods: ["x.*", "y.one"] }]);
    expect(["x.any", "y.one", "y.two"].map((method) => may(access, "a@b", method))).toEqual([true, true, false]);
  });

  it.each(["shop*", "*.list", "shop.*.list", "**", "sh op", "", ".*", "é.*"])(
    "of the form %j stop the start",
    (methods) => {
      expect(() => compileAccess([{ anyone: true, methods }])).toThrow(/^access\[0\]\.methods: .*`prefix\.\*`/);
    },
  );

  it("may not be none", () => {
    expect(() => compileAccess([{ anyone: true, methods: [] }])).toThrow(
      "access[0].methods: an empty list matches no method",
    );
  });
});

describe("a rule", () => {
  it.each([
    [{}, "access[0]: one of"],
    [{ allow: "a@b", deny: "a@b" }, "access[0]: one of"],
    [{ allow: "a@b", anyone: true }, "access[0]: one of"],
    [{ anyone: "yes" }, "access[0].anyone: true expected"],
    [{ allow: "a@b", method: "x" }, "access[0].method: unknown"],
    ["a@b", "access[0]: one of"],
    [null, "access[0]: one of"],
  ])("of the form %j stops the start", (rule, text) => {
    expect(() => compileAccess([rule as unknown as AccessRule])).toThrow(text);
  });

  it("that cannot be read is named by the error", () => {
    try {
      compileAccess([{ anyone: true }, { deny: "*" }]);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: "AccessRuleError", index: 1, path: "access[1].deny" });
    }
  });
});

describe("rules together", () => {
  const rules: readonly AccessRule[] = [
    { allow: "*@example.org", methods: "shop.*" },
    { deny: "carol@example.org", methods: "shop.refund" },
    { allow: "bob@example.org/desk", methods: "admin.wipe" },
    { deny: "mallory@example.org" },
  ];

  it("never depend on their order", () => {
    const questions = ["alice", "carol", "bob", "mallory"].flatMap((who) =>
      ["shop.list", "shop.refund", "admin.wipe", "system.listMethods"].map(
        (method) => [`${who}@example.org/desk`, method] as const,
      ),
    );
    const answers = questions.map(([jid, method]) => may(compileAccess(rules), jid, method));
    const reversed = compileAccess([...rules].reverse());
    expect(questions.map(([jid, method]) => may(reversed, jid, method))).toEqual(answers);
    expect(answers).toEqual(
      [
        [true, true, false, true],
        [true, false, false, true],
        [true, true, true, true],
        [false, false, false, false],
      ].flat(),
    );
  });

  it("say which of them decided", () => {
    const access = compileAccess(rules);
    expect(access.mayCall(parseJid("carol@example.org/x"), "shop.refund")).toEqual({
      allowed: false,
      rule: 1,
      reason: 'access[1] deny "carol@example.org" methods "shop.refund"',
    });
    expect(access.mayCall(parseJid("alice@example.org/x"), "shop.list")).toMatchObject({ allowed: true, rule: 0 });
  });

  it("answer at once who may call nothing at all", () => {
    const access = compileAccess(rules);
    const any = (jid: string): boolean => access.mayCallAny(parseJid(jid)).allowed;
    expect([any("alice@example.org"), any("mallory@example.org"), any("eve@evil.net")]).toEqual([true, false, false]);
  });

  it("answer the same when they are asked again, for more requesters and methods than are remembered", () => {
    const access = compileAccess([{ allow: "*@example.org", methods: "a.*" }, { deny: "u7@example.org" }]);
    const wrong: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (let one = 0; one < 3000; one += 1)
        if (may(access, `u${one}@example.org/x`, "a.b") !== (one !== 7)) wrong.push(`u${one}`);
      for (let one = 0; one < 600; one += 1)
        if (may(access, "u1@example.org/x", `${one % 2 === 0 ? "a" : "b"}.m${one}`) !== (one % 2 === 0))
          wrong.push(`m${one}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("system.*", () => {
  it("is open to whom some rule allows anything, unless it is denied", () => {
    const access = compileAccess([
      { allow: "*@example.org", methods: "shop.list" },
      { deny: "carol@example.org", methods: "system.*" },
      { deny: "dave@example.org", methods: "system.multicall" },
    ]);
    expect(may(access, "alice@example.org", "system.listMethods")).toBe(true);
    expect(may(access, "carol@example.org", "system.listMethods")).toBe(false);
    expect(may(access, "dave@example.org", "system.listMethods")).toBe(true);
    expect(may(access, "dave@example.org", "system.multicall")).toBe(false);
    expect(may(access, "eve@evil.net", "system.listMethods")).toBe(false);
  });

  it("is not what merely ends or begins so", () => {
    const access = compileAccess([{ allow: "a@b", methods: "system.*" }]);
    for (const method of ["notsystem.wipe", "system", "systemwipe", "x.system.wipe", "System.wipe"])
      expect(may(access, "a@b", method)).toBe(false);
  });
});

describe("the memory of decisions", () => {
  it("holds neither long names nor the stanzas that short ones were cut out of", () => {
    v8.setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const access = compileAccess([{ anyone: true }]);
    const before = used();
    for (let index = 0; index < 125; index++) {
      const stanza = Buffer.alloc(200_000, `name.of.a.method.${index}.`).toString();
      expect(may(access, "a@b/c", stanza)).toBe(true);
      expect(may(access, "a@b/c", stanza.slice(0, 20))).toBe(true);
    }
    // 125 names, or 125 stanzas, are 25 MB.
    expect(used() - before).toBeLessThan(5_000_000);
    expect(may(access, "a@b/c", "x.y")).toBe(true);
  });
});

describe("occupants of rooms", () => {
  const options = { roomServices: ["rooms.example.org"] };

  it.each([
    ["Rooms.Example.ORG.", "rooms.example.org"],
    ["xn--bcher-kva.example", "bücher.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
  ])("are known however their service %s is written", (listed, domain) => {
    const access = compileAccess([{ anyone: true }], { roomServices: [listed] });
    expect(may(access, `tea@${domain}/mallory`, "shop.list")).toBe(false);
  });

  it.each(["*", "*@rooms.example.org", "tea@rooms.example.org", "rooms.example.org/x", "a b", ""])(
    "are not looked for at %j, which is no domain",
    (listed) => {
      expect(() => compileAccess([], { roomServices: ["rooms.example.org", listed] })).toThrow(
        /^roomServices\[1\]: ".*": a domain expected$/,
      );
    },
  );

  it("are not allowed by wide rules, whatever their nick; a full address allows one", () => {
    const access = compileAccess(
      [
        { anyone: true },
        { allow: "*@rooms.example.org" },
        { allow: "tea@rooms.example.org" },
        { allow: "tea@rooms.example.org/alice", methods: "shop.*" },
      ],
      options,
    );
    expect(may(access, "tea@rooms.example.org/mallory", "shop.list")).toBe(false);
    expect(may(access, "tea@rooms.example.org", "shop.list")).toBe(false);
    expect(may(access, "tea@rooms.example.org/mallory", "system.whoami")).toBe(false);
    expect(may(access, "tea@rooms.example.org/alice", "shop.list")).toBe(true);
    expect(may(access, "tea@rooms.example.org/alice", "other.list")).toBe(false);
    expect(may(access, "joe@example.org/x", "shop.list")).toBe(true);
  });

  it("are denied by wide rules", () => {
    const access = compileAccess(
      [{ allow: "tea@rooms.example.org/alice" }, { deny: "tea@rooms.example.org" }],
      options,
    );
    expect(may(access, "tea@rooms.example.org/alice", "shop.list")).toBe(false);
  });

  it("may be recognised later", () => {
    const known = new Set<string>();
    const access = compileAccess([{ anyone: true }], { isRoomService: (domain) => known.has(domain) });
    expect(may(access, "tea@muc.example.org/nick", "a")).toBe(true);
    known.add("muc.example.org");
    access.forget();
    expect(may(access, "tea@muc.example.org/nick", "a")).toBe(false);
  });
});

describe("warnings", () => {
  it.each<[string, readonly AccessRule[], readonly string[]]>([
    [
      "none",
      [
        { allow: "*@a.org", methods: "x.*" },
        { deny: "joe@a.org", methods: "x.y" },
      ],
      [],
    ],
    [
      "a deny that covers an allow",
      [{ deny: "*@a.org", methods: "x.*" }, { allow: "b@b.org" }, { allow: "joe@a.org", methods: ["x.y", "x.z.*"] }],
      ["access[2] can never match: denied by access[0]"],
    ],
    [
      "a deny that covers only some methods",
      [
        { deny: "*@a.org", methods: "x.*" },
        { allow: "joe@a.org", methods: ["x.y", "y.z"] },
      ],
      [],
    ],
    [
      "a deny of somebody whom no rule allows",
      [{ allow: "*@a.org" }, { deny: "joe@b.org" }],
      ["access[1] can never match: no rule allows whom it denies"],
    ],
    ["an account under a full address", [{ deny: "joe@a.org/x" }, { allow: "joe@a.org" }], []],
    [
      "a wide rule for a room service",
      [{ allow: "*@rooms.a.org" }],
      [
        "access[0] can never match: rooms.a.org is a room service; occupants are allowed one by one, as room@rooms.a.org/nick",
      ],
    ],
  ])("for %s", (_, rules, texts) => {
    expect(compileAccess(rules, { roomServices: ["rooms.a.org"] }).warnings.map(({ text }) => text)).toEqual(texts);
  });
});

describe("calls on behalf of others", () => {
  it("go nowhere without a rule", () => {
    expect(mayForward(compileForward([]), "a@b", "c@d/e", "x.y")).toBe(false);
  });

  it("go where one rule lets this requester call this method of this responder", () => {
    const access = compileForward([
      { allow: "*@a.org", to: "rpc@b.org", methods: "x.*" },
      { allow: "joe@a.org", to: "c.org" },
    ]);
    expect(mayForward(access, "jim@a.org/1", "rpc@b.org/gateway", "x.y")).toBe(true);
    expect(mayForward(access, "jim@a.org/1", "rpc@b.org/gateway", "y.y")).toBe(false);
    expect(mayForward(access, "jim@a.org/1", "c.org", "x.y")).toBe(false);
    expect(mayForward(access, "joe@a.org/1", "c.org", "y.y")).toBe(true);
    expect(mayForward(access, "joe@a.org/1", "d.org", "y.y")).toBe(false);
  });

  it("are not an occupant's by a wide rule", () => {
    const access = compileForward([{ allow: "*@rooms.a.org", to: "c.org" }], (domain) => domain === "rooms.a.org");
    expect(mayForward(access, "tea@rooms.a.org/joe", "c.org", "x.y")).toBe(false);
  });

  it("name the rule that cannot be read", () => {
    expect(() => compileForward([{ allow: "a@b", to: "*" }])).toThrow("forward[0].to: ");
    expect(() => compileForward([{ allow: "*", to: "a@b" }])).toThrow("forward[0].allow: ");
  });
});

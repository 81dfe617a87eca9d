// XML-RPC upstreams: what is introspected, and that no wire type is lost in either direction.
import { describe, expect, it } from "vitest";
import type { ExactValue } from "../../src/values/index.js";
import { parseDocument } from "../../src/xml/index.js";
import { createCodec } from "../../src/xmlrpc-codec/index.js";
import type { Answer } from "./http-server.js";
import { gatewayOf, serve, stopAfterEach, tableOf } from "./support.js";

stopAfterEach();

const codec = createCodec();

/** A server whose methods are functions over exact values. */
function speaking(methods: Readonly<Record<string, (params: readonly ExactValue[]) => ExactValue>>): Answer {
  return (request, response) => {
    const { methodName, params } = codec.decodeMethodCall(parseDocument(request.body));
    const run = Object.hasOwn(methods, methodName) ? methods[methodName] : undefined;
    const text =
      run === undefined
        ? codec.encodeFault(-32601, `no ${methodName}`)
        : codec.encodeMethodResponse(run(params), { kind: "exact" });
    response.writeHead(200, { "content-type": "text/xml" }).end(`<?xml version="1.0"?>${text}`);
  };
}

const text = (value: string): ExactValue => ({ type: "string", value });
const texts = (...values: string[]): ExactValue => ({ type: "array", value: values.map(text) });
const list = (...value: ExactValue[]): ExactValue => ({ type: "array", value });

const EVERYTHING: ExactValue = {
  type: "struct",
  value: {
    integral: { type: "double", value: 3 },
    negativeZero: { type: "double", value: -0 },
    small: { type: "double", value: 5e-324 },
    int: { type: "int", value: -1 },
    i1: { type: "i1", value: 1 },
    i2: { type: "i2", value: 2 },
    i8: { type: "i8", value: 7n },
    date: { type: "dateTime.iso8601", value: new Date("2026-11-22T10:00:00Z"), text: "20261122T10:00:00" },
    zone: { type: "dateTime.iso8601", value: new Date("2026-11-22T09:00:00Z"), text: "2026-11-22T10:00:00+01:00" },
    nil: { type: "nil", value: null },
    bytes: { type: "base64", value: new Uint8Array([0, 255]) },
    text: text(" a\r\n\tb <&> ]]> é😀 "),
    " odd name ": list(list(), { type: "struct", value: {} }),
  },
};

describe("values", () => {
  it("are relayed as they are, in both directions", async () => {
    const received: (readonly ExactValue[])[] = [];
    const server = await serve(
      speaking({
        echo: (params) => {
          received.push(params);
          return params[0] ?? text("");
        },
      }),
    );
    const { callExact } = await gatewayOf([
      { name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "echo" }] },
    ]);
    const { call } = await gatewayOf([
      { name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "echo" }] },
    ]);
    // The requester writes natural values; what it cannot say is said by the exact shape of multicall's slots.
    const answer = await callExact("old.echo", [1.5, 2n, new Date(0), null, new Uint8Array([1])]);
    expect(answer).toEqual(
      list(
        { type: "double", value: 1.5 },
        { type: "i8", value: 2n },
        { type: "dateTime.iso8601", value: new Date(0), text: "19700101T00:00:00" },
        { type: "nil", value: null },
        { type: "base64", value: new Uint8Array([1]) },
      ),
    );
    expect(await call("old.echo")).toBe("");
    expect(received.at(-1)).toEqual([]);
  });

  it("come back with every type that an upstream can answer", async () => {
    const server = await serve(speaking({ everything: () => EVERYTHING }));
    const { callExact } = await gatewayOf([
      { name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "everything" }] },
    ]);
    expect(await callExact("old.everything")).toEqual(EVERYTHING);
  });

  it("reach an upstream with every type that a stanza can carry", async () => {
    const server = await serve(speaking({ echo: ([value]) => value ?? text("") }));
    const { table, upstreams } = await tableOf([
      { name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "echo" }] },
    ]);
    await upstreams.start();
    // Only what a handler of an upstream asks of its context.
    const call = { signal: new AbortController().signal, requester: { jid: { bare: "a@b" } } } as never;
    expect(await table.find("old.echo")?.spec.handler([EVERYTHING], call)).toEqual(EVERYTHING);
  });

  it("may be in another charset than UTF-8", async () => {
    const body = (declaration: string) =>
      `<?xml version="1.0"${declaration}?><methodResponse><params><param><value>é</value></param></params></methodResponse>`;
    const answers: readonly (readonly [type: string, bytes: Buffer])[] = [
      ["text/xml; charset=iso-8859-1", Buffer.from(body(""), "latin1")],
      ["text/xml", Buffer.from(body(' encoding="ISO-8859-1"'), "latin1")],
      ["application/xml", Buffer.from(`\ufeff${body(' encoding="utf-16"')}`, "utf16le")],
      ["text/xml; charset=utf-16le", Buffer.from(body(""), "utf16le")],
      ["text/xml;charset=UTF-8", Buffer.from(body(' encoding="UTF-8"'))],
    ];
    let index = 0;
    const server = await serve((_request, response) => {
      const [type = "", bytes] = answers[index] ?? [];
      response.writeHead(200, { "content-type": type }).end(bytes);
    });
    const { call } = await gatewayOf([{ name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "a" }] }]);
    for (index = 0; index < answers.length; index++) {
      if (index === 2) await expect(call("old.a")).rejects.toMatchObject({ code: -32300 });
      else expect(await call("old.a")).toBe("é");
    }
  });
});

describe("introspection", () => {
  const server = () =>
    serve(
      speaking({
        "system.listMethods": () => texts("math.add", "math.secret", "system.listMethods", "free", "bad name"),
        "system.methodSignature": ([name]) =>
          name?.value === "math.add"
            ? list(texts("int", "int", "double"), texts("int", "int", "double", "string"))
            : text("undef"),
        "system.methodHelp": ([name]) => text(name?.value === "math.add" ? "Adds." : ""),
        "math.add": (params) => ({ type: "int", value: params.length }),
        free: (params) => ({ type: "int", value: params.length }),
      }),
    );

  it("gives the methods that include matches, with what the server says of them", async () => {
    const { origin } = await server();
    const { call, callExact } = await gatewayOf([
      { name: "old", kind: "xmlrpc", url: origin, include: ["math.add", "fr*"] },
    ]);
    expect(await call("system.listMethods")).toEqual(expect.arrayContaining(["old.free", "old.math.add"]));
    expect(await call("system.methodSignature", "old.math.add")).toEqual([
      ["int", "int", "double"],
      ["int", "int", "double", "string"],
    ]);
    expect(await call("system.methodHelp", "old.math.add")).toBe("Adds.");
    expect(await call("system.methodSignature", "old.free")).toBe("undef");
    await expect(call("old.math.add", 1)).rejects.toMatchObject({ code: -32602, message: /2 to 3 expected, got 1/ });
    // What the server says of types is told, not enforced: the upstream decides.
    expect(await callExact("old.math.add", "a", "b")).toEqual({ type: "int", value: 2 });
    expect(await call("old.free", 1, 2, 3)).toBe(3);
    expect(await call("old.free")).toBe(0);
    await expect(call("old.math.secret")).rejects.toMatchObject({ code: -32601 });
  });

  it("needs include, and tells what there is", async () => {
    const { origin } = await server();
    const { upstreams } = await tableOf([{ name: "old", kind: "xmlrpc", url: origin }]);
    await expect(upstreams.start()).rejects.toMatchObject({
      key: "include",
      message: /old has: bad name, free, math\.add, math\.secret$/,
    });
  });

  it("that the server does not offer is replaced by methods", async () => {
    const { origin } = await serve(speaking({}));
    const { upstreams } = await tableOf([{ name: "old", kind: "xmlrpc", url: origin, include: ["*"] }]);
    await expect(upstreams.start()).rejects.toMatchObject({
      key: "methods",
      message: /does not list its methods .*name them/,
    });
  });

  it("leaves out a method whose name XML-RPC does not allow", async () => {
    const { origin } = await server();
    const { upstreams, names, log } = await tableOf([{ name: "old", kind: "xmlrpc", url: origin, include: ["*"] }]);
    await upstreams.start();
    expect(names()).toEqual(["old.free", "old.math.add", "old.math.secret"]);
    expect(log.lines.map(({ fields }) => fields["remark"])).toContainEqual(
      expect.stringMatching(/bad name cannot be called/),
    );
  });
});

describe("methods of the settings", () => {
  it("have the parameters that they say", async () => {
    const server = await serve(speaking({ add: (params) => ({ type: "int", value: params.length }) }));
    const { call } = await gatewayOf([
      {
        name: "old",
        kind: "xmlrpc",
        url: server.origin,
        methods: [
          {
            name: "add",
            summary: "Adds.",
            params: [
              { name: "a", required: true, schema: { type: "integer" } },
              { name: "b", required: false, schema: { type: "string", format: "date-time" } },
            ],
            result: { name: "sum", schema: { type: "number" } },
          },
        ],
      },
    ]);
    expect(await call("system.methodSignature", "old.add")).toEqual([
      ["double", "int"],
      ["double", "int", "dateTime.iso8601"],
    ]);
    expect(await call("old.add", 1)).toBe(1);
    await expect(call("old.add")).rejects.toMatchObject({ code: -32602 });
  });
});

// Operations of an OpenAPI document as methods: names, parameters, bodies, results.
import { describe, expect, it } from "vitest";
import { answerJson } from "./http-server.js";
import {
  answers,
  documentOf,
  gatewayOf,
  once,
  openApiGateway,
  operationOf,
  operationsOf,
  serve,
  stopAfterAll,
  tableOf,
} from "./support.js";

stopAfterAll();

const json = (schema: unknown, required = true) => ({
  requestBody: { required, content: { "application/json": { schema } } },
});
const parameter = (name: string, place: string, schema: unknown, rest: object = {}) => ({
  name,
  in: place,
  schema,
  ...rest,
});
/** Answers with what was asked. */
const echo: Parameters<typeof openApiGateway>[1] = (request, response) =>
  answerJson(response, {
    method: request.method,
    url: request.url,
    type: request.headers["content-type"] ?? "",
    body: request.body.toString(),
  });
const ECHO = answers({ type: "object", additionalProperties: { type: "string" } });

describe("the parameters of an operation", () => {
  it("are positional in the path, in the order of the template, and else one last struct", async () => {
    const { call, callExact } = await openApiGateway(
      documentOf({
        "/shops/{shop}/orders/{order}": {
          parameters: [parameter("shop", "path", { type: "string" }, { required: true })],
          put: {
            operationId: "putOrder",
            parameters: [
              parameter("order", "path", { type: "integer" }, { required: true }),
              parameter("dry", "query", { type: "boolean" }),
              parameter("X-Reason", "header", { type: "string" }, { required: true }),
            ],
            ...json({
              type: "object",
              required: ["qty"],
              properties: { qty: { type: "integer" }, note: { type: "string" } },
            }),
            ...ECHO,
          },
        },
      }),
      echo,
    );
    expect(await call("web.putOrder", "a b/ü", 7, { dry: true, "X-Reason": "so", qty: 2, note: "é" })).toEqual({
      method: "PUT",
      url: "/shops/a%20b%2F%C3%BC/orders/7?dry=true",
      type: "application/json",
      body: '{"qty":2,"note":"é"}',
    });
    await expect(call("web.putOrder", "a", 7)).rejects.toMatchObject({
      code: -32602,
      message: /params: 3 expected, got 2/,
    });
    await expect(call("web.putOrder", "a", "7", {})).rejects.toMatchObject({
      code: -32602,
      message: /params\[1\] \(order\): integer expected|params\[1\] \(order\): long expected, got string/,
    });
    await expect(call("web.putOrder", "a", 7, { "X-Reason": "so" })).rejects.toMatchObject({
      code: -32602,
      message: /params\[2\] \(options\): member "qty" is missing/,
    });
    expect(await callExact("system.methodSignature", "web.putOrder")).toMatchObject({
      value: [{ value: ["struct", "string", "int", "struct"].map((value) => ({ type: "string", value })) }],
    });
  });

  it("may all be left out when none is required", async () => {
    const { call } = await openApiGateway(
      documentOf({
        "/list": { get: { operationId: "list", parameters: [parameter("q", "query", { type: "string" })], ...ECHO } },
      }),
      echo,
    );
    expect(await call("web.list")).toMatchObject({ url: "/list" });
    expect(await call("web.list", { q: "a&b=c" })).toMatchObject({ url: "/list?q=a%26b%3Dc" });
  });

  const dropping = once(() =>
    openApiGateway(
      documentOf({
        "/pets/{id}": {
          delete: {
            operationId: "drop",
            parameters: [parameter("id", "path", { type: "string" }, { required: true })],
          },
        },
      }),
      echo,
    ),
  );
  it.each([
    ["an empty text", ""],
    ["one dot", "."],
    ["two dots", ".."],
    ["half a surrogate pair", "\ud800"],
  ])("cannot lead out of the path with %s", async (_what, value) => {
    const { call, server } = await dropping();
    const before = server.seen.length;
    await expect(call("web.drop", value)).rejects.toThrow();
    expect(server.seen).toHaveLength(before);
  });

  const list = { type: "array", items: { type: "integer" } };
  const content = { "application/json": { schema: { type: "object" } } };
  const STYLES = [
    ["a form list", list, { style: "form", explode: true }, [1, 2], "p=1&p=2"],
    ["a joined list", list, { explode: false }, [1, 2], "p=1,2"],
    ["a list with spaces", list, { style: "spaceDelimited", explode: false }, [1, 2], "p=1%202"],
    ["a list with pipes", list, { style: "pipeDelimited", explode: false }, [1, 2], "p=1%7C2"],
    ["an exploded list with pipes", list, { style: "pipeDelimited", explode: true }, [1, 2], "p=1&p=2"],
    ["a deep object", {}, { style: "deepObject", explode: true }, { a: 1, b: "x y" }, "p%5Ba%5D=1&p%5Bb%5D=x%20y"],
    ["an object as a form", {}, { style: "form", explode: true }, { a: 1, b: "x y" }, "a=1&b=x%20y"],
    ["a joined object", {}, { style: "form", explode: false }, { a: 1, b: "x y" }, "p=a,1,b,x%20y"],
    ["JSON", {}, { content }, { a: 1 }, "p=%7B%22a%22%3A1%7D"],
    ["an int64", { type: "integer" }, {}, 9007199254740993n, "p=9007199254740993"],
  ] as const;
  const styled = once(() =>
    openApiGateway(
      operationsOf(
        STYLES.map(([, schema, style]) => ({ parameters: [parameter("p", "query", schema, style)], ...ECHO })),
      ),
      echo,
    ),
  );
  it.each(STYLES.map(([what, , , value, expected], index) => [what, value, expected, index] as const))(
    "hold %s in a query",
    async (_what, value, expected, index) => {
      const { call } = await styled();
      expect(await call(`web.do${index}`, { p: value })).toMatchObject({ url: `/${index}?${expected}` });
    },
  );

  const IN_PATH = [
    ["label", { style: "label" }, ".3,4"],
    ["exploded label", { style: "label", explode: true }, ".3.4"],
    ["matrix", { style: "matrix" }, ";p=3,4"],
    ["exploded matrix", { style: "matrix", explode: true }, ";p=3;p=4"],
    ["simple", {}, "3,4"],
  ] as const;
  const paths = once(() =>
    openApiGateway(
      documentOf(
        Object.fromEntries(
          IN_PATH.map(([, style], index) => [
            `/${index}/{p}`,
            {
              get: {
                operationId: `x${index}`,
                parameters: [parameter("p", "path", list, { required: true, ...style })],
                ...ECHO,
              },
            },
          ]),
        ),
      ),
      echo,
    ),
  );
  it.each(IN_PATH.map(([what, , expected], index) => [what, expected, index] as const))(
    "stand in a path in the style %s",
    async (_what, expected, index) => {
      const { call } = await paths();
      expect(await call(`web.x${index}`, [3, 4])).toMatchObject({ url: `/${index}/${expected}` });
    },
  );

  it("never set a header that ends the head of the request", async () => {
    const { call } = await openApiGateway(
      operationOf({ parameters: [parameter("X-A", "header", { type: "string" })], ...ECHO }),
      echo,
    );
    await expect(call("web.do", { "X-A": "a\nX-B: c" })).rejects.toMatchObject({ code: -32602, message: /X-A/ });
  });
});

describe("the body of a request", () => {
  const BODIES = [
    ["a long", { type: "integer", format: "int64" }, 9007199254740993n, "9007199254740993"],
    ["an int", { type: "integer", format: "int32" }, 5, "5"],
    ["a double", { type: "number" }, 1.5, "1.5"],
    ["a dateTime", { type: "string", format: "date-time" }, new Date(0), '"1970-01-01T00:00:00Z"'],
    ["base64", { type: "string", format: "byte" }, new Uint8Array([1, 2]), '"AQI="'],
    ["a list", { type: "array", items: { type: "boolean" } }, [true, false], "[true,false]"],
    ["a record", { type: "object", additionalProperties: { type: "integer" } }, { a: 1 }, '{"a":1}'],
    ["nil", { type: "string", nullable: true }, null, "null"],
    ["nil beside another type", { oneOf: [{ type: "integer" }, { type: "null" }] }, null, "null"],
    ["one of several", { oneOf: [{ type: "string" }, { type: "integer" }] }, 3, "3"],
    ["anything", {}, { a: [null, new Date(0), 1n] }, '{"a":[null,"1970-01-01T00:00:00Z",1]}'],
    ["__proto__", { type: "object" }, JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ["a text outside an enumeration", { type: "string", enum: ["a", "b"] }, "c", /body: one of "a", "b" expected/],
    ["a fraction for an integer", { type: "integer" }, 1.5, /body: long expected, got double/],
    ["nil where null is not allowed", { type: "string" }, null, /body: string expected, got nil/],
  ] as const;
  const bodies = once(() =>
    openApiGateway(operationsOf(BODIES.map(([, schema]) => ({ ...json(schema), ...ECHO }))), echo),
  );
  it.each(BODIES.map(([what, , value, expected], index) => [what, value, expected, index] as const))(
    "holds %s, or is refused",
    async (_what, value, expected, index) => {
      const { call } = await bodies();
      const result = call(`web.do${index}`, { body: value });
      if (typeof expected === "string") expect(await result).toMatchObject({ body: expected });
      else await expect(result).rejects.toMatchObject({ code: -32602, message: expected });
    },
  );

  it("leaves out what is absent, and says null where that is required", async () => {
    const schema = {
      type: "object",
      required: ["a"],
      properties: {
        a: { type: "string", nullable: true },
        b: { type: "string", nullable: true },
        id: { type: "integer", readOnly: true },
      },
    };
    const { call } = await openApiGateway(operationOf({ ...json(schema), ...ECHO }), echo);
    expect(await call("web.do", {})).toMatchObject({ body: '{"a":null}' });
    expect(await call("web.do", { a: "x", b: null, id: 3 })).toMatchObject({ body: '{"a":"x","b":null}' });
  });

  it("joins the members of allOf", async () => {
    const schema = {
      allOf: [
        { $ref: "#/components/schemas/Base" },
        { type: "object", required: ["b"], properties: { b: { type: "integer" } } },
      ],
    };
    const components = { schemas: { Base: { type: "object", properties: { a: { type: "string" } } } } };
    const { call } = await openApiGateway(operationOf({ ...json(schema), ...ECHO }, { components }), echo);
    expect(await call("web.do", { a: "x", b: 1, c: 2 })).toMatchObject({ body: '{"a":"x","b":1}' });
    await expect(call("web.do", { a: "x" })).rejects.toMatchObject({ message: /member "b" is missing/ });
  });

  it("is any value where a schema holds itself", async () => {
    const components = {
      schemas: {
        Tree: {
          type: "object",
          properties: { name: { type: "string" }, inner: { $ref: "#/components/schemas/Tree" } },
        },
      },
    };
    const { call } = await openApiGateway(
      operationOf({ ...json({ $ref: "#/components/schemas/Tree" }), ...ECHO }, { components }),
      echo,
    );
    const tree = { name: "a", inner: { name: "b", inner: { name: "c" } } };
    expect(await call("web.do", tree)).toMatchObject({ body: JSON.stringify(tree) });
  });

  it("is a member of its own beside a parameter of the same name, and where it may be left out", async () => {
    const object = { type: "object", required: ["q"], properties: { q: { type: "string" } } };
    const { call } = await openApiGateway(
      documentOf({
        "/a": {
          post: {
            operationId: "same",
            parameters: [parameter("q", "query", { type: "string" })],
            ...json(object),
            ...ECHO,
          },
        },
        "/b": { post: { operationId: "maybe", ...json(object, false), ...ECHO } },
      }),
      echo,
    );
    expect(await call("web.same", { q: "1", body: { q: "2" } })).toMatchObject({ url: "/a?q=1", body: '{"q":"2"}' });
    expect(await call("web.maybe")).toMatchObject({ body: "", type: "" });
    expect(await call("web.maybe", { body: { q: "2" } })).toMatchObject({ body: '{"q":"2"}' });
  });

  it("can be a form, text, bytes, or several parts", async () => {
    const object = {
      type: "object",
      properties: {
        a: { type: "string" },
        n: { type: "array", items: { type: "integer" } },
        file: { type: "string", format: "binary" },
      },
    };
    const of = (media: string) => ({ requestBody: { required: true, content: { [media]: { schema: object } } } });
    const { call } = await openApiGateway(
      documentOf({
        "/form": { post: { operationId: "form", ...of("application/x-www-form-urlencoded"), ...ECHO } },
        "/text": { post: { operationId: "text", ...of("text/plain"), ...ECHO } },
        "/bytes": { post: { operationId: "bytes", ...of("application/octet-stream"), ...ECHO } },
        "/parts": { post: { operationId: "parts", ...of("multipart/form-data"), ...ECHO } },
      }),
      echo,
    );
    expect(await call("web.form", { a: "x y", n: [1, 2] })).toMatchObject({
      type: "application/x-www-form-urlencoded",
      body: "a=x+y&n=1&n=2",
    });
    expect(await call("web.text", { body: "é" })).toMatchObject({ type: "text/plain;charset=utf-8", body: "é" });
    expect(await call("web.bytes", { body: new Uint8Array([65, 66]) })).toMatchObject({
      type: "application/octet-stream",
      body: "AB",
    });
    const parts = (await call("web.parts", { a: "x", file: new Uint8Array([67]) })) as { type: string; body: string };
    const boundary = /boundary=(.+)$/.exec(parts.type)?.[1];
    expect(parts.body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\nC\r\n` +
        `--${boundary}--\r\n`,
    );
  });
});

describe("the result", () => {
  const ISO = { type: "string", format: "date-time" };
  const date = { type: "dateTime.iso8601", text: "20261122T10:00:00", value: new Date("2026-11-22T10:00:00Z") };
  const STRUCT = {
    type: "object",
    required: ["a"],
    properties: { a: { type: "integer" }, b: { type: "string" }, w: { type: "string", writeOnly: true } },
  };
  const RESULTS: readonly (readonly [what: string, schema: object, body: string, expected: object, media?: string])[] =
    [
      ["an integer that fits int", { type: "integer", format: "int64" }, "7", { type: "int", value: 7 }],
      ["one that does not", { type: "integer" }, "2147483648", { type: "i8", value: 2147483648n }],
      ["one beyond the safe ones", { type: "integer" }, "9223372036854775807", { type: "i8", value: 2n ** 63n - 1n }],
      ["a number that is integral", { type: "number" }, "3", { type: "double", value: 3 }],
      ["a number beyond 2^53", { type: "number" }, "9223372036854775808", { type: "double", value: 2 ** 63 }],
      [
        "a text",
        { type: "string" },
        '"\\"0123456789012345678\\\\"',
        { type: "string", value: '"0123456789012345678\\' },
      ],
      ["a boolean", { type: "boolean" }, "true", { type: "boolean", value: true }],
      ["bytes", { type: "string", format: "byte" }, '"AQI="', { type: "base64", value: new Uint8Array([1, 2]) }],
      ["null", { type: "string", nullable: true }, "null", { type: "string", value: "" }],
      ["null of anything", {}, "null", { type: "string", value: "" }],
      [
        "anything",
        {},
        '[1,2.5,null,{"a":null,"b":12345678901234567}]',
        {
          type: "array",
          value: [
            { type: "int", value: 1 },
            { type: "double", value: 2.5 },
            { type: "nil", value: null },
            { type: "struct", value: { b: { type: "i8", value: 12345678901234567n } } },
          ],
        },
      ],
      [
        "items that may be null",
        { type: "array", items: { type: "integer", nullable: true } },
        "[1,null]",
        {
          type: "array",
          value: [
            { type: "int", value: 1 },
            { type: "nil", value: null },
          ],
        },
      ],
      [
        "a record",
        { type: "object", additionalProperties: { type: "number" } },
        '{"a":1,"b":null,"__proto__":2}',
        {
          type: "struct",
          value: Object.fromEntries([
            ["a", { type: "double", value: 1 }],
            ["__proto__", { type: "double", value: 2 }],
          ]),
        },
      ],
      ["a dateTime", ISO, '"2026-11-22T10:00:00Z"', date],
      ["a dateTime in small letters with a zone", ISO, '"2026-11-22t11:00:00.5+01:00"', date],
      ["a dateTime with a space", ISO, '"2026-11-22 10:00:00z"', date],
      ["text", { type: "string" }, "a\r\nb", { type: "string", value: "a\r\nb" }, "text/plain"],
      ["a file", {}, "\u0001", { type: "base64", value: new Uint8Array([1]) }, "application/pdf"],
      [
        "what is described, without nulls",
        STRUCT,
        '{"a":1,"b":null,"c":2,"w":"x"}',
        {
          type: "struct",
          value: { a: { type: "int", value: 1 } },
        },
      ],
    ];
  const results = once(() =>
    openApiGateway(
      operationsOf(RESULTS.map(([, schema, , , media]) => answers(schema, media))),
      (request, response) => {
        const [, , body = "", , media = "application/json"] = RESULTS[Number(request.url.slice(1))] ?? [];
        response.writeHead(200, { "content-type": media }).end(body);
      },
    ),
  );
  it.each(RESULTS.map(([what, , , expected], index) => [what, expected, index] as const))(
    "is %s",
    async (_what, expected, index) => {
      const { callExact } = await results();
      expect(await callExact(`web.do${index}`)).toEqual(expected);
    },
  );

  it("is void where the document says nothing", async () => {
    const { callExact } = await openApiGateway(
      operationOf({ responses: { 204: { description: "done" } } }),
      (_request, response) => response.writeHead(204).end(),
    );
    expect(await callExact("web.do")).toEqual({ type: "string", value: "" });
  });
});

describe("the operations that become methods", () => {
  const document = documentOf({
    "/a": { get: { operationId: "getA", summary: "Gives A." }, delete: { operationId: "deleteA" } },
    "/b-c/{d}": { get: { parameters: [parameter("d", "path", { type: "string" }, { required: true })] } },
    "/x": { get: { operationId: "get-x" } },
    "/y": { get: { operationId: "get_x" } },
    "/z": { get: { operationId: "getZ", parameters: [parameter("c", "cookie", {}, { required: true })] } },
  });
  const start = async (settings: object, doc: object = document) => {
    const server = await serve((_request, response) => answerJson(response, doc));
    const one = await tableOf([{ name: "web", kind: "openapi", url: `${server.origin}/d`, ...settings }]);
    await one.upstreams.start();
    return one;
  };

  it("are those that include matches", async () => {
    const { names, log, table } = await start({ include: ["get?", "getA", "get/*"], prefix: "p." });
    expect(names()).toEqual(["p.get/b_c/_d_", "p.getA"]);
    expect(log.lines).toContainEqual({
      event: "upstream.methods",
      fields: { upstream: "web", methods: 2, added: "p.getA, p.get/b_c/_d_", leftOut: "deleteA, get-x, get_x, getZ" },
    });
    expect(log.lines).toContainEqual({
      event: "upstream.remark",
      fields: { upstream: "web", remark: "include: get? matches nothing" },
    });
    expect(table.find("p.getA")?.spec.doc).toBe("Gives A.");
  });

  it("are named by the settings, and may have no prefix", async () => {
    const { names } = await start({ include: ["getA"], prefix: "", names: { getA: "a.read" } });
    expect(names()).toEqual(["a.read"]);
  });

  it.each([
    ["without include", {}, "include", /say which operations.*web has: getA, deleteA/],
    ["with two of one name", { include: ["get*x"] }, "names", /get-x and get_x would both be web\.get_x/],
    ["with a bad name", { include: ["getA"], names: { getA: "a b" } }, "names", /getA: .*A-Z a-z/],
    [
      "with a named one that cannot be called",
      { include: ["getZ"] },
      "include",
      /getZ cannot be called: it needs the cookie/,
    ],
  ])("stop the start %s", async (_what, settings, key, expected) => {
    await expect(start(settings)).rejects.toMatchObject({ name: "UpstreamSettingsError", key, message: expected });
  });

  it("are left out with a remark where a pattern brought one that cannot be called", async () => {
    const { names, log } = await start({ include: ["getA", "getZ*"] });
    expect(names()).toEqual(["web.getA"]);
    expect(log.lines.map(({ fields }) => fields["remark"])).toContainEqual(
      expect.stringContaining("getZ cannot be called"),
    );
  });

  it.each([
    ["out of the document", "other.json#/A"],
    ["to another host", "http://127.0.0.1:1/x.json"],
    ["to nothing", "#/components/schemas/None"],
    ["to itself", "#/components/schemas/Self"],
  ])("cannot have a reference %s", async (_what, $ref) => {
    const components = { schemas: { Self: { $ref: "#/components/schemas/Self" } } };
    await expect(start({ include: ["do"] }, operationOf({ ...json({ $ref }) }, { components }))).rejects.toMatchObject({
      message: /do cannot be called: it the reference .* leads/,
    });
  });

  it("stand under the first server of the document, or under baseUrl, and never on another origin", async () => {
    const server = await serve((request, response) => {
      if (request.url !== "/v/d") answerJson(response, "x");
      else
        answerJson(response, {
          ...documentOf({ "/a": { get: { operationId: "a", ...answers({}) } } }),
          servers: [{ url: "../{v}/", variables: { v: { default: "2" } } }],
        });
    });
    const settings = { kind: "openapi", url: `${server.origin}/v/d`, include: ["*"] } as const;
    const { call } = await gatewayOf([
      { ...settings, name: "one" },
      { ...settings, name: "two", baseUrl: `${server.origin}/base/` },
    ]);
    await call("one.a");
    await call("two.a");
    expect(server.seen.map(({ url }) => url).slice(2)).toEqual(["/2/a", "/base/a"]);
    await expect(
      start({ include: ["*"] }, { ...documentOf({}), servers: [{ url: "https://api.example.org" }] }),
    ).rejects.toMatchObject({
      key: "url",
      message: /names the server https:\/\/api\.example\.org, and only http:\/\/127/,
    });
  });

  it.each([
    ["Swagger 2", { swagger: "2.0", paths: {} }, /OpenAPI 3\.0 or 3\.1 expected, got version 2\.0/],
    ["no document", { a: 1 }, /got no version/],
  ])("cannot be read from %s", async (_what, doc, expected) => {
    await expect(start({ include: ["*"] }, doc)).rejects.toMatchObject({ key: "url", message: expected });
  });
});

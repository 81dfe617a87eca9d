// HTTP errors and foreign faults as faults: the table of docs/upstreams.md, row by row.
import { describe, expect, it } from "vitest";
import { FAILURES } from "../../src/upstream/index.js";
import { type Answer, answerJson } from "./http-server.js";
import { gatewayOf, once, openApiGateway, operationsOf, serve, stopAfterAll } from "./support.js";

stopAfterAll();

const problem: (status: number, json: unknown, type?: string) => Answer = (status, json, type = "application/json") => {
  return (_request, response) => response.writeHead(status, { "content-type": type }).end(JSON.stringify(json));
};

const ROWS: readonly (readonly [what: string, answer: Answer, code: number, text: string])[] = [
  [
    "a problem document",
    problem(404, { title: "Not Found", detail: "no pet 7" }, "application/problem+json"),
    404,
    "no pet 7",
  ],
  ["a message", problem(409, { message: "taken" }), 409, "taken"],
  ["an error", problem(400, { error: "bad" }), 400, "bad"],
  ["an error object", problem(400, { error: { message: "bad card" } }), 400, "bad card"],
  [
    "FastAPI's list",
    problem(422, { detail: [{ loc: ["body", "name"], msg: "field required" }] }),
    422,
    "body.name: field required",
  ],
  ["a list of texts", problem(400, { errors: ["a", "b"] }), 400, "a; b"],
  ["a JSON text", problem(403, "no"), 403, "no"],
  ["unknown JSON", problem(418, { secret: "x" }), 418, "HTTP 418"],
  [
    "plain text",
    (_, r) => r.writeHead(401, { "content-type": "text/plain" }).end("who\nare\u0007 you"),
    401,
    "who are you",
  ],
  ["HTML", (_, r) => r.writeHead(404, { "content-type": "text/html" }).end("<h1>trace</h1>"), 404, "HTTP 404"],
  ["nothing", (_, r) => r.writeHead(429).end(), 429, "HTTP 429"],
  ["broken JSON", (_, r) => r.writeHead(400, { "content-type": "application/json" }).end("{"), 400, "HTTP 400"],
  ["a long text", problem(400, { detail: "x".repeat(5_000) }), 400, `${"x".repeat(299)}…`],
  ["500", problem(500, { detail: "secret" }), -32300, "upstream web: it answered HTTP 500"],
  ["502", problem(502, {}), -32300, "upstream web: it answered HTTP 502"],
];

describe("an HTTP status", () => {
  const gateway = once(() =>
    openApiGateway(operationsOf(ROWS.map(() => ({}))), (request, response) =>
      ROWS[Number(request.url.slice(1))]?.[1](request, response),
    ),
  );
  it.each(ROWS.map(([what, , code, text], index) => [what, code, text, index] as const))(
    "with %s is its fault",
    async (_what, code, text, index) => {
      const { call } = await gateway();
      const error: unknown = await call(`web.do${index}`).catch((reason: unknown) => reason);
      // The dispatcher adds the call's id.
      expect(error).toMatchObject({ code, message: expect.stringMatching(/ \[call \w+\]$/) });
      expect(String(error)).toContain(`: ${text} [call`);
    },
  );
});

describe("a fault of an XML-RPC upstream", () => {
  it.each([
    ["of the application", 4, 4, "too many"],
    ["of the application, negative", -1, -1, "too many"],
    ["that means the same here", -32601, -32601, "too many"],
    ["that is reserved and means nothing here", -32099, -32500, "too many (the upstream's code is -32099)"],
  ])("%s is relayed", async (_what, code, expected, text) => {
    const server = await serve((_request, response) =>
      response
        .writeHead(200, { "content-type": "text/xml" })
        .end(
          `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member>` +
            "<member><name>faultString</name><value>too many</value></member></struct></value></fault></methodResponse>",
        ),
    );
    const { call } = await gatewayOf([{ name: "old", kind: "xmlrpc", url: server.origin, methods: [{ name: "a" }] }]);
    const error: unknown = await call("old.a").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expected });
    expect(String(error)).toContain(`: ${text} [call`);
  });
});

describe("an error of a JSON-RPC upstream", () => {
  it.each([
    [-32601, 200, -32601, "Method not found"],
    [-32602, 200, -32602, "Method not found"],
    [-32603, 500, -32603, "Method not found"],
    [7, 400, 7, "Method not found"],
    [-32001, 200, -32500, "Method not found (the upstream's code is -32001)"],
  ])("%i with HTTP %i is %i", async (code, status, expected, text) => {
    const server = await serve((request, response) => {
      const { id } = JSON.parse(request.body.toString());
      answerJson(
        response,
        { jsonrpc: "2.0", id, error: { code, message: "Method not found", data: "secret" } },
        status,
      );
    });
    const { call } = await gatewayOf([{ name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }] }]);
    const error: unknown = await call("j.a").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expected });
    expect(String(error)).toContain(`: ${text} [call`);
    expect(String(error)).not.toContain("secret");
  });
});

describe("the table of failures", () => {
  it("says of each what it means", () => {
    for (const [code, { fault, meaning }] of Object.entries(FAILURES)) {
      expect(code).toMatch(/^[a-z-]+$/);
      expect(fault).toMatch(/^(transportError|deadlinePassed|overloaded|forbidden|shuttingDown)$/);
      expect(meaning.length).toBeGreaterThan(10);
    }
  });
});

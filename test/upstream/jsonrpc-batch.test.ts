// JSON-RPC upstreams: the calls of one system.multicall as one batch (JSON-RPC 2.0 §6).
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { JsonRpcSettings } from "../../src/upstream/index.js";
import { isPlainObject } from "../../src/values/index.js";
import { answerJson, type SeenRequest } from "./http-server.js";
import { type Caller, gatewayOf, recordLog, serve, stopAfterEach } from "./support.js";

stopAfterEach();

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

const METHODS = [
  { name: "echo" },
  { name: "fail" },
  { name: "number", result: { name: "n", schema: { type: "integer" } } },
];

function bodyOf({ body }: SeenRequest): Request | readonly Request[] {
  return JSON.parse(body.toString());
}

function respond({ id, method, params }: Request): object {
  if (method === "fail") return { jsonrpc: "2.0", id, error: { code: 7, message: "no luck" } };
  return { jsonrpc: "2.0", id, result: params[0] };
}

type GatewayParts = Parameters<typeof gatewayOf>[1];
type OnBatch = (requests: readonly Request[], response: ServerResponse, index: number) => void;

/** A gateway of one upstream that answers single calls, and batches as it is told. */
async function start(onBatch: OnBatch, settings: Partial<JsonRpcSettings> = {}, options: GatewayParts = {}) {
  const log = recordLog();
  let batches = 0;
  const server = await serve((request, response) => {
    const body = bodyOf(request);
    if (!Array.isArray(body)) return answerJson(response, respond(body as Request));
    batches += 1;
    return onBatch(body as readonly Request[], response, batches);
  });
  const gateway = await gatewayOf([{ name: "j", kind: "jsonrpc", url: server.origin, methods: METHODS, ...settings }], {
    ...options,
    log,
  });
  const sent = (): (string | readonly string[])[] =>
    server.seen.map((request) => {
      const body = bodyOf(request);
      return Array.isArray(body) ? body.map(({ method }) => method) : (body as Request).method;
    });
  return { ...gateway, server, sent, log };
}

const inTurn: OnBatch = (requests, response) => answerJson(response, requests.map(respond));
const slot = (methodName: string, ...params: unknown[]) => ({ methodName, params });
const multicall = ({ call }: Pick<Caller, "call">, ...slots: readonly object[]) => call("system.multicall", slots);

describe("the slots of a multicall", () => {
  it("are one batch, answered in their own order whatever that of the responses", async () => {
    const gateway = await start((requests, response) => answerJson(response, requests.map(respond).reverse()));
    expect(
      await multicall(gateway, slot("j.echo", 1), slot("j.fail"), slot("j.echo", "two"), slot("j.number", 3)),
    ).toEqual([[1], { faultCode: 7, faultString: expect.stringContaining("no luck") as string }, ["two"], [3]]);
    expect(gateway.sent()).toEqual([["echo", "fail", "echo", "number"]]);
  });

  it("are each checked by themselves before anything is sent", async () => {
    const gateway = await start(inTurn, {
      methods: [
        { name: "echo" },
        { name: "one", params: [{ name: "n", required: true, schema: { type: "integer" } }] },
      ],
    });
    expect(
      await multicall(
        gateway,
        slot("j.echo", 1),
        slot("j.one", "x"),
        slot("j.none"),
        slot("j.echo", 2),
        slot("j.one", 5),
      ),
    ).toEqual([
      [1],
      expect.objectContaining({ faultCode: -32602 }),
      expect.objectContaining({ faultCode: -32601 }),
      [2],
      [5],
    ]);
    // What is in between keeps its place: those behind it start when it is done.
    expect(gateway.sent()).toEqual(["echo", ["echo", "one"]]);
  });

  it("run one after the other where something else stands between them", async () => {
    const gateway = await start(inTurn);
    await multicall(gateway, slot("j.echo", 1), slot("j.echo", 2), slot("system.whoami"), slot("j.echo", 3));
    expect(gateway.sent()).toEqual([["echo", "echo"], "echo"]);
  });

  it("are as many batches as maxBatch makes of them", async () => {
    const gateway = await start(inTurn, { maxBatch: 2 });
    const slots = [1, 2, 3, 4, 5].map((value) => slot("j.echo", value));
    expect(await multicall(gateway, ...slots)).toEqual([[1], [2], [3], [4], [5]]);
    expect(
      gateway
        .sent()
        .map((one) => (Array.isArray(one) ? one.length : 1))
        .sort((one, other) => one - other),
    ).toEqual([1, 2, 2]);
    expect(await multicall(gateway, ...slots.slice(0, 2))).toEqual([[1], [2]]);
    expect(gateway.sent().at(-1)).toEqual(["echo", "echo"]);
  });

  it("are sent one by one, in order, with maxBatch 1", async () => {
    const gateway = await start(inTurn, { maxBatch: 1 });
    expect(await multicall(gateway, slot("j.echo", 1), slot("j.number", 2))).toEqual([[1], [2]]);
    expect(gateway.sent()).toEqual(["echo", "number"]);
  });

  it("never share a batch with somebody else's", async () => {
    const gateway = await start(inTurn, { requesterHeader: "X-Jabber-Id" });
    const askAs = (jid: string) => multicall(gateway.as(jid), slot("j.echo", jid), slot("j.echo", jid));
    const people = ["ann@example.org/a", "ben@example.org/b"];
    expect(await Promise.all(people.map(askAs))).toEqual(people.map((jid) => [[jid], [jid]]));
    const seen = gateway.server.seen.map(({ headers, body }) => [
      headers["x-jabber-id"],
      [...body.toString().matchAll(/"([a-z]+@example\.org)\//g)].map((match) => encodeURIComponent(match[1] ?? "")),
    ]);
    expect(seen).toHaveLength(2);
    for (const [header, jids] of seen) expect(jids).toEqual([header, header]);
  });

  it("leave single calls alone, also those that start together", async () => {
    const gateway = await start(inTurn);
    expect(await Promise.all([gateway.call("j.echo", 1), gateway.call("j.echo", 2)])).toEqual([1, 2]);
    expect(gateway.sent()).toEqual(["echo", "echo"]);
  });
});

describe("a batch whose answer is wrong in part", () => {
  const malformed = expect.objectContaining({
    faultCode: -32300,
    faultString: expect.stringContaining("no JSON-RPC response to this call") as string,
  }) as object;

  it.each<[string, (responses: object[]) => unknown]>([
    ["is missing", ([first]) => [first]],
    ["has another version", ([first, second]) => [first, { ...second, jsonrpc: "1.0" }]],
    ["has neither result nor error", ([first, second]) => [first, { ...second, result: undefined }]],
    ["is there twice", ([first, second]) => [second, first, { ...second, result: "other" }]],
    [
      "has its id as a text",
      ([first, second = {}]) => [first, { ...second, id: isPlainObject(second) ? String(second["id"]) : "" }],
    ],
    ["is no object", ([first]) => [first, null, 5, []]],
  ])("costs only the call whose response %s", async (_what, spoil) => {
    const gateway = await start((requests, response) => answerJson(response, spoil(requests.map(respond))));
    const slots = [slot("j.echo", 1), slot("j.echo", 2)];
    expect(await multicall(gateway, ...slots)).toEqual([[1], malformed]);
    expect(await multicall(gateway, ...slots)).toEqual([[1], malformed]);
    expect(gateway.sent()).toEqual([
      ["echo", "echo"],
      ["echo", "echo"],
    ]);
  });

  it("costs only the call whose result is not what its description says", async () => {
    const gateway = await start(inTurn);
    expect(await multicall(gateway, slot("j.number", "many"), slot("j.number", 2))).toEqual([
      expect.objectContaining({ faultCode: -32300 }),
      [2],
    ]);
  });
});

describe("a server that takes no batches", () => {
  const error = (code: number) => ({ jsonrpc: "2.0", id: null, error: { code, message: "one request expected" } });

  it.each<[string, OnBatch]>([
    ["invalid request", (_requests, response) => answerJson(response, error(-32600))],
    ["parse error with a status", (_requests, response) => answerJson(response, error(-32700), 400)],
    ["method not found", (_requests, response) => answerJson(response, error(-32601))],
    ["HTTP 400", (_requests, response) => response.writeHead(400).end("no")],
    [
      "HTTP 501 with HTML",
      (_requests, response) => response.writeHead(501, { "content-type": "text/html" }).end("<p>"),
    ],
  ])("gets the calls one by one, from then on: %s", async (_what, refuse) => {
    const gateway = await start(refuse);
    const slots = [slot("j.echo", 1), slot("j.fail"), slot("j.echo", 3)];
    const expected = [[1], expect.objectContaining({ faultCode: 7 }), [3]];
    expect(await multicall(gateway, ...slots)).toEqual(expected);
    expect(await multicall(gateway, ...slots)).toEqual(expected);
    const oneByOne = ["echo", "fail", "echo"];
    expect(gateway.sent()).toEqual([oneByOne, ...oneByOne, ...oneByOne]);
    const remarks = gateway.log.lines.filter(({ event }) => event === "upstream.remark");
    expect(remarks.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ upstream: "j", remark: expect.stringContaining("no batches") as string }),
    ]);
  });

  it.each<[string, OnBatch, number]>([
    ["one result", (_requests, response) => answerJson(response, { jsonrpc: "2.0", id: 1, result: 1 }), -32300],
    ["an empty list", (_requests, response) => answerJson(response, []), -32300],
    ["HTML", (_requests, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"), -32300],
    ["no content", (_requests, response) => response.writeHead(204).end(), -32300],
    ["HTTP 500", (_requests, response) => response.writeHead(500).end("Traceback"), -32300],
    ["an internal error", (_requests, response) => answerJson(response, error(-32603)), -32603],
  ])(
    "is not asked again, as it may have run them, and then left alone with batches: %s",
    async (_what, answer, code) => {
      const gateway = await start(answer);
      const slots = [slot("j.echo", 1), slot("j.echo", 2)];
      const fault = expect.objectContaining({ faultCode: code }) as object;
      expect(await multicall(gateway, ...slots)).toEqual([fault, fault]);
      expect(gateway.sent()).toEqual([["echo", "echo"]]);
      expect(await multicall(gateway, ...slots)).toEqual([[1], [2]]);
      expect(gateway.sent()).toEqual([["echo", "echo"], "echo", "echo"]);
    },
  );

  it("is told from one that has answered a batch before and fails now", async () => {
    const gateway = await start((requests, response, index) => {
      if (index === 2) response.writeHead(500).end();
      else inTurn(requests, response, index);
    });
    const slots = [slot("j.echo", 1), slot("j.echo", 2)];
    await multicall(gateway, ...slots);
    const fault = expect.objectContaining({ faultCode: -32300 }) as object;
    expect(await multicall(gateway, ...slots)).toEqual([fault, fault]);
    expect(await multicall(gateway, ...slots)).toEqual([[1], [2]]);
    expect(gateway.sent().every(Array.isArray)).toBe(true);
  });
});

describe("a batch that is not answered", () => {
  it("gives each call the upstream's own fault: a login that is refused", async () => {
    const gateway = await start((_requests, response) => response.writeHead(401).end());
    const fault = expect.objectContaining({ faultCode: 401 }) as object;
    const slots = [slot("j.echo", 1), slot("j.echo", 2)];
    expect(await multicall(gateway, ...slots)).toEqual([fault, fault]);
    expect(await multicall(gateway, ...slots)).toEqual([fault, fault]);
    expect(gateway.sent().every(Array.isArray)).toBe(true);
  });

  it("ends with the deadline of the upstream, and its connection is closed", async () => {
    let closed: Promise<unknown> | undefined;
    const gateway = await start(
      (_requests, response) => {
        closed = once(response, "close");
      },
      { timeoutMs: 50 },
    );
    const fault = expect.objectContaining({ faultCode: -32400 }) as object;
    expect(await multicall(gateway, slot("j.echo", 1), slot("j.echo", 2))).toEqual([fault, fault]);
    expect(closed).toBeDefined();
    await closed;
  });

  it("ends when the time of all its calls is over", async () => {
    let closed: Promise<unknown> | undefined;
    const gateway = await start(
      (_requests, response) => {
        closed = once(response, "close");
      },
      {},
      { limits: { methodDeadlineMs: 200 } },
    );
    const fault = expect.objectContaining({
      faultCode: -32400,
      faultString: expect.stringContaining("deadline of") as string,
    }) as object;
    expect(await multicall(gateway, slot("j.echo", 1), slot("j.echo", 2))).toEqual([fault, fault]);
    expect(closed).toBeDefined();
    await closed;
  });

  it("refuses a requester without credentials, each slot by itself", async () => {
    const gateway = await start(inTurn, { credentials: { "bob@example.org": "Bearer b" } });
    const fault = expect.objectContaining({ faultCode: -32001 }) as object;
    expect(await multicall(gateway, slot("j.echo", 1), slot("j.echo", 2))).toEqual([fault, fault]);
    expect(gateway.sent()).toEqual([]);
    expect(await multicall(gateway.as("bob@example.org/x"), slot("j.echo", 1), slot("j.echo", 2))).toEqual([[1], [2]]);
    expect(gateway.server.seen[0]?.headers.authorization).toBe("Bearer b");
  });
});

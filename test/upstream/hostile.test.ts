// Upstreams that answer what they should not: each a clear fault, nothing of it leaks, and the next call works.
import { once as onceEvent } from "node:events";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { UpstreamSettings } from "../../src/upstream/index.js";
import { type Answer, answerJson } from "./http-server.js";
import {
  answers,
  atEnd,
  gatewayOf,
  once,
  openApiGateway,
  operationsOf,
  recordLog,
  serve,
  stopAfterAll,
} from "./support.js";

stopAfterAll();

const SECRET = "postgres://admin:hunter2@10.0.0.7/db at /srv/app/views.py line 3";
const XML = (content: string) => `<?xml version="1.0"?><methodResponse>${content}</methodResponse>`;
const GOOD = XML("<params><param><value><int>1</int></value></param></params>");

/** How an answer is refused: what the fault says, and its code. */
type Row = readonly [what: string, answer: Answer, code: number, text: RegExp];

const ROWS: readonly Row[] = [
  [
    "500 with HTML",
    (_, r) => r.writeHead(500, { "content-type": "text/html" }).end(`<h1>${SECRET}</h1>`),
    -32300,
    /it answered HTTP 500/,
  ],
  ["503 with words", (_, r) => answerJson(r, { detail: SECRET }, 503), -32300, /it answered HTTP 503/],
  [
    "HTML instead of XML",
    (_, r) => r.writeHead(200, { "content-type": "text/html" }).end(SECRET),
    -32300,
    /XML expected, got text\/html/,
  ],
  ["no content type", (_, r) => r.writeHead(200).end(GOOD), -32300, /XML expected, got no content type/],
  ["malformed XML", (_, r) => xml(r, `<methodResponse><params>${SECRET}`), -32300, /its answer is not XML-RPC/],
  ["a DOCTYPE", (_, r) => xml(r, `<!DOCTYPE x [<!ENTITY a "${SECRET}">]>${GOOD}`), -32300, /its answer is not XML-RPC/],
  ["an empty fault", (_, r) => xml(r, XML("<fault/>")), -32300, /its answer is not XML-RPC/],
  ["a fault without content", (_, r) => xml(r, XML("<fault><value/></fault>")), -32300, /its answer is not XML-RPC/],
  [
    "a value of an unknown type",
    (_, r) => xml(r, XML("<params><param><value><ex:serializable xmlns:ex='x'/></value></param></params>")),
    -32300,
    /its answer is not XML-RPC/,
  ],
  [
    "values nested too deep",
    (_, r) =>
      xml(
        r,
        XML(
          `<params><param>${"<value><array><data>".repeat(100)}${"</data></array></value>".repeat(100)}</param></params>`,
        ),
      ),
    -32300,
    /its answer is not XML-RPC/,
  ],
  [
    "bytes of no charset",
    (_, r) => r.writeHead(200, { "content-type": "text/xml; charset=x-none" }).end(GOOD),
    -32300,
    /not text in the charset/,
  ],
  [
    "bytes that UTF-8 does not have",
    (_, r) =>
      r.writeHead(200, { "content-type": "text/xml" }).end(Buffer.concat([Buffer.from("<a>"), Buffer.from([0xff])])),
    -32300,
    /its answer is not XML-RPC/,
  ],
  [
    "too much, and says so",
    (_, r) => r.writeHead(200, { "content-type": "text/xml", "content-length": 9_000 }).end("x".repeat(9_000)),
    -32300,
    /more than 4096 bytes/,
  ],
  [
    "an endless body",
    (_, r) => endless(r.writeHead(200, { "content-type": "text/xml" })),
    -32300,
    /more than 4096 bytes/,
  ],
  [
    "a gzip bomb",
    (_, r) =>
      r
        .writeHead(200, { "content-type": "text/xml", "content-encoding": "gzip" })
        .end(gzipSync(Buffer.alloc(1_000_000))),
    -32300,
    /more than 4096 bytes/,
  ],
  [
    "bad gzip",
    (_, r) => r.writeHead(200, { "content-type": "text/xml", "content-encoding": "gzip" }).end(GOOD),
    -32300,
    /cannot be decompressed/,
  ],
  [
    "an unknown coding",
    (_, r) => r.writeHead(200, { "content-type": "text/xml", "content-encoding": "zstd" }).end(GOOD),
    -32300,
    /compressed in an unknown way/,
  ],
  [
    "headers without end",
    (_, r) => r.writeHead(200, { "x-a": "a".repeat(40_000) }).end(),
    -32300,
    /headers of its answer are too long/,
  ],
  [
    "half an answer",
    (_, r) => {
      r.writeHead(200, { "content-type": "text/xml", "content-length": 100 }).write("<a");
      setImmediate(() => r.destroy());
    },
    -32300,
    /cannot be reached/,
  ],
  ["a closed connection", (_, r) => void r.destroy(), -32300, /cannot be reached/],
  ["slow headers", () => undefined, -32400, /no answer within 400 ms/],
  [
    "a body that stops",
    (_, r) => void r.writeHead(200, { "content-type": "text/xml" }).write("<"),
    -32400,
    /no answer within 400 ms/,
  ],
  [
    "a redirect to a private address",
    (_, r) => r.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    -32300,
    /redirect/,
  ],
  [
    "a redirect within the origin",
    (_, r) => r.writeHead(307, { location: "/good" }).end(),
    -32300,
    /redirect; these are not followed/,
  ],
  ["304", (_, r) => r.writeHead(304).end(), -32300, /it answered HTTP 304/],
];

function xml(response: Parameters<Answer>[1], text: string): void {
  response.writeHead(200, { "content-type": "text/xml" }).end(text);
}

function endless(response: Parameters<Answer>[1]): void {
  const chunk = "x".repeat(1_000);
  const write = (): void => {
    if (response.destroyed) return;
    response.write(chunk);
    setImmediate(write);
  };
  write();
}

describe("an XML-RPC upstream", () => {
  const gateway = once(async () => {
    const server = await serve((request, response) => {
      const name = /<methodName>row(\d+)</.exec(request.body.toString())?.[1];
      const row = name === undefined ? undefined : ROWS[Number(name)];
      if (row === undefined) xml(response, GOOD);
      else row[1](request, response);
    });
    const log = recordLog();
    const settings: UpstreamSettings = {
      name: "old",
      kind: "xmlrpc",
      url: `${server.origin}/RPC2`,
      methods: [...ROWS.map((_, index) => ({ name: `row${index}` })), { name: "good" }],
      timeoutMs: 400,
      maxResponseBytes: 4_096,
      breaker: { failures: 1_000 },
    };
    return { ...(await gatewayOf([settings], { log })), log, server };
  });

  it.each(ROWS.map(([what, , code, text], index) => [what, code, text, index] as const))(
    "that answers %s gives one fault, and the next call works",
    async (_what, code, text, index) => {
      const { call, server } = await gateway();
      const error: unknown = await call(`old.row${index}`).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, message: text });
      expect(String(error)).toMatch(/upstream old: /);
      expect(String(error)).not.toMatch(/hunter2|views|10\.0|127\.0/);
      expect(await call("old.good")).toBe(1);
      expect(server.seen.filter(({ url }) => url !== "/RPC2")).toEqual([]);
    },
  );

  it("has the reason in the log", async () => {
    const { call, log } = await gateway();
    await call("old.row4").catch(() => undefined);
    expect(log.lines.findLast(({ event }) => event === "upstream.failed")?.fields).toMatchObject({
      upstream: "old",
      reason: "malformed",
      cause: expect.stringContaining("not XML-RPC: "),
    });
  });
});

describe("an upstream that speaks JSON", () => {
  const rows: readonly Row[] = [
    [
      "malformed JSON",
      (_, r) => r.writeHead(200, { "content-type": "application/json" }).end(`{"a":${SECRET}`),
      -32300,
      /its answer is not JSON/,
    ],
    [
      "JSON nested too deep",
      (_, r) => r.writeHead(200, { "content-type": "application/json" }).end("[".repeat(5_000) + "]".repeat(5_000)),
      -32300,
      /nested more than 64 deep/,
    ],
    [
      "the same with a long number",
      (_, r) =>
        r
          .writeHead(200, { "content-type": "application/json" })
          .end(`${"[".repeat(5_000)}12345678901234567${"]".repeat(5_000)}`),
      -32300,
      /its answer is not JSON/,
    ],
    [
      "HTML",
      (_, r) => r.writeHead(200, { "content-type": "text/html" }).end(SECRET),
      -32300,
      /JSON expected, got text\/html/,
    ],
    [
      "nothing",
      (_, r) => r.writeHead(200, { "content-type": "application/json" }).end(),
      -32300,
      /its answer is empty/,
    ],
    [
      "500 with HTML",
      (_, r) => r.writeHead(500, { "content-type": "text/html" }).end(SECRET),
      -32300,
      /it answered HTTP 500/,
    ],
  ];
  const gateway = once(() =>
    openApiGateway(operationsOf(rows.map(() => answers({}))), (request, response) =>
      rows[Number(request.url.slice(1))]?.[1](request, response),
    ),
  );
  it.each(rows.map(([what, , code, text], index) => [what, code, text, index] as const))(
    "with %s gives one fault",
    async (_what, code, text, index) => {
      const { call } = await gateway();
      const error: unknown = await call(`web.do${index}`).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, message: text });
      expect(String(error)).not.toMatch(/hunter2/);
    },
  );

  it("with another type than described names the path", async () => {
    const schema = {
      type: "object",
      required: ["a"],
      properties: { a: { type: "array", items: { type: "integer" } } },
    };
    const { call, server } = await openApiGateway(
      operationsOf([answers(schema), answers(schema)]),
      (request, response) => answerJson(response, request.url === "/0" ? { a: [1, "hunter2"] } : { b: 1 }),
    );
    await expect(call("web.do0")).rejects.toMatchObject({
      code: -32300,
      message: /result\.a\[1\]: long expected, got string/,
    });
    await expect(call("web.do1")).rejects.toMatchObject({ code: -32300, message: /result: member "a" is missing/ });
    expect(server.seen.length).toBeGreaterThan(2);
  });
});

describe("an upstream that speaks no HTTP", () => {
  it("gives one fault", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      socket.end("SSH-2.0-x\r\n");
    }).listen(0, "127.0.0.1");
    await onceEvent(server, "listening");
    atEnd(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { call } = await gatewayOf([
      { name: "ssh", kind: "xmlrpc", url: `http://127.0.0.1:${port}/`, methods: [{ name: "a" }] },
    ]);
    await expect(call("ssh.a")).rejects.toMatchObject({ code: -32300, message: /upstream ssh: it cannot be reached/ });
  });
});

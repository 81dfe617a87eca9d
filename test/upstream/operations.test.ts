// Running upstreams: connections, retries, limits, rest after failures, refresh, and life without them.
import { once as onceEvent } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createMethodTable } from "../../src/rpc/index.js";
import { createUpstreams, type UpstreamSettings } from "../../src/upstream/index.js";
import { type Answer, answerJson, startServer } from "./http-server.js";
import { atEnd, documentOf, gatewayOf, recordLog, serve, stopAfterEach, tableOf } from "./support.js";

stopAfterEach();

/** A JSON-RPC upstream that answers with `answer`; the fastest to set up. */
async function upstream(answer: Answer, settings: Partial<UpstreamSettings> = {}) {
  const server = await serve(answer);
  const log = recordLog();
  const row = { name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }], ...settings };
  // The parts of a row that tests give are those of its kind.
  const caller = await gatewayOf([row as UpstreamSettings], { log });
  return { ...caller, server, log };
}

const ok: Answer = (request, response) => {
  const { id } = JSON.parse(request.body.toString());
  answerJson(response, { jsonrpc: "2.0", id, result: "ok" });
};

/** Answers when it is told to. */
function held(): { readonly answer: Answer; readonly waiting: (() => void)[]; readonly responses: ServerResponse[] } {
  const waiting: (() => void)[] = [];
  const responses: ServerResponse[] = [];
  return {
    waiting,
    responses,
    answer: (request, response) => {
      responses.push(response);
      waiting.push(() => ok(request, response));
    },
  };
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error("nothing there");
  return first;
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe("connections", () => {
  it("are kept and used again", async () => {
    const { call, server } = await upstream(ok);
    let connections = 0;
    server.server.on("connection", () => {
      connections += 1;
    });
    for (let index = 0; index < 10; index++) expect(await call("j.a")).toBe("ok");
    // The pool opens a second one when the first has not yet said that it is free.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it("are at most maxConcurrent, the rest waits, and beyond maxQueued it is refused", async () => {
    const { answer, waiting } = held();
    const { call } = await upstream(answer, { maxConcurrent: 2, maxQueued: 1 });
    const calls = [call("j.a"), call("j.a")];
    await until(() => waiting.length === 2);
    const third = call("j.a");
    await expect(call("j.a")).rejects.toMatchObject({ code: -32002, message: /too many calls wait/ });
    expect(waiting).toHaveLength(2);
    waiting.shift()?.();
    await until(() => waiting.length === 2);
    for (const go of waiting.splice(0)) go();
    expect(await Promise.all([...calls, third])).toEqual(["ok", "ok", "ok"]);
  });

  it("lose a caller who waited too long without losing the place", async () => {
    const { answer, waiting } = held();
    const { call } = await upstream(answer, { maxConcurrent: 1, timeoutMs: 300 });
    const calls = [call("j.a"), call("j.a")];
    for (const one of calls)
      await expect(one).rejects.toMatchObject({ code: -32400, message: /no answer within 300 ms/ });
    const sent = waiting.length;
    const next = call("j.a");
    await until(() => waiting.length > sent);
    waiting.at(-1)?.();
    expect(await next).toBe("ok");
  });
});

describe("a call that is given up", () => {
  it("ends its request", async () => {
    const { answer, responses } = held();
    const server = await serve(answer);
    const gateway = await gatewayOf([
      { name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }], timeoutMs: 200 },
    ]);
    const call = gateway.call("j.a");
    await until(() => responses.length === 1);
    const closed = onceEvent(firstOf(responses), "close");
    await expect(call).rejects.toMatchObject({ code: -32400 });
    await closed;
    expect(responses[0]?.writableFinished).toBe(false);
  });

  it("ends its request when the gateway stops", async () => {
    const { answer, responses } = held();
    const server = await serve(answer);
    const table = createMethodTable();
    const settings: UpstreamSettings = { name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }] };
    const upstreams = await createUpstreams({ settings: [settings], table });
    await upstreams.start();
    const controller = new AbortController();
    // Only what a handler of an upstream asks of its context.
    const context = { signal: controller.signal, requester: { jid: { bare: "a@b" } }, log: recordLog() } as never;
    const call = Promise.resolve(table.find("j.a")?.spec.handler([], context));
    await until(() => responses.length === 1);
    const closed = onceEvent(firstOf(responses), "close");
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: -32003 });
    await closed;
    await upstreams.stop();
    await upstreams.stop();
  });
});

describe("a broken connection", () => {
  const restful = async (method: "get" | "post" | "put" | "delete", isBroken: (attempt: number) => boolean) => {
    let attempts = 0;
    const server = await serve((request, response) => {
      if (request.url === "/d")
        return answerJson(
          response,
          documentOf({ "/do": { [method]: { operationId: "do", responses: { 200: { description: "ok" } } } } }),
        );
      attempts += 1;
      if (isBroken(attempts)) response.destroy();
      else response.writeHead(200).end();
    });
    const { call } = await gatewayOf([{ name: "web", kind: "openapi", url: `${server.origin}/d`, include: ["do"] }]);
    return { call, attempts: () => attempts };
  };

  it.each(["get", "put", "delete"] as const)("is tried once more for %s", async (method) => {
    const once = await restful(method, (attempt) => attempt === 1);
    expect(await once.call("web.do")).toBe("");
    expect(once.attempts()).toBe(2);
  });

  it("is tried only once more", async () => {
    const never = await restful("get", () => true);
    await expect(never.call("web.do")).rejects.toMatchObject({ code: -32300 });
    expect(never.attempts()).toBe(2);
  });

  it("is not tried again for POST", async () => {
    const post = await restful("post", (attempt) => attempt === 1);
    await expect(post.call("web.do")).rejects.toMatchObject({ code: -32300 });
    expect(post.attempts()).toBe(1);
    expect(await post.call("web.do")).toBe("");
  });
});

describe("an upstream that fails again and again", () => {
  it("is left alone, then tried with one call", async () => {
    let isDown = true;
    let nowMs = 0;
    const { answer, waiting } = held();
    const server = await serve((request, response) => {
      if (isDown) response.destroy();
      else answer(request, response);
    });
    const table = createMethodTable();
    const log = recordLog();
    const settings: UpstreamSettings = {
      name: "j",
      kind: "jsonrpc",
      url: server.origin,
      methods: [{ name: "a" }],
      breaker: { failures: 3, seconds: 10 },
    };
    const upstreams = await createUpstreams({ settings: [settings], table, log, now: () => nowMs });
    atEnd(() => upstreams.stop());
    await upstreams.start();
    const call = () =>
      Promise.resolve(
        table.find("j.a")?.spec.handler([], {
          signal: new AbortController().signal,
          requester: { jid: { bare: "a@b" } },
          log,
        } as never),
      );
    for (let index = 0; index < 3; index++)
      await expect(call()).rejects.toMatchObject({ message: /cannot be reached/ });
    expect(log.lines.map(({ event }) => event)).toContain("upstream.resting");
    await expect(call()).rejects.toMatchObject({
      code: -32300,
      message: /failed too often; it is tried again in 10 s/,
    });
    expect(server.seen).toHaveLength(3);
    // Half open: one call finds out that it is still down …
    nowMs = 10_000;
    await expect(call()).rejects.toMatchObject({ message: /cannot be reached/ });
    await expect(call()).rejects.toMatchObject({ message: /tried again in 10 s/ });
    expect(server.seen).toHaveLength(4);
    // … and one that it is back, while the others are refused.
    isDown = false;
    nowMs = 20_000;
    const probe = call();
    await expect(call()).rejects.toMatchObject({ message: /tried again/ });
    await until(() => waiting.length === 1);
    waiting[0]?.();
    expect(await probe).toBe("ok");
    const next = call();
    await until(() => waiting.length === 2);
    waiting[1]?.();
    expect(await next).toBe("ok");
  });

  it("is not left alone for answers, whatever their status", async () => {
    const { call, server } = await upstream((_request, response) => response.writeHead(500).end(), {
      breaker: { failures: 1 },
    });
    for (let index = 0; index < 3; index++) await expect(call("j.a")).rejects.toMatchObject({ message: /HTTP 500/ });
    expect(server.seen).toHaveLength(3);
  });
});

describe("the size of an answer", () => {
  const sized =
    (bytes: number): Answer =>
    (request, response) => {
      const { id } = JSON.parse(request.body.toString());
      const frame = JSON.stringify({ jsonrpc: "2.0", id, result: "" }).length;
      answerJson(response, { jsonrpc: "2.0", id, result: "x".repeat(bytes - frame) });
    };

  it("may be at the limit, and not one byte over", async () => {
    const at = await upstream(sized(2_000), { maxResponseBytes: 2_000 });
    expect(String(await at.call("j.a"))).toHaveLength(
      2_000 - JSON.stringify({ jsonrpc: "2.0", id: 1, result: "" }).length,
    );
    const over = await upstream(sized(2_001), { maxResponseBytes: 2_000 });
    await expect(over.call("j.a")).rejects.toMatchObject({ code: -32300, message: /more than 2000 bytes/ });
  });
});

describe("redirects that are allowed", () => {
  const redirecting = (location: (origin: string) => string, status = 302, method = "get") =>
    (async () => {
      const other = await serve((_request, response) => response.writeHead(200).end());
      let origin = "";
      const server = await serve((request, response) => {
        if (request.url === "/d")
          return answerJson(
            response,
            documentOf({ "/do": { [method]: { operationId: "do", responses: { 200: { description: "ok" } } } } }),
          );
        if (request.url === "/end") return response.writeHead(200).end();
        return response.writeHead(status, { location: location(request.url === "/do" ? origin : "/loop") }).end();
      });
      ({ origin } = other);
      const { call } = await gatewayOf([
        { name: "web", kind: "openapi", url: `${server.origin}/d`, include: ["do"], redirects: true },
      ]);
      return { call, server, other };
    })();

  it("are followed within the origin", async () => {
    const { call, server } = await redirecting(() => "/end");
    expect(await call("web.do")).toBe("");
    expect(server.seen.at(-1)).toMatchObject({ url: "/end", method: "GET" });
  });

  it("are never followed to another origin", async () => {
    for (const to of [
      (origin: string) => `${origin}/x`,
      () => "//127.0.0.1:1/",
      () => "https://127.0.0.1/",
      () => "file:///etc/passwd",
      () => "http://[",
    ]) {
      const { call, other } = await redirecting(to);
      await expect(call("web.do")).rejects.toMatchObject({ code: -32300, message: /another origin/ });
      expect(other.seen).toEqual([]);
    }
  });

  it("end after three", async () => {
    const { call, server } = await redirecting(() => "/loop");
    await expect(call("web.do")).rejects.toMatchObject({ message: /more than 3/ });
    expect(server.seen).toHaveLength(5);
  });

  it("do not change a POST, and repeat it where the status says so", async () => {
    const changed = await redirecting(() => "/end", 302, "post");
    await expect(changed.call("web.do")).rejects.toMatchObject({ message: /the method would change/ });
    const kept = await redirecting(() => "/end", 308, "post");
    await kept.call("web.do");
    expect(kept.server.seen.at(-1)).toMatchObject({ url: "/end", method: "POST" });
  });
});

describe("the description", () => {
  const operation = (id: string) => ({ get: { operationId: id, responses: { 200: { description: "ok" } } } });

  it("is read again: methods appear, disappear, and never without include", async () => {
    let document: object = documentOf({ "/a": operation("getA"), "/b": operation("getB") });
    const server = await serve((_request, response) => answerJson(response, document));
    const { upstreams, names, log } = await tableOf([
      { name: "web", kind: "openapi", url: server.origin, include: ["get*"] },
    ]);
    await upstreams.start();
    expect(names()).toEqual(["web.getA", "web.getB"]);
    document = documentOf({ "/a": operation("getA"), "/c": operation("getC"), "/x": operation("dropAll") });
    await upstreams.refresh();
    expect(names()).toEqual(["web.getA", "web.getC"]);
    expect(log.lines.at(-1)).toEqual({
      event: "upstream.methods",
      fields: { upstream: "web", methods: 2, added: "web.getC", removed: "web.getB", leftOut: "dropAll" },
    });
    const before = log.lines.length;
    await upstreams.refresh();
    expect(log.lines).toHaveLength(before);
  });

  it("that cannot be used any more leaves the methods as they were", async () => {
    let body = JSON.stringify(documentOf({ "/a": operation("getA") }));
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(body),
    );
    const { upstreams, names, log } = await tableOf([
      { name: "web", kind: "openapi", url: server.origin, include: ["get*"] },
    ]);
    await upstreams.start();
    for (body of ["{", "{}", JSON.stringify(documentOf({ "/a": operation("get-A"), "/b": operation("get_A") }))]) {
      await upstreams.refresh();
      expect(names()).toEqual(["web.getA"]);
      expect(log.lines.at(-1)).toMatchObject({ event: "upstream.refresh-failed", fields: { reason: "unusable" } });
    }
    await server.stop();
    await upstreams.refresh();
    expect(names()).toEqual(["web.getA"]);
    expect(log.lines.at(-1)).toMatchObject({ event: "upstream.refresh-failed", fields: { reason: "unreachable" } });
  });

  it("of a dead upstream does not stop the start, and brings its methods when it is back", async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    const { upstreams, names, log } = await tableOf([
      { name: "web", kind: "openapi", url: `${gone.origin}/d`, include: ["*"] },
      { name: "j", kind: "jsonrpc", url: gone.origin, methods: [{ name: "a" }] },
    ]);
    await upstreams.start();
    expect(names()).toEqual(["j.a"]);
    expect(log.lines).toContainEqual({
      event: "upstream.unavailable",
      fields: { upstream: "web", reason: "unreachable", cause: expect.stringContaining("ECONNREFUSED") },
    });
    const { server } = await serveAt(gone.origin, (_request, response) =>
      answerJson(response, documentOf({ "/a": operation("getA") })),
    );
    // The first retry is due after a second; nothing but the clock brings it.
    await until(() => names().includes("web.getA"));
    expect(server.seen.length).toBeGreaterThan(0);
  });

  it("of one upstream cannot take the methods of another, nor its own twice", async () => {
    const server = await serve((_request, response) => answerJson(response, documentOf({ "/a": operation("a") })));
    const row = { kind: "openapi", url: server.origin, include: ["*"], prefix: "p" } as const;
    const { upstreams } = await tableOf([
      { ...row, name: "one" },
      { ...row, name: "two" },
    ]);
    await expect(upstreams.start()).rejects.toMatchObject({ key: "names", message: /there is a method p\.a already/ });
    await expect(
      tableOf([
        { ...row, name: "one" },
        { ...row, name: "one" },
      ]),
    ).rejects.toMatchObject({ key: "name" });
  });

  it("may not bring more methods than the limit", async () => {
    const server = await serve((_request, response) =>
      answerJson(response, documentOf({ "/a": operation("a"), "/b": operation("b") })),
    );
    const settings: UpstreamSettings[] = [{ name: "web", kind: "openapi", url: server.origin, include: ["*"] }];
    const at = await createUpstreams({ settings, table: createMethodTable(), limits: { maxUpstreamMethods: 2 } });
    atEnd(() => at.stop());
    await at.start();
    const over = await createUpstreams({ settings, table: createMethodTable(), limits: { maxUpstreamMethods: 1 } });
    await expect(over.start()).rejects.toMatchObject({
      message: /2 operations; the limit is 1 \(maxUpstreamMethods\)/,
    });
  });

  it("may not be longer than the limit", async () => {
    const text = JSON.stringify(documentOf({ "/a": operation("a") }));
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(text),
    );
    const names = async (maxDescriptionBytes: number) => {
      const table = createMethodTable();
      const settings: UpstreamSettings[] = [{ name: "web", kind: "openapi", url: server.origin, include: ["*"] }];
      const upstreams = await createUpstreams({ settings, table, limits: { maxDescriptionBytes } });
      atEnd(() => upstreams.stop());
      await upstreams.start();
      return table.list().length;
    };
    expect(await names(text.length)).toBe(1);
    expect(await names(text.length - 1)).toBe(0);
  });
});

/** A server on the port of one that is gone. */
async function serveAt(origin: string, answer: Answer) {
  const server = await startServer(answer, Number(new URL(origin).port));
  atEnd(() => server.stop());
  return { server };
}

describe("an address", () => {
  it.each([
    ["of another protocol", { url: "ftp://127.0.0.1/" }, "url"],
    ["with a password in it", { url: "http://a:b@127.0.0.1/" }, "url"],
    ["that is none", { url: "127.0.0.1" }, "url"],
    ["beside a file", { url: "http://127.0.0.1/", file: "x" }, "url"],
    ["that is missing", {}, "url"],
    ["that is missing with a file", { file: "x" }, "baseUrl"],
    ["of another origin than baseUrl", { url: "http://127.0.0.1:1/", baseUrl: "http://127.0.0.1:2/" }, "baseUrl"],
  ])("%s stops the start", async (_what, settings, key) => {
    const start = async () => {
      const { upstreams } = await tableOf([{ name: "web", kind: "openapi", include: ["*"], ...settings }]);
      await upstreams.start();
    };
    await expect(start()).rejects.toMatchObject({ name: "UpstreamSettingsError", key });
  });
});

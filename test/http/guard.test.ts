// What comes before a body is read: Host, path, method, login; and clients that are slow, large or lie.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork } from "../../src/index.js";
import { BASIC, type HttpGateway, methodCall, param, startHttpGateway } from "./support.js";

const CALL = methodCall("examples.getStateName", param("<i4>6</i4>"));
let door: HttpGateway;
beforeAll(async () => {
  door = await startHttpGateway({
    http: {
      port: 0,
      hosts: ["rpc.example.org"],
      users: [
        { name: "svc", password: "pw", jid: "svc@localhost" },
        { name: "\u00e9t\u00e9", password: "mot: \u20ac", jid: "ete@localhost/x" },
      ],
      domains: ["localhost"],
    },
    access: [{ allow: "*@localhost" }],
    limits: { httpRequestMs: 600 },
  });
});
afterAll(() => door.stop());

/** Writes bytes as they are, and reads until the other side closes. */
async function raw(lines: readonly string[], { port } = door): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(lines.join("\r\n"));
  return text(socket);
}
const head = (...lines: string[]) => [...lines, "connection: close", "", ""];
const basic = (credentials: string | Buffer) => `Basic ${Buffer.from(credentials).toString("base64")}`;

describe("Host", () => {
  it.each([
    ["localhost", 200],
    ["LOCALHOST:8080", 200],
    ["127.0.0.1:1", 200],
    ["[::1]:8080", 200],
    ["rpc.example.org", 200],
    ["evil.example", 421],
    ["localhost.evil.example", 421],
    ["rpc.example.org@evil.example", 421],
    ["", 421],
  ])("%s: %i", async (host, status) => {
    expect(await raw(head("GET /healthz HTTP/1.1", `host: ${host}`))).toMatch(`HTTP/1.1 ${status} `);
  });

  it("is needed", async () => {
    expect(await raw(head("GET /healthz HTTP/1.1"))).toMatch("HTTP/1.1 400 ");
    expect(await raw(head("GET /healthz HTTP/1.0"))).toMatch(" 421 ");
  });
});

describe("paths and methods", () => {
  it.each([
    ["GET", "/RPC2", 405, "POST"],
    ["OPTIONS", "/RPC2", 405, "POST"],
    ["PUT", "/jsonrpc", 405, "POST"],
    ["DELETE", "/RPC2/a@localhost/b", 405, "POST"],
    ["POST", "/healthz", 405, "GET, HEAD"],
    ["GET", "/", 404, null],
    ["POST", "/rpc2", 404, null],
    ["POST", "/RPC2/", 404, null],
    ["POST", "/%52PC2", 404, null],
    ["GET", "/metrics/", 404, null],
  ])("%s %s: %i", async (method, path, status, allow) => {
    const response = await fetch(door.url + path, { method, headers: { authorization: BASIC } });
    expect({ status: response.status, allow: response.headers.get("allow") }).toEqual({ status, allow });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("logging in", () => {
  const status = async (authorization?: string, path = "/RPC2") => {
    const headers = { "content-type": "text/xml", ...(authorization === undefined ? {} : { authorization }) };
    return (await fetch(door.url + path, { method: "POST", body: CALL, headers })).status;
  };

  it("is asked for", async () => {
    const response = await fetch(`${door.url}/RPC2`, { method: "POST", body: CALL });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('Basic realm="jabber-rpc"');
    for (const path of ["/jsonrpc", "/RPC2/a@localhost/b"]) expect(await status(undefined, path)).toBe(401);
    for (const path of ["/metrics", "/openrpc.json", "/openapi.json"]) {
      expect((await fetch(door.url + path)).status).toBe(401);
    }
  });

  it("takes a password with any characters", async () => {
    expect(await status(basic("\u00e9t\u00e9:mot: \u20ac"))).toBe(200);
  });

  it.each([
    ["Basic"],
    ["Basic !!!"],
    ["basic"],
    [basic("svc")],
    [basic("svc:")],
    [basic("svc:pw ")],
    [basic("SVC:pw")],
    [basic("svc:pw\0")],
    [basic(":")],
    [basic("__proto__:pw")],
    ["Bearer pw"],
    ["Bearer "],
    [`${BASIC}, ${BASIC}`],
    ["Negotiate abc"],
  ])("refuses %j", async (header) => {
    expect(await status(header)).toBe(401);
  });

  it("is slowed down for an address that fails, and by name", async () => {
    const guarded = await startHttpGateway({ limits: { httpLoginFailuresPerAddress: 3, httpLoginFailuresPerName: 2 } });
    const attempt = async (credentials: string) =>
      (await guarded.post("/RPC2", CALL, { authorization: basic(credentials) })).status;
    expect(await attempt("svc:wrong")).toBe(401);
    expect(await attempt("svc:pw")).toBe(200);
    expect(await attempt("svc:wrong")).toBe(401);
    expect(await attempt("svc:pw")).toBe(429);
    expect(await attempt("other:wrong")).toBe(401);
    const refused = await guarded.post("/RPC2", CALL, { authorization: "Bearer t0ken" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await guarded.get("/healthz")).status).toBe(200);
    // Without the setting nobody's word is taken for where he is.
    const forged = await guarded.post("/RPC2", CALL, { authorization: "Bearer t0ken", "x-forwarded-for": "192.0.2.1" });
    expect(forged.status).toBe(429);
    await guarded.stop();
  });

  it("counts by what the proxy says, and only by its own entry", async () => {
    const guarded = await startHttpGateway({
      http: { port: 0, behindTlsProxy: true },
      limits: { httpLoginFailuresPerAddress: 1 },
    });
    const attempt = async (forwarded: string, authorization: string) =>
      (await guarded.post("/RPC2", CALL, { authorization, "x-forwarded-for": forwarded })).status;
    expect(await attempt("192.0.2.1", "Bearer wrong")).toBe(401);
    expect(await attempt("192.0.2.1", BASIC)).toBe(429);
    expect(await attempt("192.0.2.7, 192.0.2.1", BASIC)).toBe(429);
    expect(await attempt("192.0.2.2", BASIC)).toBe(200);
    expect(await attempt("2001:db8:1:2::1", "Bearer wrong")).toBe(401);
    expect(await attempt("2001:db8:1:2:ffff::2", BASIC)).toBe(429);
    expect(await attempt("2001:db8:1:3::1", BASIC)).toBe(200);
    await guarded.stop();
  });
});

describe("bodies", () => {
  const post = (headers: Readonly<Record<string, string>>, body: string | Buffer = CALL, path = "/RPC2") =>
    fetch(door.url + path, { method: "POST", body, headers: { authorization: BASIC, ...headers } });

  it.each([
    ["text/xml", 200],
    ["TEXT/XML; charset=UTF-8", 200],
    ['application/xml; charset="utf-8"', 200],
    ["text/xml; charset=iso-8859-1", 415],
    ["text/plain", 415],
    ["application/json", 415],
    ["application/x-www-form-urlencoded", 415],
    ["text/xmlx", 415],
  ])("of type %s: %i", async (type, status) => {
    expect((await post({ "content-type": type })).status).toBe(status);
  });

  it("are not taken as text/xml by the JSON door", async () => {
    expect((await post({ "content-type": "text/xml" }, "{}", "/jsonrpc")).status).toBe(415);
    expect((await post({ "content-type": "text/plain" }, "{}", "/jsonrpc")).status).toBe(415);
  });

  it("are not unpacked", async () => {
    const packed = gzipSync(CALL);
    expect((await post({ "content-type": "text/xml", "content-encoding": "gzip" }, packed)).status).toBe(415);
    expect((await post({ "content-type": "text/xml" }, packed)).status).toBe(200);
  });

  it("are needed", async () => {
    const lines = ["POST /RPC2 HTTP/1.1", "host: localhost", `authorization: ${BASIC}`];
    expect(await raw(head(...lines, "content-length: 0"))).toMatch("HTTP/1.1 415 ");
    const empty = await raw(head(...lines, "content-type: text/xml", "content-length: 0"));
    expect(empty).toMatch(/^HTTP\/1\.1 200 [\s\S]*<int>-32700<\/int>/);
  });

  it("that come in chunks are bounded while they come", async () => {
    const maxBytes = 1_000;
    const bounded = await startHttpGateway({ limits: { maxStanzaBytes: maxBytes } });
    const start = async (bytes: number): Promise<{ readonly socket: Socket; readonly answer: Promise<string> }> => {
      const socket = connect({ host: "127.0.0.1", port: bounded.port });
      const answer = text(socket);
      const chunk = `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;
      const lines = ["POST /RPC2 HTTP/1.1", "host: localhost", `authorization: ${BASIC}`, "connection: close"];
      socket.write([...lines, "content-type: text/xml", "transfer-encoding: chunked", "", chunk].join("\r\n"));
      return { socket, answer };
    };
    // The body never ends, so whoever waits for its end answers with 408. Nothing is sent that the door would leave unread:
    // the answer could then be lost in the reset.
    const over = await start(maxBytes + 1);
    expect(await over.answer).toMatch(/^HTTP\/1\.1 413 /);
    const at = await start(maxBytes);
    at.socket.write("0\r\n\r\n");
    expect(await at.answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*<int>-32700<\/int>/);
    await bounded.stop();
  });

  it.each([
    ["two lengths", ["content-length: 5", "content-length: 6"]],
    ["a length and chunks", ["content-length: 5", "transfer-encoding: chunked"]],
    ["a length that is none", ["content-length: -1"]],
    ["a header of no form", ["nonsense"]],
  ])("with %s are refused", async (_name, lines) => {
    const request = ["POST /RPC2 HTTP/1.1", "host: localhost", `authorization: ${BASIC}`, "content-type: text/xml"];
    expect(await raw([...request, ...lines, "", "hello"])).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("that do not come are not waited for", async () => {
    const lines = ["POST /RPC2 HTTP/1.1", "host: localhost", `authorization: ${BASIC}`, "content-type: text/xml"];
    expect(await raw([...lines, "content-length: 100", "", "<methodCall>"])).toMatch(/^HTTP\/1\.1 408 /);
    expect(await raw(["POST /RPC2 HTTP/1.1", "host: loc"])).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("of a request that is refused are not read", async () => {
    const socket = connect({ host: "127.0.0.1", port: door.port });
    socket.write(`POST /RPC2 HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\ncontent-length: 1000000\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("of whatever kind leave the door open", async () => {
    expect((await door.post("/RPC2", CALL)).status).toBe(200);
  });
});

describe("the doors", () => {
  const links = createMemoryNetwork();

  it("are not there unless they are asked for", async () => {
    const gateway = createGateway({ link: links.link("a.example.org") });
    await gateway.start();
    expect(gateway.http).toBeUndefined();
    await gateway.stop();
  });

  it("answer for nothing but health when nobody can log in", async () => {
    const bare = await startHttpGateway({ http: { port: 0, users: [], tokens: [] } });
    expect(await bare.get("/healthz", {})).toMatchObject({ status: 200, text: "ok\n" });
    for (const path of ["/metrics", "/openrpc.json"]) expect((await bare.get(path)).status).toBe(404);
    for (const path of ["/RPC2", "/jsonrpc"]) expect((await bare.post(path, CALL)).status).toBe(404);
    await bare.stop();
  });

  it.each([
    [{ host: "0.0.0.0" }, /http\.host 0\.0\.0\.0 would carry passwords in clear/],
    [{ host: "::" }, /in clear/],
    [{ host: "127.0.0.1.example.org" }, /in clear/],
    [{ users: [{ name: "a", password: "b", jid: "a@example.org" }] }, /a@example\.org is not of the domains/],
    [{ users: [{ name: "a", password: "b", jid: "a@b@c" }] }, /is not an address/],
    [{ users: [{ name: "a:b", password: "b", jid: "a@localhost" }] }, /without :/],
    [{ users: [{ name: "a", password: "", jid: "a@localhost" }] }, /empty/],
    [{ tokens: [{ token: "", jid: "a@localhost" }] }, /empty/],
    [
      {
        users: [
          { name: "a", password: "b", jid: "a@localhost" },
          { name: "a", password: "c", jid: "c@localhost" },
        ],
      },
      /already/,
    ],
  ])("are refused with %j", async (options, expected) => {
    const http = { port: 0, domains: ["localhost"], ...options };
    const gateway = createGateway({ link: links.link("b.example.org"), http });
    await expect(gateway.start()).rejects.toThrow(expected);
    await gateway.stop();
  });

  it("may be off loopback behind a proxy", async () => {
    const open = await startHttpGateway({ http: { port: 0, host: "0.0.0.0", behindTlsProxy: true } });
    expect((await open.get("/healthz")).status).toBe(200);
    await open.stop();
  });

  it("say when their port is taken, and nothing stays open", async () => {
    const gateway = createGateway({ link: links.link("c.example.org"), http: { port: door.port } });
    await expect(gateway.start()).rejects.toThrow(
      `127.0.0.1:${door.port}: the port is in use; choose another with http.port`,
    );
    await gateway.stop();
  });

  it("say whether the link is up", async () => {
    const link = createMemoryNetwork().link("rpc.example.org");
    let isDown = false;
    const own = await startHttpGateway({
      // Of a link that is lost, this is all that the doors see.
      link: {
        mode: link.mode,
        get jid() {
          return link.jid;
        },
        get isOnline() {
          return link.isOnline && !isDown;
        },
        start: (listener) => link.start(listener),
        send: (stanza) => link.send(stanza),
        flushed: () => link.flushed(),
        stop: () => link.stop(),
      },
    });
    expect(await own.get("/readyz", {})).toMatchObject({ status: 200, text: "ready\n" });
    isDown = true;
    expect(await own.get("/readyz", {})).toMatchObject({ status: 503, text: "the link is down\n" });
    expect((await own.get("/metrics")).text).toContain("jabber_rpc_link_up 0\n");
    expect((await own.get("/healthz", {})).status).toBe(200);
    await own.stop();
    await expect(own.get("/readyz", {})).rejects.toThrow();
  });

  it("stop with idle connections open, and twice", async () => {
    const own = await startHttpGateway();
    const idle = connect({ host: "127.0.0.1", port: own.port });
    await once(idle, "connect");
    const closed = once(idle, "close");
    idle.resume();
    await Promise.all([own.stop(), own.stop()]);
    await closed;
  });
});

describe("GET /metrics", () => {
  it("shows a caller his own numbers, and an admin those of all", async () => {
    const own = await startHttpGateway({
      access: [
        { allow: "svc@localhost", methods: "examples.*" },
        { allow: "bot@localhost", methods: "examples.*", admin: true },
      ],
    });
    const bot = { authorization: "Bearer t0ken" };
    await own.post("/RPC2", CALL);
    await own.post("/RPC2", methodCall("examples.getStateName", param("<i4>60</i4>")), bot);
    await own.post("/RPC2", methodCall('examples."x\n'), bot);
    const mine = await own.get("/metrics");
    expect(mine.headers.get("content-type")).toContain("version=0.0.4");
    expect(mine.text).toContain('jabber_rpc_calls_total{method="examples.getStateName",outcome="value"} 1\n');
    expect(mine.text).toContain("jabber_rpc_link_up 1\n");
    expect(mine.text).not.toMatch(/outcome="fault"|in_flight/);
    const all = (await own.get("/metrics", bot)).text;
    expect(all).toContain('jabber_rpc_calls_total{method="examples.getStateName",outcome="value"} 1\n');
    expect(all).toContain('jabber_rpc_calls_total{method="examples.getStateName",outcome="fault"} 1\n');
    expect(all).toContain('jabber_rpc_calls_total{method="",outcome="not-found"} 1\n');
    expect(all).toContain("jabber_rpc_calls_in_flight 0\n");
    await own.stop();
  });
});

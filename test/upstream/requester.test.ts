// Who is calling, as an upstream sees it.
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { UpstreamSettings } from "../../src/upstream/index.js";
import { answerJson } from "./http-server.js";
import { answers, gatewayOf, openApiGateway, operationOf, serve, stopAfterEach, tableOf } from "./support.js";

stopAfterEach();

async function upstream(settings: Partial<UpstreamSettings>) {
  const server = await serve((request, response) => {
    const { id } = JSON.parse(request.body.toString());
    answerJson(response, { jsonrpc: "2.0", id, result: "ok" });
  });
  const row = { name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }], ...settings };
  // The parts of a row that tests give are those of its kind.
  const gateway = await gatewayOf([row as UpstreamSettings]);
  return { ...gateway, header: (name: string) => server.seen.at(-1)?.headers[name], server };
}

describe("the header of the requester", () => {
  it.each([
    ["alice@example.org/desk", "alice@example.org"],
    ["jürgen@bücher.example/x", "jürgen@bücher.example"],
    ["a%b@example.org/x", "a%b@example.org"],
    ["example.org/alice@evil.org", "example.org"],
  ])("carries the prepared bare address of %s", async (jid, bare) => {
    const { as, header } = await upstream({ requesterHeader: "X-Jabber-Id" });
    await as(jid).call("j.a");
    expect(header("x-jabber-id")).toBe(encodeURIComponent(bare));
    expect(decodeURIComponent(String(header("x-jabber-id")))).toBe(bare);
  });

  it("cannot be set by a parameter of a call, nor can anything else that the settings write", async () => {
    const header = (name: string) => ({ name, in: "header", schema: { type: "string" } });
    const { call, server } = await openApiGateway(
      operationOf({ parameters: ["x-jabber-id", "X-Key", "Authorization", "X-Free"].map(header), ...answers({}) }),
      (_request, response) => answerJson(response, 1),
      { requesterHeader: "X-Jabber-Id", headers: { "x-KEY": "secret" } },
    );
    await call("web.do", { "x-jabber-id": "mallory", "X-Key": "no", Authorization: "no", "X-Free": "yes" });
    expect(server.seen.at(-1)?.headers).toMatchObject({
      "x-jabber-id": "alice%40example.org",
      "x-key": "secret",
      "x-free": "yes",
    });
    expect(server.seen.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  it.each(["Host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie"])(
    "%s is never a parameter",
    async (name) => {
      const start = openApiGateway(
        operationOf({ parameters: [{ name, in: "header", schema: { type: "string" } }] }),
        () => undefined,
        { include: ["do"] },
      );
      await expect(start).rejects.toMatchObject({ key: "include", message: /which callers may not set/ });
    },
  );

  it("is not sent for the description", async () => {
    const { server } = await openApiGateway(operationOf({}), () => undefined, {
      requesterHeader: "X-Jabber-Id",
      headers: { "X-Key": "secret" },
    });
    expect(server.seen[0]?.headers).toMatchObject({ "x-key": "secret" });
    expect(server.seen[0]?.headers).not.toHaveProperty("x-jabber-id");
  });
});

describe("the assertion", () => {
  const read = (token: string, key: string) => {
    const [head = "", claims = "", signature] = token.split(".");
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
    return {
      head: decode(head),
      claims: decode(claims),
      isSigned: createHmac("sha256", key).update(`${head}.${claims}`).digest("base64url") === signature,
    };
  };

  it("is a JSON Web Token of the requester", async () => {
    const { as, header } = await upstream({ requesterAssertion: { jwt: { key: "k", ttlSeconds: 30 } } });
    await as("jürgen@example.org/x").call("j.a");
    const [scheme, token = ""] = String(header("authorization")).split(" ");
    expect(scheme).toBe("Bearer");
    const now = Math.floor(Date.now() / 1_000);
    const { head, claims, isSigned } = read(token, "k");
    expect(isSigned).toBe(true);
    expect(head).toEqual({ alg: "HS256", typ: "JWT" });
    expect(claims).toMatchObject({ iss: "jabber-rpc", aud: "j", sub: "jürgen@example.org" });
    const { iat, exp } = claims as { iat: number; exp: number };
    expect(exp - iat).toBe(30);
    expect(Math.abs(now - iat)).toBeLessThan(20);
  });

  it("is each requester's own, in the header that the settings name", async () => {
    const { as, header } = await upstream({ requesterAssertion: { jwt: { key: "k", header: "X-Token" } } });
    for (const jid of ["a@example.org", "b@example.org", "a@example.org"]) {
      await as(`${jid}/x`).call("j.a");
      expect(read(String(header("x-token")), "k").claims).toMatchObject({ sub: jid });
    }
  });
});

describe("credentials by requester", () => {
  it("are the requester's own, and nobody else's", async () => {
    const { as, header, server } = await upstream({
      credentials: { "a@example.org": "Bearer one", "b@example.org": "Basic two" },
    });
    await as("a@example.org/x").call("j.a");
    expect(header("authorization")).toBe("Bearer one");
    await as("b@example.org/x").call("j.a");
    expect(header("authorization")).toBe("Basic two");
    const before = server.seen.length;
    await expect(as("c@example.org/x").call("j.a")).rejects.toMatchObject({
      code: -32001,
      message: /no credentials for you/,
    });
    await expect(as("constructor/x").call("j.a")).rejects.toMatchObject({ code: -32001 });
    expect(server.seen).toHaveLength(before);
  });
});

describe("headers", () => {
  it.each([
    [
      "two for one name",
      { headers: { authorization: "x" }, requesterAssertion: { jwt: { key: "k" } } },
      "requesterAssertion",
    ],
    ["credentials and an assertion", { credentials: {}, requesterAssertion: { jwt: { key: "k" } } }, "credentials"],
    ["a name that is none", { requesterHeader: "X Jabber" }, "requesterHeader"],
    ["a line end in a name", { headers: { "X\r\nY": "x" } }, "headers"],
    ["a line end in a value", { headers: { X: "a\r\nb" } }, "headers"],
    ["a line end in credentials", { credentials: { "a@b": "a\nb" } }, "credentials"],
  ])("cannot be %s", async (_what, settings, key) => {
    const start = tableOf([{ name: "j", kind: "jsonrpc", url: "http://127.0.0.1:1/", methods: [], ...settings }]);
    await expect(start).rejects.toMatchObject({ name: "UpstreamSettingsError", key });
  });
});

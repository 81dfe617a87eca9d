// Documents that others published (test/fixtures/openapi): every operation becomes a method, or is refused by name.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { describeMethod } from "../../src/rpc/index.js";
import { answerJson } from "./http-server.js";
import { atEnd, gatewayOf, serve, stopAfterEach, tableOf } from "./support.js";

stopAfterEach();

const FOLDER = join(import.meta.dirname, "../../../test/fixtures/openapi");
const ALL = ["get*", "post*", "put*", "delete*", "patch*", "*"];

/** A document as a file, with what its server is. */
function fileOf(name: string): { readonly file: string; readonly bytes: number } {
  const packed = readFileSync(join(FOLDER, name));
  const text = name.endsWith(".br") ? brotliDecompressSync(packed) : packed;
  const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-openapi-"));
  atEnd(() => Promise.resolve(rmSync(folder, { recursive: true })));
  const file = join(folder, "openapi.json");
  writeFileSync(file, text);
  return { file, bytes: text.length };
}

describe("a published document", () => {
  it.each([
    ["petstore.json", 20],
    ["digitalocean.json.br", 290],
    ["stripe.json.br", 452],
    ["github.json.br", 845],
  ])("%s has %i operations, all of which become methods", async (name, count) => {
    const { file } = fileOf(name);
    const row = { name: "api", kind: "openapi", file, baseUrl: "http://127.0.0.1:1/", include: ALL } as const;
    const { upstreams, table, log } = await tableOf([row]);
    await upstreams.start();
    const remarks = log.lines.flatMap(({ fields }) => fields["remark"] ?? []);
    expect(remarks.filter((remark) => !/matches nothing/.test(String(remark)))).toEqual([]);
    const methods = table.list();
    expect(methods).toHaveLength(count);
    // A description that cannot be sent helps nobody.
    const sizes = methods.map((method) => JSON.stringify(describeMethod(method)).length);
    expect(Math.max(...sizes)).toBeLessThan(200_000);
    expect(new Set(methods.map((method) => method.name)).size).toBe(count);
  });
});

describe("the Petstore", () => {
  const pet = { id: 9, name: "Rex", photoUrls: ["a"], status: "sold", tags: [{ id: 1, name: "t" }], extra: 1 };

  it("is called with its own types", async () => {
    const { file } = fileOf("petstore.json");
    const server = await serve((request, response) => {
      if (request.url.startsWith("/v2/pet/findByStatus")) answerJson(response, [pet]);
      else if (request.url === "/v2/store/inventory") answerJson(response, { sold: 3 });
      else if (request.url === "/v2/pet/404") answerJson(response, { message: "Pet not found" }, 404);
      else if (request.url.endsWith("/uploadImage")) answerJson(response, { code: 200 });
      else if (request.method === "GET") answerJson(response, pet);
      else response.writeHead(200).end();
    });
    const { call } = await gatewayOf([
      { name: "pets", kind: "openapi", file, baseUrl: `${server.origin}/v2`, include: ["*"] },
    ]);
    const { extra, ...known } = pet;
    expect(extra).toBe(1);
    expect(await call("pets.getPetById", 9)).toEqual(known);
    expect(await call("pets.findPetsByStatus", { status: ["sold", "available"] })).toEqual([known]);
    expect(server.seen.at(-1)?.url).toBe("/v2/pet/findByStatus?status=sold&status=available");
    expect(await call("pets.getInventory")).toEqual({ sold: 3 });
    await call("pets.addPet", { name: "Rex", photoUrls: [], status: "sold" });
    expect(server.seen.at(-1)).toMatchObject({ method: "POST", url: "/v2/pet" });
    expect(JSON.parse(String(server.seen.at(-1)?.body))).toEqual({ name: "Rex", photoUrls: [], status: "sold" });
    expect(await call("pets.uploadFile", 9, { file: new Uint8Array([1, 2]), additionalMetadata: "x" })).toEqual({
      code: 200,
    });
    expect(server.seen.at(-1)?.headers["content-type"]).toMatch(/^multipart\/form-data/);
    await expect(call("pets.getPetById", 404)).rejects.toMatchObject({ code: 404, message: /Pet not found/ });
    await expect(call("pets.addPet", { name: "Rex", photoUrls: [], status: "lost" })).rejects.toMatchObject({
      code: -32602,
      message: /options\)\.status: one of/,
    });
    expect(await call("system.methodSignature", "pets.getPetById")).toEqual([["struct", "int"]]);
  });

  it("is read as YAML too", async () => {
    const text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n";
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-type": "application/yaml" }).end(text),
    );
    const { upstreams, names } = await tableOf([
      { name: "web", kind: "openapi", url: server.origin, include: ["getA"] },
    ]);
    await upstreams.start();
    expect(names()).toEqual(["web.getA"]);
  });

  it.each([
    [
      "an alias bomb",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
        .split("")
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`)
        .join("\n")}\n`,
    ],
    ["broken YAML", "a: [\n"],
    ["broken JSON", "{"],
    ["a list", "[]"],
  ])("is not read from %s", async (_what, text) => {
    const server = await serve((_request, response) => response.writeHead(200).end(text));
    const { upstreams } = await tableOf([{ name: "web", kind: "openapi", url: server.origin, include: ["*"] }]);
    await expect(upstreams.start()).rejects.toMatchObject({ key: "url", message: /neither JSON nor YAML|no object/ });
  });
});

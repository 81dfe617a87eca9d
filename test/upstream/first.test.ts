import { afterEach, describe, expect, it } from "vitest";
import { createTestGateway, type TestGateway } from "../../src/testing.js";
import { answerJson, startServer, type TestServer } from "./http-server.js";

let server: TestServer | undefined;
let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  await server?.stop();
});

const document = {
  openapi: "3.0.3",
  info: { title: "Pets", version: "1" },
  paths: {
    "/pets/{petId}": {
      get: {
        operationId: "getPet",
        summary: "One pet.",
        parameters: [{ name: "petId", in: "path", required: true, schema: { type: "integer", format: "int64" } }],
        responses: {
          200: {
            description: "ok",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Pet: {
        type: "object",
        required: ["id", "name"],
        properties: {
          id: { type: "integer", format: "int64" },
          name: { type: "string" },
          weight: { type: "number" },
          born: { type: "string", format: "date-time" },
          tag: { type: "string", nullable: true },
        },
      },
    },
  },
};

describe("an OpenAPI upstream", () => {
  it("is called through a gateway", async () => {
    server = await startServer((request, response) => {
      if (request.url === "/openapi.json") answerJson(response, document);
      else response.writeHead(200, { "content-type": "application/json" }).end(`{"id":9007199254740993,"name":"Rex","weight":3,"born":"2026-11-22T10:00:00Z","tag":null}`);
    });
    gateway = await createTestGateway({
      upstreams: [{ name: "shop", kind: "openapi", url: `${server.origin}/openapi.json`, include: ["get*"] }],
    });
    const alice = gateway.as("alice@example.org/desk");
    const to = gateway.jid.full;
    expect(await alice.call(to, "shop.getPet", [7])).toEqual({
      id: 9007199254740993n,
      name: "Rex",
      weight: 3,
      born: new Date("2026-11-22T10:00:00Z"),
    });
    expect(server.seen.at(-1)).toMatchObject({ method: "GET", url: "/pets/7" });
  });
});

// The rules of RFC 6120 against a real socket: each row whole, and cut into single bytes; the endpoint is alive after each.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STREAM_CASES, type StreamCase } from "./rfc6120-cases.js";
import { HEADER, RawClient, startGateway, type TestGateway } from "./support.js";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

async function reach(phase: StreamCase["phase"]): Promise<RawClient> {
  const client = await RawClient.connect(gateway.port);
  if (phase === "open") {
    client.write(HEADER);
    await client.until("</stream:features>");
  } else if (phase !== "fresh") {
    await client.authenticate();
    if (phase === "bound") await client.bind("t");
  }
  return client;
}

async function play({ phase, sends, receives, ends }: StreamCase, write: (client: RawClient, bytes: Buffer) => void) {
  const client = await reach(phase);
  write(client, Buffer.from(sends));
  let seen = "";
  for (const text of receives) seen += await client.until(text);
  if (ends) {
    await client.closed();
  } else {
    expect(seen).not.toContain("</stream:stream>");
    client.destroy();
  }
}

async function expectAlive(): Promise<void> {
  const client = await RawClient.connect(gateway.port);
  client.write(HEADER);
  await client.until("</stream:features>");
  client.destroy();
}

it("has enough cases, each with a name of its own", () => {
  expect(STREAM_CASES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(STREAM_CASES.map(({ name }) => name)).size).toBe(STREAM_CASES.length);
});

describe("a stand-alone endpoint answers as RFC 6120 says", () => {
  it.each(STREAM_CASES.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
    await play(row, (client, bytes) => client.write(bytes));
    await expectAlive();
  });
});

describe("the same one byte at a time", () => {
  it.each(STREAM_CASES.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
    await play(row, (client, bytes) => {
      for (const byte of bytes) client.write(Buffer.from([byte]));
    });
    await expectAlive();
  });
});

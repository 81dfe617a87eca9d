// POST /RPC2: local methods as XML-RPC, under the rules that hold over XMPP.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpGateway, methodCall, param, startHttpGateway } from "./support.js";

let door: HttpGateway;
beforeAll(async () => {
  door = await startHttpGateway();
});
afterAll(() => door.stop());

describe("POST /RPC2", () => {
  it("answers a call", async () => {
    const { status, headers, text } = await door.post("/RPC2", methodCall("examples.getStateName", param("<i4>6</i4>")));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/xml; charset=utf-8");
    expect(text).toBe(
      "<?xml version='1.0'?><methodResponse><params><param><value><string>Colorado</string></value></param></params></methodResponse>",
    );
  });
});

// POST /RPC2/{jid}: calls of other responders, where forwarding rules allow them, with nothing lost on the way.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Validator1 } from "../../src/handlers/index.js";
import { createGateway, defineMethod, type Gateway, int, RpcFault } from "../../src/index.js";
import { startRawPeer } from "../support/raw-peer.js";
import { type HttpGateway, methodCall, param, startHttpGateway } from "./support.js";

const RESPONDER = "/RPC2/responder@example.org/gateway";
const faultCode = (text: string) => Number(/<name>faultCode<\/name><value><int>(-?\d+)/.exec(text)?.[1]);

let door: HttpGateway;
let responder: Gateway;
let neverAnswers: () => void;
beforeAll(async () => {
  door = await startHttpGateway({
    access: [],
    forward: [
      { allow: "svc@localhost", to: "responder@example.org", methods: ["validator1.*", "system.*", "test.*"] },
      { allow: "*@localhost", to: "*@example.net" },
    ],
    limits: { forwardedInFlightPerRequester: 2 },
  });
  responder = createGateway({
    link: door.network.link("responder@example.org/gateway"),
    services: [Validator1],
    methods: [
      defineMethod("test.fail", { params: [] }, () => {
        throw new RpcFault(77, "as it was said");
      }),
      defineMethod(
        "test.wait",
        { params: [], returns: int },
        () => new Promise<number>((resolve) => (neverAnswers = () => resolve(1))),
      ),
      defineMethod("shop.refund", { params: [], returns: int }, () => 1),
    ],
    access: [{ allow: "rpc.example.org", methods: ["validator1.*", "test.*", "shop.*"] }],
  });
  await responder.start();
});
afterAll(async () => {
  await door.stop();
  await responder.stop();
});

describe("POST /RPC2/{jid}", () => {
  it("relays values with their types", async () => {
    const value =
      "<struct><member><name>d</name><value><double>3.0</double></value></member><member><name>i</name><value><i8>-9223372036854775808</i8></value></member>" +
      "<member><name>n</name><value><nil/></value></member><member><name>w</name><value><dateTime.iso8601>20261122T10:00:00</dateTime.iso8601></value></member>" +
      "<member><name>b</name><value><base64>AAEC</base64></value></member><member><name>t</name><value><string> a&#xD;\n\u00e9\ud83d\ude00</string></value></member></struct>";
    const { status, text } = await door.post(RESPONDER, methodCall("validator1.echoStructTest", param(value)));
    expect(status).toBe(200);
    expect(text).toContain(`<param><value>${value}</value></param>`);
  });

  it("takes an address with percent escapes", async () => {
    const { text } = await door.post("/RPC2/responder%40example.org%2Fgateway", methodCall("system.listMethods"));
    expect(text).toContain("<string>validator1.echoStructTest</string>");
  });

  it("relays faults as they were said", async () => {
    const { text } = await door.post(RESPONDER, methodCall("test.fail"));
    expect(faultCode(text)).toBe(77);
    expect(text).toMatch(/<string>as it was said \[call \w+\]<\/string>/);
  });

  it.each<[string, string, string, number]>([
    ["a method that no rule forwards", RESPONDER, "shop.refund", -32001],
    ["a responder that no rule forwards to", "/RPC2/other@example.org/x", "validator1.echoStructTest", -32001],
    ["nobody at the address", "/RPC2/nobody@example.net/x", "any.method", -32300],
    ["a method that is not there", RESPONDER, "test.nosuch", -32601],
  ])("answers a fault for %s", async (_name, path, method, code) => {
    const { status, text } = await door.post(path, methodCall(method));
    expect(status).toBe(200);
    expect(faultCode(text)).toBe(code);
  });

  it("answers a fault for each stanza error", async () => {
    const peer = await startRawPeer(door.network.link("raw@example.net/x"));
    const conditions: readonly [string, number][] = [
      ["forbidden", -32001],
      ["item-not-found", -32601],
      ["resource-constraint", -32002],
      ["bad-request", -32600],
      ["service-unavailable", -32300],
    ];
    for (const [condition, code] of conditions) {
      const answer = door.post("/RPC2/raw@example.net/x", methodCall("any.method"));
      const request = await peer.next();
      peer.send(
        `<iq type='error' to='rpc.example.org' id='${request.attrs["id"]}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
      );
      const { text } = await answer;
      expect([condition, faultCode(text)]).toEqual([condition, code]);
    }
    const broken = door.post("/RPC2/raw@example.net/x", methodCall("any.method"));
    const request = await peer.next();
    peer.send(
      `<iq type='result' to='rpc.example.org' id='${request.attrs["id"]}'><query xmlns='jabber:iq:rpc'><methodResponse><fault/></methodResponse></query></iq>`,
    );
    expect(faultCode((await broken).text)).toBe(-32300);
    await peer.stop();
  });

  it("runs a multicall only if each of its slots may be forwarded", async () => {
    const slot = (method: string) =>
      `<value><struct><member><name>methodName</name><value>${method}</value></member><member><name>params</name><value><array><data/></array></value></member></struct></value>`;
    const multicall = (...slots: string[]) =>
      door.post(RESPONDER, methodCall("system.multicall", param(`<array><data>${slots.join("")}</data></array>`)));
    const { text } = await multicall(slot("system.listMethods"), slot("test.fail"));
    expect(text).toContain("<string>validator1.echoStructTest</string>");
    expect(faultCode(text)).toBe(77);
    const refused = await multicall(slot("system.listMethods"), slot("shop.refund"));
    expect(faultCode(refused.text)).toBe(-32001);
    expect(refused.text).toContain("shop.refund");
    expect(faultCode((await multicall(slot("system.multicall"))).text)).toBe(-32602);
    expect(faultCode((await multicall("<value><string>shop.refund</string></value>")).text)).toBe(-32602);
  });

  it.each([["/RPC2/@@"], ["/RPC2/a%ffb"], ["/RPC2/a%"], ["/RPC2/a b@example.org"]])("refuses %s", async (path) => {
    expect((await door.post(path, methodCall("a"))).status).toBe(400);
  });

  it("lets a requester have so many calls out and no more", async () => {
    const waiting = [door.post(RESPONDER, methodCall("test.wait")), door.post(RESPONDER, methodCall("test.wait"))];
    for (;;) {
      const { text } = await door.post(RESPONDER, methodCall("test.fail"));
      if (faultCode(text) === -32002) break;
    }
    const other = { authorization: "Bearer t0ken" };
    expect(faultCode((await door.post("/RPC2/nobody@example.net/x", methodCall("a"), other)).text)).toBe(-32300);
    expect(waiting).toHaveLength(2);
    await door.stop();
    for (const answer of waiting) {
      const { text } = await answer;
      expect(faultCode(text)).toBe(-32004);
      expect(text).toContain("whether the call ran is unknown");
    }
    neverAnswers();
  });
});

// The calling side: answers, every kind of refusal, and answers that are none.
import { afterEach, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  int,
  type Requester,
  string,
} from "../src/index.js";
import { type RawPeer, startRawPeer } from "./support/raw-peer.js";

const RESPONDER = "bob@example.org/box";

describe("requester against a hand-written responder", () => {
  const network = createMemoryNetwork();
  let requester: Requester | undefined;
  let peer: RawPeer | undefined;

  const start = async () => {
    requester = createRequester({ link: network.link("alice@example.org/desk") });
    await requester.start();
    peer = await startRawPeer(network.link(RESPONDER));
    return { requester, peer };
  };
  afterEach(async () => {
    await requester?.stop();
    await peer?.stop();
  });
  /** Answers the next request with an iq of this content. */
  const reply = async (responder: RawPeer, content: string, type = "result") => {
    const request = await responder.next();
    responder.send(`<iq type='${type}' id='${request.attrs["id"]}' to='${request.attrs["from"]}'>${content}</iq>`);
  };
  const response = (content: string) =>
    `<query xmlns='jabber:iq:rpc'><methodResponse>${content}</methodResponse></query>`;

  it("gives the value of a result", async () => {
    const { requester: alice, peer: bob } = await start();
    const called = alice.call(RESPONDER, "a.b", [1, "x", true]);
    await reply(bob, response("<params><param><value><i8>5</i8></value></param></params>"));
    expect(await called).toBe(5n);
  });

  it("rejects with RpcFault for a fault", async () => {
    const { requester: alice, peer: bob } = await start();
    const called = alice.call(RESPONDER, "a.b");
    const members =
      "<member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value>no</value></member>";
    const rejection = expect(called).rejects.toMatchObject({ name: "RpcFault", code: -32601, message: "no" });
    await reply(bob, response(`<fault><value><struct>${members}</struct></value></fault>`));
    await rejection;
  });

  it("rejects with StanzaError for an error stanza, also one without <error/>", async () => {
    const { requester: alice, peer: bob } = await start();
    const forbidden = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for (const [content, condition] of [
      [forbidden, "forbidden"],
      ["", "undefined-condition"],
    ] as const) {
      const rejection = expect(alice.call(RESPONDER, "a.b")).rejects.toMatchObject({ name: "StanzaError", condition });
      await reply(bob, content, "error");
      await rejection;
    }
  });

  it("rejects answers that are no response", async () => {
    const { requester: alice, peer: bob } = await start();
    for (const content of [
      "",
      "<query xmlns='jabber:iq:rpc'/>",
      "<query xmlns='jabber:iq:rpc'><methodCall/></query>",
    ]) {
      const rejection = expect(alice.call(RESPONDER, "a.b")).rejects.toThrow(/without a <methodResponse\/>/);
      await reply(bob, content);
      await rejection;
    }
    const rejection = expect(alice.call(RESPONDER, "a.b")).rejects.toMatchObject({ name: "CodecError" });
    await reply(bob, response("<fault/>"));
    await rejection;
  });

  it("ignores an answer from somebody else and one with another id", async () => {
    const { requester: alice, peer: bob } = await start();
    const mallory = await startRawPeer(network.link("mallory@example.org/x"));
    const called = alice.call(RESPONDER, "a.b");
    const request = await bob.next();
    const content = response("<params><param><value>evil</value></param></params>");
    mallory.send(`<iq type='result' id='${request.attrs["id"]}' to='alice@example.org/desk'>${content}</iq>`);
    bob.send(`<iq type='result' id='other' to='alice@example.org/desk'>${content}</iq>`);
    bob.send(
      `<iq type='result' id='${request.attrs["id"]}' to='alice@example.org/desk'>${content.replace("evil", "good")}</iq>`,
    );
    expect(await called).toBe("good");
    await mallory.stop();
  });

  it("times out, and drops the late answer", async () => {
    const { requester: alice, peer: bob } = await start();
    await expect(alice.call(RESPONDER, "a.b", [], { timeoutMs: 5 })).rejects.toMatchObject({
      name: "CallTimeout",
      timeoutMs: 5,
    });
    await reply(bob, response("<params><param><value>late</value></param></params>"));
    const called = alice.call(RESPONDER, "a.b");
    await reply(bob, response("<params><param><value>now</value></param></params>"));
    expect(await called).toBe("now");
  });

  it("waits longer when the peer says so", async () => {
    const { requester: alice, peer: bob } = await start();
    const called = alice.call(RESPONDER, "slow.method", [], { timeoutMs: 200 });
    const request = await bob.next();
    const send = (content: string) =>
      bob.send(`<iq type='result' id='${request.attrs["id"]}' to='alice@example.org/desk'>${content}</iq>`);
    send("<query xmlns='jabber:iq:rpc'><methodTimeout><timeout>20</timeout></methodTimeout></query>");
    // Longer than the first limit: only the extension can make this call succeed.
    await new Promise((resolve) => setTimeout(resolve, 250));
    send(response("<params><param><value>done</value></param></params>"));
    expect(await called).toBe("done");
  });

  it("ends every call when the link is lost, with an unknown outcome", async () => {
    const { requester: alice, peer: bob } = await start();
    const rejection = expect(alice.call(RESPONDER, "a.b")).rejects.toMatchObject({
      name: "Disconnected",
      outcomeUnknown: true,
    });
    await bob.next();
    await alice.stop();
    await rejection;
    await expect(alice.call(RESPONDER, "a.b")).rejects.toMatchObject({ name: "Disconnected", outcomeUnknown: false });
  });

  it("ends by its signal", async () => {
    const { requester: alice, peer: bob } = await start();
    const controller = new AbortController();
    const rejection = expect(alice.call(RESPONDER, "a.b", [], { signal: controller.signal })).rejects.toThrow("enough");
    await bob.next();
    controller.abort(new Error("enough"));
    await rejection;
    await expect(alice.call(RESPONDER, "a.b", [], { signal: controller.signal })).rejects.toThrow("enough");
  });

  it("refuses what cannot be sent before it is sent", async () => {
    const { requester: alice } = await start();
    await expect(alice.call(RESPONDER, "a.b", [{ lines: [{ qty: Number.NaN }] }])).rejects.toThrow(
      /params\[0\]\.lines\[0\]\.qty/,
    );
    await expect(alice.call(RESPONDER, "a.b", ["\u0001"])).rejects.toThrow(/params\[0\].*U\+0001/);
    await expect(alice.call(RESPONDER, "a.b", ["x".repeat(200_000)])).rejects.toMatchObject({ code: -32300 });
    await expect(alice.call("not a jid", "a.b")).rejects.toMatchObject({ name: "JidError" });
    await expect(alice.call(RESPONDER, "a b")).rejects.toThrow();
  });
});

describe("requester against a gateway", () => {
  it("lists, describes and proxies", async () => {
    const network = createMemoryNetwork();
    const hello = defineMethod(
      "demo.hello",
      { params: [string, int], returns: string, doc: "Greets." },
      (name, times) => name.repeat(times),
    );
    const gateway = createGateway({
      link: network.link("rpc.example.org"),
      access: [{ anyone: true, methods: "demo.*" }],
      methods: [hello],
    });
    const requester = createRequester({ link: network.link("alice@example.org/desk") });
    await gateway.start();
    await requester.start();
    expect(await requester.listMethods("rpc.example.org")).toContain("demo.hello");
    expect(await requester.describe("rpc.example.org", "demo.hello")).toEqual({
      name: "demo.hello",
      signatures: [["string", "string", "int"]],
      help: "Greets.",
    });
    interface Demo {
      hello(name: string, times: number): string;
    }
    expect(await requester.proxy<Demo>("rpc.example.org", "demo").hello("ab", 2)).toBe("abab");
    expect(await requester.softwareVersion("rpc.example.org")).toMatch(/^jabber-rpc \d/);
    expect((await requester.discoInfo("rpc.example.org")).features).toContain("jabber:iq:rpc");
    expect(await requester.discoItems("rpc.example.org")).toEqual([]);
    await requester.ping("rpc.example.org");
    await requester.stop();
    await gateway.stop();
    await gateway.stop();
  });
});

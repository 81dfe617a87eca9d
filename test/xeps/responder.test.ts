// The responder at its edges: joins, repeats, results that cannot be sent (XEP-0009; contract: streams, outcomes).
import { afterEach, describe, expect, it } from "vitest";
import { defineMethod, int, long, string } from "../../src/index.js";
import type { MethodSpec } from "../../src/rpc/index.js";
import { type Feature, NS } from "../../src/xeps/index.js";
import { element, escapeText, textOf, writeElement, type XmlElement } from "../../src/xml/index.js";
import { callStanza, type MemoryGateway, startMemoryGateway } from "../support/memory-gateway.js";

/** A method that waits until the test lets it go, and counts its runs. */
function gate(
  name: string,
  options: { atMostOnce?: boolean } = {},
): { method: MethodSpec; runs(): number; open(): void } {
  let runs = 0;
  const waiting: (() => void)[] = [];
  const method = defineMethod(name, { params: [], returns: int, ...options }, () => {
    const run = ++runs;
    return new Promise<number>((resolve) => waiting.push(() => resolve(run)));
  });
  return {
    method,
    runs: () => runs,
    open: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

/** The text of a result or fault, or the condition of an error. */
function gist(stanza: XmlElement): string {
  const texts = (inner: XmlElement): string =>
    textOf(inner) + inner.children.map((child) => (typeof child === "string" ? "" : texts(child))).join(" ");
  return `${stanza.attrs["type"]} ${stanza.attrs["id"]} ${texts(stanza).replace(/\s+/g, " ").trim()}`;
}

describe("responder", () => {
  let running: MemoryGateway | undefined;
  const start = async (...methods: MethodSpec[]) => {
    running = await startMemoryGateway({ methods });
    return running.peer;
  };
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  /** Waits until everything sent so far has been taken in: a ping sent after it was answered. */
  const settle = async (peer: MemoryGateway["peer"]) => {
    peer.send("<iq type='get' to='rpc.example.org' id='sync'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect((await peer.next()).attrs["id"]).toBe("sync");
  };

  it("joins an equal request to the run it repeats", async () => {
    const { method, runs, open } = gate("shop.pay");
    const peer = await start(method);
    peer.send(callStanza("shop.pay"));
    peer.send(callStanza("shop.pay"));
    await settle(peer);
    open();
    expect([gist(await peer.next()), gist(await peer.next())]).toEqual(["result c1 1", "result c1 1"]);
    expect(runs()).toBe(1);
  });

  it("runs another payload under a reused id beside the first", async () => {
    const { method, runs, open } = gate("shop.pay");
    const echo = defineMethod("shop.echo", { params: [int], returns: int }, (value) => value);
    const peer = await start(method, echo);
    peer.send(callStanza("shop.pay"));
    peer.send(callStanza("shop.echo", "<param><value><int>7</int></value></param>"));
    expect(gist(await peer.next())).toBe("result c1 7");
    open();
    expect(gist(await peer.next())).toBe("result c1 1");
    expect(runs()).toBe(1);
  });

  it("runs an equal request again after the first was answered: peers reuse ids", async () => {
    const { method, runs, open } = gate("shop.pay");
    const peer = await start(method);
    for (const expected of ["result c1 1", "result c1 2"]) {
      peer.send(callStanza("shop.pay"));
      await settle(peer);
      open();
      expect(gist(await peer.next())).toBe(expected);
    }
    expect(runs()).toBe(2);
  });

  it("repeats the answer of a call with a key, whatever its id", async () => {
    const { method, runs, open } = gate("shop.pay");
    const peer = await start(method);
    const extra = `<call xmlns='${NS.call}' key='9b2f'/>`;
    peer.send(callStanza("shop.pay", "", { extra }));
    await settle(peer);
    open();
    expect(gist(await peer.next())).toBe("result c1 1");
    peer.send(callStanza("shop.pay", "", { id: "c2", extra }));
    expect(gist(await peer.next())).toBe("result c2 1");
    expect(runs()).toBe(1);
  });

  it("repeats the answer of a method that runs at most once", async () => {
    const { method, runs, open } = gate("shop.pay", { atMostOnce: true });
    const peer = await start(method);
    peer.send(callStanza("shop.pay"));
    await settle(peer);
    open();
    expect(gist(await peer.next())).toBe("result c1 1");
    peer.send(callStanza("shop.pay"));
    expect(gist(await peer.next())).toBe("result c1 1");
    expect(runs()).toBe(1);
  });

  it("refuses a call key that is empty or too long", async () => {
    const peer = await start(gate("shop.pay").method);
    for (const key of ["", "k".repeat(65)]) {
      peer.send(callStanza("shop.pay", "", { extra: `<call xmlns='${NS.call}' key='${key}'/>` }));
      expect(gist(await peer.next())).toMatch(/^error c1 .*call key must have 1 to 64 characters/);
    }
  });

  it.each([
    ["a NUL", "\u0000", /-32603.*result.*U\+0000/],
    ["a lone surrogate", "x\ud800", /-32603.*result.*U\+D800/],
  ])("answers a result with %s by a fault, never by a broken stream", async (_what, text, expected) => {
    const peer = await start(defineMethod("poison.text", { params: [], returns: string }, () => text));
    peer.send(callStanza("poison.text"));
    expect(gist(await peer.next())).toMatch(expected);
    await settle(peer);
  });

  it("answers a result of another type than declared by fault -32603", async () => {
    // A JavaScript handler is not checked by the compiler.
    const wrong = defineMethod("poison.type", { params: [], returns: long }, () => "9" as unknown as bigint);
    const peer = await start(wrong);
    peer.send(callStanza("poison.type"));
    expect(gist(await peer.next())).toMatch(/-32603.*result: .*got string.*\[call \w+\]/);
  });

  it("answers a result over the stanza limit by fault -32300 naming it, at the very byte", async () => {
    const sized = defineMethod("big.text", { params: [int], returns: string }, (size) => "x".repeat(size));
    const peer = await start(sized);
    const ask = async (size: number) => {
      peer.send(callStanza("big.text", `<param><value><int>${size}</int></value></param>`));
      return peer.next();
    };
    const fits = async (size: number) =>
      (await ask(size)).children.length > 0 && !gist(await ask(size)).includes("-32300");
    let [low, high] = [190_000, 200_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await fits(middle)) low = middle;
      else high = middle;
    }
    const largest = await ask(low);
    expect(Buffer.byteLength(writeElement(largest, "jabber:client"))).toBeLessThanOrEqual(200_000);
    expect(gist(await ask(low + 1))).toMatch(/-32300 .*limit of 200000 bytes \[call \w+\]|-32300.*200,?000/);
  });

  it("answers from exactly the address that was asked", async () => {
    const peer = await start(defineMethod("a.b", { params: [], returns: int }, () => 1));
    peer.send(callStanza("a.b").replace("to='rpc.example.org'", "to='RPC.example.org/x'"));
    expect((await peer.next()).attrs["from"]).toBe("RPC.example.org/x");
  });

  it("never answers with a stanza over the limit, whatever a stranger writes", async () => {
    const peer = await start(defineMethod("a.b", { params: [], returns: int }, () => 1));
    const sizeOf = (stanza: XmlElement) => Buffer.byteLength(writeElement(stanza, "jabber:client"));
    const foreign = (id: string, content = "") =>
      `<iq type='get' to='rpc.example.org' id='${id}'><x xmlns='urn:x'>${content}</x></iq>`;
    // The payload is repeated only where it fits, and each quote of the id becomes six bytes.
    for (const id of ["i".repeat(199_000), '"'.repeat(30_000)]) {
      peer.send(foreign(id, ">".repeat(30_000)));
      const answer = await peer.next();
      expect([answer.attrs["type"], answer.attrs["id"]]).toEqual(["error", id]);
      expect(sizeOf(answer)).toBeLessThanOrEqual(200_000);
    }
    // No stanza of ours can carry these ids.
    for (const id of ["i".repeat(200_001), '"'.repeat(40_000)]) {
      peer.send(foreign(id));
      peer.send(callStanza("a.b", "", { id }));
    }
    await settle(peer);
  });

  it("answers what is too large and no call's result by not-acceptable", async () => {
    const text = element("query", { xmlns: "urn:big" }, escapeText("x".repeat(200_000)));
    const big: Feature = { name: "big", routes: [{ type: "get", ns: "urn:big", name: "query", handle: () => text }] };
    running = await startMemoryGateway({ features: [big] });
    running.peer.send("<iq type='get' to='rpc.example.org' id='b1'><query xmlns='urn:big'/></iq>");
    const answer = await running.peer.next();
    expect(gist(answer)).toMatch(/^error b1 .*the answer is over the limit of 200000 bytes/);
    expect(writeElement(answer, "jabber:client")).toContain("<not-acceptable ");
  });
});

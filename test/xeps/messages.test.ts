// Chat messages to a gateway: who is heard, what is answered, and what is never answered (RFC 6121 §5; issue 3).
import { afterEach, describe, expect, it } from "vitest";
import {
  CallContext,
  type ChatMessage,
  createGateway,
  createMemoryNetwork,
  defineMethod,
  type GatewayOptions,
  int,
  named,
  onMessage,
  RpcFault,
  rpcMethod,
  rpcService,
  string,
} from "../../src/index.js";
import { childElements, findChild, textOf, writeElement, type XmlElement } from "../../src/xml/index.js";
import { createClientLink, createMemoryAccounts, createStandaloneLink } from "../../src/xmpp/index.js";
import { type MemoryGateway, startMemoryGateway } from "../support/memory-gateway.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";

const GATEWAY = "rpc.example.org";
const order = defineMethod(
  "shop.order",
  { params: [named("item", string), int], returns: string, doc: "Orders an item.\nIt is delivered." },
  () => "",
);
const refund = defineMethod("shop.refund", { params: [], returns: string }, () => "");

/** A message as a peer writes it. */
function message(content: string, attrs = "type='chat' id='m1'"): string {
  return `<message to='${GATEWAY}' ${attrs}>${content}</message>`;
}
const body = (text: string): string => `<body>${text}</body>`;
const bodyOf = (stanza: XmlElement): string => textOf(findChild(stanza, "body") ?? stanza);
const conditionOf = (stanza: XmlElement): string | undefined =>
  childElements(findChild(stanza, "error") ?? stanza)[0]?.name;

describe("messages to a gateway", () => {
  let running: MemoryGateway | undefined;
  const start = async (options: Omit<GatewayOptions, "link">): Promise<RawPeer> => {
    // With rules for full addresses no domain is asked what it is, so what is heard is heard at once.
    const access = [{ allow: "alice@example.org/desk" }, { allow: `${GATEWAY}/other` }];
    running = await startMemoryGateway({ access, ...options });
    return running.peer;
  };
  /** What comes before the answer to a ping that is asked now. */
  const untilPing = async (peer: RawPeer): Promise<string[]> => {
    const ping = `<iq type='get' to='${GATEWAY}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`;
    peer.send(ping);
    const received: string[] = [];
    for (let stanza = await peer.next(); stanza.attrs["id"] !== "ping"; stanza = await peer.next())
      received.push(writeElement(stanza));
    return received;
  };
  afterEach(() => running?.stop());

  it("are answered, from the address and in the thread that they were written in", async () => {
    const seen: ChatMessage[] = [];
    const peer = await start({
      onMessage: (incoming, call) => {
        seen.push(incoming);
        return `${incoming.body} <${call.requester.jid.local} ${call.via}>`;
      },
    });
    peer.send(message(`<subject>s</subject>${body("a &amp; b")}<thread>t1</thread>`));
    const answer = await peer.next();
    expect(answer).toMatchObject({ name: "message", attrs: { type: "chat", from: GATEWAY, to: peer.jid } });
    expect(answer.attrs["id"]).toMatch(/./);
    expect(bodyOf(answer)).toBe("a & b <alice message>");
    expect(textOf(findChild(answer, "thread") ?? answer)).toBe("t1");
    expect(seen).toMatchObject([{ from: { full: peer.jid }, body: "a & b", subject: "s", thread: "t1" }]);
    peer.send(message(body("x"), ""));
    expect((await peer.next()).attrs["type"]).toBeUndefined();
  });

  it("go from handler to handler until one has an answer", async () => {
    const seen: string[] = [];
    const peer = await start({
      onMessage: [
        ({ body: text }) => void seen.push(text),
        async ({ body: text }) => (text === "a" ? "first" : ""),
        () => "second",
      ],
    });
    peer.send(message(body("a")));
    expect(bodyOf(await peer.next())).toBe("first");
    peer.send(message(body("b")));
    expect(bodyOf(await peer.next())).toBe("second");
    expect(seen).toEqual(["a", "b"]);
  });

  it("reach the decorated methods of services, with the call injected", async () => {
    @rpcService("bot")
    class Bot {
      constructor(private readonly call: CallContext) {}
      @onMessage()
      @rpcMethod({ params: [string], returns: string })
      shout(text: ChatMessage | string): string {
        return `${typeof text === "string" ? text : text.body.toUpperCase()} ${this.call.method}`;
      }
    }
    const peer = await start({ services: [Bot] });
    peer.send(message(body("hey")));
    expect(bodyOf(await peer.next())).toBe("HEY onMessage");
  });

  it.each(["help", " Help\n", "HELP"])("%j lists what the writer may call, whatever the handlers say", async (text) => {
    const access = [{ allow: "*@example.org", methods: "shop.order" }];
    const peer = await start({ methods: [order, refund], access, onMessage: () => "not this" });
    peer.send(message(body(text)));
    expect(bodyOf(await peer.next())).toBe(
      `Methods of ${GATEWAY} that you may call by Jabber-RPC (XEP-0009):\nshop.order(string, int): Orders an item.`,
    );
  });

  it("that ask for help where there is nothing to call are told so, and a long list is cut", async () => {
    const nothing = await start({});
    nothing.send(message(body("help")));
    expect(bodyOf(await nothing.next())).toBe(`You may call no method of ${GATEWAY}.`);
    await running?.stop();
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => defineMethod(`m${index + 100}`, { params: [] }, () => undefined));
    for (const [count, last] of [
      [50, "m149()"],
      [51, "and 1 more, which system.listMethods tells"],
    ] as const) {
      const peer = await start({ methods: many(count) });
      peer.send(message(body("help")));
      expect(
        bodyOf(await peer.next())
          .split("\n")
          .at(-1),
      ).toBe(last);
      await running?.stop();
    }
  });

  it.each<[what: string, stanza: string]>([
    ["an error", message(body("help"), "type='error' id='m1'")],
    ["a room's message", message(body("help"), "type='groupchat' id='m1'")],
    ["a headline", message(body("help"), "type='headline' id='m1'")],
    ["a delayed one", message(`${body("help")}<delay xmlns='urn:xmpp:delay' stamp='2026-11-22T10:00:00Z'/>`)],
    ["one delayed the old way", message(`${body("help")}<x xmlns='jabber:x:delay' stamp='20261122T10:00:00'/>`)],
    ["one without a text", message("<composing xmlns='http://jabber.org/protocol/chatstates'/>")],
    ["a text of another namespace", message("<body xmlns='http://www.w3.org/1999/xhtml'>help</body>")],
  ])("are not heard when they are %s", async (_what, stanza) => {
    let heard = 0;
    const peer = await start({ onMessage: () => `${++heard}` });
    peer.send(stanza);
    expect(await untilPing(peer)).toEqual([]);
    expect(heard).toBe(0);
  });

  it("are not heard when they are the gateway's own", async () => {
    const seen: string[] = [];
    const peer = await start({ onMessage: ({ from }) => void seen.push(from.full) });
    const own = await startRawPeer(running?.network.link(`${GATEWAY}/other`) ?? expect.fail());
    own.send(message(body("help")));
    own.send(message(body("hello")));
    expect(await untilPing(peer)).toEqual([]);
    expect(seen).toEqual([]);
    await own.stop();
  });

  it("of an occupant of a room whom only a wide rule would admit are refused", async () => {
    await start({ access: [{ anyone: true }], onMessage: () => "never" });
    const service = await startRawPeer(running?.network.link("rooms.example.net") ?? expect.fail());
    service.send(message(body("hello"), "type='chat' from='ops@rooms.example.net/admin'"));
    const { attrs } = await service.next();
    service.send(
      `<iq type='result' id='${attrs["id"]}' to='${GATEWAY}'><query xmlns='http://jabber.org/protocol/disco#info'>` +
        "<identity category='conference' type='text'/></query></iq>",
    );
    expect(conditionOf(await service.next())).toBe("forbidden");
    await service.stop();
  });

  it("get no answer where no handler is, or where it has none", async () => {
    const peer = await start({});
    peer.send(message(body("hello")));
    expect(await untilPing(peer)).toEqual([]);
    await running?.stop();
    const other = await start({ onMessage: () => undefined });
    other.send(message(body("hello")));
    expect(await untilPing(other)).toEqual([]);
  });

  it("of a writer whom no rule allows anything are refused", async () => {
    let heard = 0;
    const peer = await start({ access: [{ allow: "bob@example.org" }], onMessage: () => `${++heard}` });
    for (const text of ["hello", "help"]) {
      peer.send(message(body(text)));
      const refusal = await peer.next();
      expect(refusal.attrs).toMatchObject({ type: "error", id: "m1", from: GATEWAY });
      expect(conditionOf(refusal)).toBe("forbidden");
    }
    expect(heard).toBe(0);
  });

  it("whose handler fails are answered with what a fault would say", async () => {
    const peer = await start({
      onMessage: ({ body: text }) => {
        throw text === "ours" ? new Error("the password is swordfish") : new RpcFault(7, "no such room");
      },
    });
    peer.send(message(body("ours")));
    expect(bodyOf(await peer.next())).toMatch(/^internal error \[call \w+\]$/);
    peer.send(message(body("theirs")));
    expect(bodyOf(await peer.next())).toMatch(/^no such room \[call \w+\]$/);
  });

  it("whose answer cannot be sent are told that", async () => {
    const peer = await start({
      limits: { maxSentBytes: 20_000 },
      onMessage: ({ body: text }) => (text === "large" ? "x".repeat(20_000) : "a\u0001b"),
    });
    peer.send(message(body("control")));
    expect(bodyOf(await peer.next())).toMatch(/^internal error \[call \w+\]$/);
    peer.send(message(body("large")));
    expect(bodyOf(await peer.next())).toMatch(/^the answer is over the limit of 20000 bytes \[call \w+\]$/);
  });

  it("count as calls: over the limit, and while the gateway ends, they are refused with an error that says wait", async () => {
    const network = createMemoryNetwork();
    const waiting: (() => void)[] = [];
    const gateway = createGateway({
      link: network.link(GATEWAY),
      access: [{ anyone: true }],
      limits: { callsInFlightPerRequester: 1 },
      onMessage: () => new Promise<string>((resolve) => waiting.push(() => resolve("done"))),
    });
    await gateway.start();
    const peer = await startRawPeer(network.link("alice@example.org/desk"));
    const refusal = async (): Promise<string | undefined> => {
      peer.send(message(body("another")));
      return conditionOf(await peer.next());
    };
    peer.send(message(body("first")));
    expect(await refusal()).toBe("resource-constraint");
    const stopped = gateway.stop();
    let condition = await refusal();
    // The drain begins some turns after stop was called.
    while (condition === "resource-constraint") condition = await refusal();
    expect(condition).toBe("recipient-unavailable");
    for (const go of waiting) go();
    expect(bodyOf(await peer.next())).toBe("done");
    await stopped;
    await peer.stop();
  });
});

it("a stand-alone gateway answers messages from the address that they were sent to", async () => {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await accounts.set("alice", "secret");
  const link = createStandaloneLink({ domain: "example.org", listen: { port: 0 }, accounts });
  const gateway = createGateway({ link, access: [{ allow: "*@example.org" }], onMessage: ({ body: text }) => text });
  await gateway.start();
  const service = `xmpp://127.0.0.1:${link.listening?.port}`;
  const peer = await startRawPeer(createClientLink({ service, jid: "alice@example.org/desk", password: "secret" }));
  for (const address of ["example.org", "rpc.example.org", "rpc@example.org", "rpc@example.org/gateway"]) {
    peer.send(`<message type='chat' to='${address}'>${body("hello")}</message>`);
    const answer = await peer.next();
    expect([answer.attrs["from"], bodyOf(answer)]).toEqual([address, "hello"]);
  }
  await peer.stop();
  await gateway.stop();
});

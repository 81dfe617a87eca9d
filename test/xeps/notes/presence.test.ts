// Who may see the gateway's presence, and whose presence it sees (RFC 6121 §3, §4).
import { describe, expect, it } from "vitest";
import { createGateway, type GatewayOptions, type Link, type LinkListener, parseJid } from "../../../src/index.js";
import { parseDocument, type XmlElement } from "../../../src/xml/index.js";

/** A link whose other end is the test. */
function scriptedLink(mode: "client" | "component", jid: string) {
  const sent: XmlElement[] = [];
  let listener: LinkListener | undefined;
  const own = parseJid(jid);
  const link: Link = {
    mode,
    jid: own,
    isOnline: true,
    start: async (given) => {
      listener = given;
      given.online(own);
      return own;
    },
    send: (text) => {
      sent.push(parseDocument(text.replace(/^<(\w+)/, "<$1 xmlns='jabber:client'")));
      return true;
    },
    flushed: async () => undefined,
    stop: async () => listener?.offline("stopped"),
  };
  return {
    link,
    /** What came in, and what went out because of it. */
    receive: async (stanza: string): Promise<XmlElement[]> => {
      sent.length = 0;
      listener?.stanza(parseDocument(stanza.replace(/^<(\w+)/, "<$1 xmlns='jabber:client'")));
      await new Promise((resolve) => setImmediate(resolve));
      return [...sent];
    },
    sent,
  };
}

const FROM = "alice@example.org";
const typesOf = (stanzas: readonly XmlElement[]) =>
  stanzas.filter(({ name }) => name === "presence").map(({ attrs }) => attrs["type"] ?? "available");

describe.each([
  ["client", "bot@example.org/1", []],
  ["component", "rpc.example.org", ["subscribed", "available"]],
] as const)("subscriptions to a %s", (mode, jid, byDefault) => {
  const start = async (presence?: GatewayOptions["presence"]) => {
    const scripted = scriptedLink(mode, jid);
    const gateway = createGateway({ link: scripted.link, ...(presence === undefined ? {} : { presence }) });
    await gateway.start();
    return { ...scripted, gateway };
  };
  const subscribe = (from: string): string => `<presence type='subscribe' from='${from}' to='${jid}'/>`;
  const allowed = mode === "client" ? ["subscribed"] : ["subscribed", "available"];

  it("are by default what they were", async () => {
    const { receive, gateway } = await start();
    expect(typesOf(await receive(subscribe(FROM)))).toEqual(byDefault);
    await gateway.stop();
  });

  it("are allowed to all, to a list, or to nobody", async () => {
    const all = await start({ subscriptions: "allow" });
    expect(typesOf(await all.receive(subscribe(FROM)))).toEqual(allowed);
    await all.gateway.stop();
    const some = await start({ subscriptions: "refuse", allow: ["*@example.org"] });
    expect(typesOf(await some.receive(subscribe(FROM)))).toEqual(allowed);
    expect(typesOf(await some.receive(subscribe("alice@example.org.evil.net")))).toEqual(["unsubscribed"]);
    await some.gateway.stop();
  });

  it("are put to an administrator, whose answer is remembered", async () => {
    const { receive, gateway } = await start({ subscriptions: "ask", admin: "boss@example.net" });
    const [question, ...rest] = await receive(subscribe(FROM));
    expect(question?.attrs).toMatchObject({ to: "boss@example.net", type: "chat" });
    expect(rest).toEqual([]);
    // The same request again asks nobody twice.
    expect(await receive(subscribe(FROM))).toEqual([]);
    const look = await receive(
      `<message from='boss@example.net/desk' to='${jid}' type='chat'><body>allow</body></message>`,
    );
    const id = look.find(({ name }) => name === "iq")?.attrs["id"] ?? expect.fail();
    const answered = await receive(
      `<iq type='error' id='${id}' from='example.net' to='${jid}'><error type='cancel'>` +
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    );
    expect(typesOf(answered)).toEqual([...allowed, ...allowed]);
    expect(typesOf(await receive(subscribe(FROM)))).toEqual(allowed);
    await gateway.stop();
  });

  it("are asked for, once, when somebody's presence is waited for", async () => {
    const { gateway, sent } = await start();
    sent.length = 0;
    await gateway.notes.notify(FROM, "x", { when: "online" });
    await gateway.notes.notify(`${FROM}/desk`, "y", { when: "online" });
    const from = mode === "client" ? undefined : jid;
    expect(
      sent.map(({ name, attrs }) => ({ name, type: attrs["type"], to: attrs["to"], from: attrs["from"] })),
    ).toEqual([{ name: "presence", type: "subscribe", to: FROM, from }]);
    await gateway.stop();
  });
});

it("a component answers the probe of somebody whom it never allowed, as the policy has it", async () => {
  const { link, receive } = scriptedLink("component", "rpc.example.org");
  const gateway = createGateway({ link, presence: { subscriptions: "refuse", allow: ["bob@example.org"] } });
  await gateway.start();
  const probe = (from: string): string => `<presence type='probe' from='${from}' to='rpc.example.org'/>`;
  expect(typesOf(await receive(probe("alice@example.org/1")))).toEqual(["unsubscribed"]);
  expect(typesOf(await receive(probe("bob@example.org/1")))).toEqual(["available"]);
  await gateway.stop();
});

it("a policy that cannot be is refused", () => {
  const { link } = scriptedLink("component", "rpc.example.org");
  expect(() => createGateway({ link, presence: { subscriptions: "ask" } })).toThrow("presence.admin");
  expect(() => createGateway({ link, presence: { subscriptions: "refuse", allow: ["*"] } })).toThrow(
    "`*` matches nobody",
  );
});

// Commands in service discovery: each requester sees their own (XEP-0050 §2.2; XEP-0030 §3.2, §7), and how our requester
// reads those of others.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  defineWizard,
  type Gateway,
  int,
  type Requester,
  string,
} from "../../../src/index.js";
import { childElements, type XmlElement } from "../../../src/xml/index.js";
import { COMMANDS } from "../../support/commands.js";
import { type RawPeer, startRawPeer } from "../../support/raw-peer.js";

const INFO = "http://jabber.org/protocol/disco#info";
const ITEMS = "http://jabber.org/protocol/disco#items";

describe("commands in disco", () => {
  const network = createMemoryNetwork();
  let gateway: Gateway;
  let alice: RawPeer;
  let bob: RawPeer;
  beforeAll(async () => {
    gateway = createGateway({
      link: network.link("rpc.example.org"),
      methods: [
        defineMethod("shop.pay", { params: [int], doc: "Pays.\nNow." }, () => undefined),
        defineMethod("shop.hidden", { params: [], command: false }, () => undefined),
        defineMethod("admin.stop", { params: [] }, () => undefined),
        defineWizard("shop.order", { steps: { a: { fields: { b: string } } }, doc: "Orders." }, () => undefined),
      ],
      access: [
        { allow: "alice@example.org", methods: ["shop.*", "admin.*"] },
        { allow: "bob@example.org", methods: "shop.pay" },
      ],
    });
    await gateway.start();
    alice = await startRawPeer(network.link("alice@example.org/desk"));
    bob = await startRawPeer(network.link("bob@example.org/desk"));
  });
  afterAll(async () => {
    await alice.stop();
    await bob.stop();
    await gateway.stop();
  });

  const ask = async (peer: RawPeer, ns: string, node?: string, to = "rpc.example.org"): Promise<XmlElement> => {
    const attribute = node === undefined ? "" : ` node='${node}'`;
    peer.send(`<iq type='get' to='${to}' id='d1'><query xmlns='${ns}'${attribute}/></iq>`);
    return peer.next();
  };
  const query = (stanza: XmlElement) => childElements(stanza)[0];
  const error = (stanza: XmlElement) => childElements(childElements(stanza)[1] ?? stanza)[0]?.name;
  const children = (stanza: XmlElement) => childElements(query(stanza) ?? stanza).map(({ attrs }) => ({ ...attrs }));
  const nodes = async (peer: RawPeer) => children(await ask(peer, ITEMS, COMMANDS)).map(({ node }) => node);

  it("are a feature of the entity, while forms are not", async () => {
    const features = children(await ask(alice, INFO)).map((child) => child["var"]);
    expect(features).toContain(COMMANDS);
    expect(features).not.toContain("jabber:x:data");
  });

  it("are listed for whoever may call them", async () => {
    const own = (await nodes(alice)).filter((node) => node?.startsWith("system.") === false);
    expect(own).toEqual(["admin.stop", "shop.order", "shop.pay"]);
    expect((await nodes(bob)).filter((node) => node?.startsWith("system.") === false)).toEqual(["shop.pay"]);
  });

  it("are listed at the address that was asked, with what they do, under the same node", async () => {
    const answer = await ask(alice, ITEMS, COMMANDS, "RPC.example.org");
    expect(query(answer)?.attrs["node"]).toBe(COMMANDS);
    expect(children(answer).find(({ node }) => node === "shop.pay")).toEqual({
      jid: "RPC.example.org",
      node: "shop.pay",
      name: "shop.pay: Pays",
    });
  });

  it("have a node that is a list", async () => {
    const [identity] = children(await ask(alice, INFO, COMMANDS));
    expect(identity).toMatchObject({ category: "automation", type: "command-list" });
  });

  it("have a node each, which takes forms and holds no items", async () => {
    const info = await ask(alice, INFO, "shop.pay");
    expect(query(info)?.attrs["node"]).toBe("shop.pay");
    expect(children(info)).toEqual([
      { category: "automation", type: "command-node", name: "shop.pay: Pays" },
      { var: COMMANDS },
      { var: "jabber:x:data" },
      { var: INFO },
    ]);
    expect(children(await ask(alice, ITEMS, "shop.pay"))).toEqual([]);
  });

  it("do not tell who may not call them whether they are there", async () => {
    for (const node of ["admin.stop", "admin.nosuch"]) {
      expect(error(await ask(bob, INFO, node))).toBe("forbidden");
      expect(error(await ask(bob, ITEMS, node))).toBe("forbidden");
    }
  });

  it("are not found where there are none", async () => {
    for (const node of ["shop.nosuch", "shop.hidden", "no such#node"])
      expect(error(await ask(alice, INFO, node))).toBe("item-not-found");
  });

  it("of others are listed without those at other addresses (XEP-0050 §5)", async () => {
    const other = await startRawPeer(network.link("other.example.org"));
    const requester: Requester = createRequester({ link: network.link("carol@example.org/desk") });
    await requester.start();
    const listed = requester.listCommands("other.example.org");
    const { attrs } = await other.next();
    const items = [
      "<item jid='other.example.org' node='a' name='A'/>",
      "<item jid='Other.Example.org' node='b'/>",
      "<item jid='evil.example.org' node='c' name='C'/>",
      "<item jid='other.example.org' name='no node'/>",
    ].join("");
    other.send(
      `<iq type='result' id='${attrs["id"]}' to='${attrs["from"]}'><query xmlns='${ITEMS}' node='${COMMANDS}'>${items}</query></iq>`,
    );
    expect(await listed).toEqual([
      { node: "a", name: "A" },
      { node: "b", name: "b" },
    ]);
    await requester.stop();
    await other.stop();
  });
});

describe("a reply of another implementation", () => {
  const reply = async (command: string) => {
    const network = createMemoryNetwork();
    const other = await startRawPeer(network.link("other.example.org"));
    const requester = createRequester({ link: network.link("carol@example.org/desk") });
    await requester.start();
    const asked = requester.command("other.example.org", "node");
    const { attrs } = await other.next();
    other.send(`<iq type='result' id='${attrs["id"]}' to='${attrs["from"]}'>${command}</iq>`);
    try {
      return await asked;
    } finally {
      await requester.stop();
      await other.stop();
    }
  };
  const executing = (content: string) =>
    reply(`<command xmlns='${COMMANDS}' node='node' sessionid='s' status='executing'>${content}</command>`);

  it.each([
    ["no actions", "", { offered: ["complete"], execute: "complete" }],
    ["empty actions", "<actions/>", { offered: ["complete"], execute: "complete" }],
    ["no default, but next", "<actions><prev/><next/></actions>", { offered: ["prev", "next"], execute: "next" }],
    [
      "no default and no next",
      "<actions><prev/><complete/></actions>",
      { offered: ["prev", "complete"], execute: "complete" },
    ],
    [
      "a default that is not offered",
      "<actions execute='next'><complete/></actions>",
      { offered: ["complete"], execute: "complete" },
    ],
    [
      "a default",
      "<actions execute='complete'><next/><complete/></actions>",
      { offered: ["next", "complete"], execute: "complete" },
    ],
  ])("with %s offers what XEP-0050 §3.4 says", async (_what, content, actions) => {
    expect((await executing(content)).actions).toEqual(actions);
  });

  it("has notes of three types, info by default", async () => {
    const notes = "<note>a</note><note type='warn'>b</note><note type='error'>c</note><note type='x'>d</note>";
    expect((await executing(notes)).notes.map(({ type, text }) => `${type} ${text}`)).toEqual([
      "info a",
      "warn b",
      "error c",
      "info d",
    ]);
  });

  it("without a command is an error", async () => {
    await expect(reply("")).rejects.toThrow("answered without a <command/>");
  });
});

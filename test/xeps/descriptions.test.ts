// The disco node describe;<method>: the JSON of system.describe, for whoever may call the method.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  type Gateway,
  int,
  named,
  type Requester,
  string,
} from "../../src/index.js";
import { childElements, textOf } from "../../src/xml/index.js";
import { startRawPeer } from "../support/raw-peer.js";

const network = createMemoryNetwork();
let gateway: Gateway;
let alice: Requester;
beforeAll(async () => {
  gateway = createGateway({
    link: network.link("rpc.example.org"),
    methods: [
      defineMethod("orders.total", { params: [named("id", int)], returns: string, doc: 'A <total> & "more".' }, String),
      defineMethod("orders.refund", { params: [] }, () => undefined),
    ],
    access: [{ allow: "*@example.org", methods: "orders.total" }],
  });
  await gateway.start();
  alice = createRequester({ link: network.link("alice@example.org/desk") });
  await alice.start();
});
afterAll(async () => {
  await alice.stop();
  await gateway.stop();
});

describe("the node describe;<method>", () => {
  it("holds what system.describe answers", async () => {
    const peer = await startRawPeer(network.link("bob@example.org/x"));
    peer.send(
      "<iq type='get' to='rpc.example.org' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='describe;orders.total'/></iq>",
    );
    const answer = await peer.next();
    const query = childElements(answer).at(0);
    expect(query?.attrs["node"]).toBe("describe;orders.total");
    const form = query && childElements(query).find((child) => child.name === "x");
    const values = (form ? childElements(form) : []).map((field) => [
      field.attrs["var"],
      childElements(field).map(textOf).join(""),
    ]);
    const json = Object.fromEntries(values) as Readonly<Record<string, string>>;
    expect(json["FORM_TYPE"]).toMatch(/#description$/);
    expect(JSON.parse(json["openrpc"] ?? "")).toEqual(
      await alice.call("rpc.example.org", "system.describe", ["orders.total"]),
    );
    await peer.stop();
  });

  it.each(["describe;orders.refund", "describe;orders.nosuch", "describe;", "describe;system.nosuch"])(
    "%s is not there",
    async (node) => {
      await expect(alice.discoInfo("rpc.example.org", node)).rejects.toMatchObject({ condition: "item-not-found" });
    },
  );

  it("is not there for a stranger, and system's own are for whoever may call", async () => {
    const mallory = createRequester({ link: network.link("mallory@evil.example/x") });
    await mallory.start();
    await expect(mallory.discoInfo("rpc.example.org", "describe;orders.total")).rejects.toMatchObject({
      condition: "item-not-found",
    });
    await mallory.stop();
    expect((await alice.discoInfo("rpc.example.org", "describe;system.whoami")).identities).toMatchObject([
      { category: "automation", type: "rpc", name: "system.whoami" },
    ]);
  });
});

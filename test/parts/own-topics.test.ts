// A gateway that hosts topics publishes there without asking anybody: by the port PubSub, rows of the outbox and feeds alike.

import { afterEach, describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork, type Gateway } from "../../src/index.js";
import { startRawPeer } from "../support/raw-peer.js";

const GATEWAY = "rpc.example.org";
const FAN = "fan@example.org/phone";

describe("topics at the gateway's own address", () => {
  let gateway: Gateway | undefined;
  afterEach(() => gateway?.stop());

  async function start() {
    const network = createMemoryNetwork();
    gateway = createGateway({
      link: network.link(GATEWAY),
      access: [{ anyone: true }],
      topics: [{ node: "news" }],
    });
    await gateway.start();
    return { pubsub: gateway.pubsub, fan: await startRawPeer(network.link(FAN)) };
  }

  it("are published to, and told to who subscribes", async () => {
    const { pubsub, fan } = await start();
    fan.send(
      `<iq type='set' id='s1' to='${GATEWAY}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='news' jid='${FAN}'/></pubsub></iq>`,
    );
    expect((await fan.next()).attrs["type"]).toBe("result");
    expect(await pubsub.publish(GATEWAY, "news", { json: { n: 1 } }, { itemId: "one" })).toBe("one");
    const told = await fan.next();
    expect(told.name).toBe("message");
    const items = told.children.flatMap((child) => (typeof child === "string" ? [] : child.children));
    expect(JSON.stringify(items)).toContain('"id":"one"');
  });

  it("are read, listed and removed", async () => {
    const { pubsub } = await start();
    await pubsub.publish(GATEWAY, "news", { json: 1 }, { itemId: "one" });
    await pubsub.publish(GATEWAY, "news", { json: 2 }, { itemId: "two" });
    expect(await pubsub.itemIds(GATEWAY, "news")).toEqual(["one", "two"]);
    await pubsub.retract(GATEWAY, "news", "one");
    expect((await pubsub.items(GATEWAY, "news")).map(({ id }) => id)).toEqual(["two"]);
    expect(await pubsub.subscribers(GATEWAY, "news")).toEqual([]);
    expect(await pubsub.ensure(GATEWAY, "made")).toBe(true);
    await expect(pubsub.create(GATEWAY, "made")).rejects.toMatchObject({ code: "node-exists" });
    await expect(pubsub.create(GATEWAY, undefined)).rejects.toMatchObject({ code: "node-required" });
    expect(await pubsub.create(GATEWAY, "created")).toBe("created");
    await pubsub.delete(GATEWAY, "made");
    await expect(pubsub.items(GATEWAY, "made")).rejects.toMatchObject({ code: "no-such-node" });
  });

  it("know no conditions", async () => {
    const { pubsub } = await start();
    const publishing = pubsub.publish(GATEWAY, "news", { json: 1 }, { conditions: { persist_items: true } });
    await expect(publishing).rejects.toMatchObject({ code: "unsupported" });
  });
});

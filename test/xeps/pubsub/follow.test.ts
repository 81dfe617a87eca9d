// Followed topics: each item once, in order, whatever was missed; nothing on the word of strangers (XEP-0060 §7.1.2, §12.4).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  type FollowedItem,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
  onItem,
  rpcService,
} from "../../../src/index.js";
import { type PubSubService, SERVICE, startPubSubService } from "../../support/pubsub-service.js";
import { startRawPeer } from "../../support/raw-peer.js";
import { type RecordingLog, recordingLog } from "../../support/recording-log.js";

const NODE = "news";
const EVENT = "http://jabber.org/protocol/pubsub#event";
const json = (value: unknown): string => `<json xmlns="urn:xmpp:json:0">${JSON.stringify(value)}</json>`;

describe("a topic that is followed", () => {
  let network: MemoryNetwork;
  let service: PubSubService;
  let log: RecordingLog;
  let gateway: Gateway;
  const seen: FollowedItem[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const take = (item: FollowedItem): void => {
    seen.push(item);
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
  };
  const untilSeen = (count: number): Promise<void> =>
    seen.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }));
  const ids = (): string[] => seen.map(({ id }) => id);

  const startGateway = async (options: Partial<GatewayOptions> = {}): Promise<Gateway> => {
    gateway = createGateway({ link: network.link("rpc.example.org"), log, ...options });
    await gateway.start();
    return gateway;
  };
  /** Everything that was sent to the gateway before has been dealt with. */
  const settled = async (): Promise<void> => {
    await gateway.pubsub.items(SERVICE, NODE);
    await new Promise((resolve) => setImmediate(resolve));
  };

  beforeEach(async () => {
    network = createMemoryNetwork();
    service = await startPubSubService(network);
    service.nodes.set(NODE, new Map());
    log = recordingLog();
    seen.length = 0;
    waiting.length = 0;
  });
  afterEach(async () => {
    await gateway.stop();
    await service.stop();
  });

  it("gives what it holds, the oldest first, and then what comes", async () => {
    for (const id of ["a", "b", "c"]) service.publish(NODE, id, json(id));
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    await untilSeen(3);
    service.publish(NODE, "d", json("d"));
    await untilSeen(4);
    expect(seen[3]).toEqual({ id: "d", payload: { json: "d" }, service: SERVICE, node: NODE });
    expect(ids()).toEqual(["a", "b", "c", "d"]);
  });

  it("is not given again what was published again under its id, unless updates are wanted", async () => {
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    const updates: unknown[] = [];
    gateway.pubsub.follow(SERVICE, NODE, ({ payload }) => void updates.push(payload), { updates: true });
    await service.untilSubscribed(NODE);
    await settled();
    service.publish(NODE, "a", json(1));
    service.publish(NODE, "a", json(2));
    service.publish(NODE, "a", json(2));
    service.publish(NODE, "z", json(3));
    await untilSeen(2);
    await settled();
    expect(ids()).toEqual(["a", "z"]);
    expect(updates).toEqual([{ json: 1 }, { json: 2 }, { json: 3 }]);
  });

  it("is fetched from where notifications hold no payload", async () => {
    service.payloads = false;
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    await service.untilSubscribed(NODE);
    service.publish(NODE, "a", json("a"));
    await untilSeen(1);
    expect(seen[0]).toMatchObject({ id: "a", payload: { json: "a" } });
  });

  it("gives so much of its history as is wanted, the first time", async () => {
    for (const id of ["a", "b", "c"]) service.publish(NODE, id, json(id));
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take, { history: 1 });
    await untilSeen(1);
    service.publish(NODE, "d", json("d"));
    await untilSeen(2);
    expect(ids()).toEqual(["c", "d"]);
  });

  it("reaches the decorated methods of services, one for each topic", async () => {
    service.nodes.set("other", new Map());
    service.publish(NODE, "a", json("a"));
    service.publish("other", "b", json("b"));
    @rpcService("watch")
    class Watch {
      readonly #prefix = "w:";
      @onItem(SERVICE, NODE)
      @onItem(SERVICE, "other", { payload: "json" })
      onNews(item: FollowedItem): void {
        take({ ...item, id: this.#prefix + item.id });
      }
    }
    await startGateway({ services: [Watch] });
    await untilSeen(2);
    expect(ids().sort()).toEqual(["w:a", "w:b"]);
  });

  it("is handed over again after a handler that throws, and given up in the end", async () => {
    await startGateway({ limits: { followAttempts: 2 } });
    const attempts: string[] = [];
    gateway.pubsub.follow(SERVICE, NODE, ({ id }) => {
      attempts.push(id);
      if (id === "a") throw new Error("no");
      take({ id, service: SERVICE, node: NODE });
    });
    await service.untilSubscribed(NODE);
    await settled();
    service.publish(NODE, "a", json("a"));
    service.publish(NODE, "b", json("b"));
    expect(await log.until(/^pubsub\.item-failed/)).toMatch(/item=a attempts=1 cause=no$/);
    expect(await log.until(/^pubsub\.item-given-up/)).toMatch(/item=a attempts=2 cause=no$/);
    await untilSeen(1);
    expect(attempts).toEqual(["a", "b", "a"]);
  });

  it("does not wait for a handler for ever", async () => {
    await startGateway({ limits: { followHandlerMs: 20, followAttempts: 1 } });
    gateway.pubsub.follow(SERVICE, NODE, () => new Promise(() => undefined));
    await service.untilSubscribed(NODE);
    service.publish(NODE, "a", json("a"));
    expect(await log.until(/^pubsub\.item-given-up/)).toMatch(/not done within 20 ms/);
  });

  it("is fetched again when more items come at once than may wait", async () => {
    await startGateway({ limits: { followQueue: 2 } });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    gateway.pubsub.follow(SERVICE, NODE, async (item) => {
      await held;
      take(item);
    });
    await service.untilSubscribed(NODE);
    await settled();
    for (const id of ["a", "b", "c", "d"]) service.publish(NODE, id, json(id));
    expect(await log.until(/^pubsub\.queue-full/)).toMatch(/waiting=2$/);
    release();
    await untilSeen(4);
    expect(ids()).toEqual(["a", "b", "c", "d"]);
  });

  it("is asked for with followBatch ids at a time", async () => {
    for (const id of ["a", "b", "c"]) service.publish(NODE, id, json(id));
    await startGateway({ limits: { followBatch: 2 } });
    gateway.pubsub.follow(SERVICE, NODE, take);
    await untilSeen(3);
    const asked = service.requests.filter((request) => request.includes("<item id="));
    expect(asked.map((request) => request.match(/<item id/g)?.length)).toEqual([2, 1]);
  });

  it.each([2, 1])("gives the newest of more than followCatchUp items: %i", async (followCatchUp) => {
    for (const id of ["a", "b"]) service.publish(NODE, id, json(id));
    await startGateway({ limits: { followCatchUp } });
    gateway.pubsub.follow(SERVICE, NODE, take);
    await untilSeen(followCatchUp);
    await settled();
    expect(ids()).toEqual(["a", "b"].slice(-followCatchUp));
  });

  it("refuses payloads of another kind than is wanted, with a line", async () => {
    service.publish(NODE, "x", "<x xmlns='urn:x'/>");
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take, { payload: "json" });
    expect(await log.until(/^pubsub\.item-refused/)).toMatch(/item=x problem=json expected, got xml$/);
    await service.untilSubscribed(NODE);
    service.publish(NODE, "bad", `<json xmlns="urn:xmpp:json:0">{</json>`);
    service.publish(NODE, "good", json(1));
    await untilSeen(1);
    expect(ids()).toEqual(["good"]);
    expect(log.lines.filter((line) => line.startsWith("pubsub.item-refused"))).toHaveLength(2);
  });

  it("believes nobody but its service", async () => {
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    await service.untilSubscribed(NODE);
    await settled();
    const event = (id: string): string =>
      `<event xmlns='${EVENT}'><items node='${NODE}'><item id='${id}'>${json(id)}</item></items></event>`;
    const mallory = await startRawPeer(network.link("mallory@example.org/x"));
    mallory.send(`<message to='rpc.example.org' type='headline'>${event("forged")}</message>`);
    expect(await log.until(/^pubsub\.event-refused/)).toBe(
      `pubsub.event-refused from=mallory@example.org/x node=${NODE} problem=not from the service that is followed`,
    );
    const from = `to='rpc.example.org' from='${SERVICE}'`;
    service.send(`<message ${from} type='error'>${event("error")}</message>`);
    await log.until(/a message of type error/);
    service.send(`<message ${from} type='groupchat'>${event("groupchat")}</message>`);
    // Messages of rooms are looked at as such first.
    await log.until(/^room\.unknown/);
    const delay = (by: string): string => `<delay xmlns='urn:xmpp:delay' ${by} stamp='2026-11-28T10:00:00Z'/>`;
    service.send(`<message ${from}>${event("late")}${delay("from='mallory@example.org'")}</message>`);
    await log.until(/held back by somebody/);
    service.send(`<message ${from}>${event("kept")}${delay(`from='${SERVICE}'`)}</message>`);
    service.send(`<message ${from}>${event("kept by ourselves")}${delay("")}</message>`);
    await untilSeen(2);
    expect(ids()).toEqual(["kept", "kept by ourselves"]);
    await mallory.stop();
  });

  it("waits for who has to agree, and begins when he has", async () => {
    service.state = "pending";
    service.publish(NODE, "a", json("a"));
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    expect(await log.until(/^pubsub\.subscription/)).toMatch(/state=pending$/);
    service.state = "subscribed";
    service.send(
      `<message to='rpc.example.org' from='${SERVICE}'><event xmlns='${EVENT}'>` +
        `<subscription node='${NODE}' jid='rpc.example.org' subscription='subscribed'/></event></message>`,
    );
    await untilSeen(1);
    expect(ids()).toEqual(["a"]);
  });

  it("is tried again when the service is not there", async () => {
    await service.stop();
    await startGateway();
    gateway.pubsub.follow(SERVICE, NODE, take);
    expect(await log.until(/^pubsub\.follow-failed/)).toMatch(/code=unavailable/);
    service = await startPubSubService(network);
    service.nodes.set(NODE, new Map([["a", json("a")]]));
    await untilSeen(1);
  });

  it("is left, with its subscription, when it is no longer followed", async () => {
    await startGateway();
    const following = gateway.pubsub.follow(SERVICE, NODE, take);
    await service.untilSubscribed(NODE);
    await settled();
    await following.stop();
    await following.stop();
    expect(service.requests.at(-1)).toContain('<unsubscribe node="news" jid="rpc.example.org" subid="s1"/>');
    expect(service.subscribers.get(NODE)?.size).toBe(0);
  });

  it("needs an address for its service", async () => {
    @rpcService("watch")
    class Watch {
      @onItem("@", NODE)
      onNews(): void {}
    }
    gateway = createGateway({ link: network.link("rpc.example.org"), services: [Watch] });
    await expect(gateway.start()).rejects.toThrow(/"@" is not an address/);
  });
});

// What following remembers, and how often it looks, at each limit and one past it; time is turned by hand.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork, type Gateway } from "../../../src/index.js";
import { limitDefaults } from "../../../src/limit-table.js";
import { createProcessMemory } from "../../../src/memory/index.js";
import type { FollowOptions } from "../../../src/rpc/index.js";
import {
  createFollower,
  FOLLOW_LIMIT_TABLE,
  type Follower,
  type FollowLimits,
} from "../../../src/xeps/pubsub/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { type PubSubService, SERVICE, startPubSubService } from "../../support/pubsub-service.js";
import { recordingLog } from "../../support/recording-log.js";

const NODE = "news";
const LIMITS = limitDefaults(FOLLOW_LIMIT_TABLE);
const json = (value: number): string => `<json xmlns="urn:xmpp:json:0">${value}</json>`;

describe("a follower whose topic notifies nobody", () => {
  let gateway: Gateway;
  let service: PubSubService;
  let clock: ManualClock;
  let follower: Follower;
  let seen: string[];

  beforeEach(async () => {
    const network = createMemoryNetwork();
    service = await startPubSubService(network);
    service.nodes.set(NODE, new Map());
    service.notifies = false;
    gateway = createGateway({ link: network.link("rpc.example.org") });
    await gateway.start();
    clock = new ManualClock();
    seen = [];
  });
  afterEach(async () => {
    await follower.stop();
    await gateway.stop();
    await service.stop();
  });

  const publish = (...ids: string[]): void => {
    for (const id of ids) service.publish(NODE, id, json(1));
  };
  /** It has looked, and waits for the next time. */
  const looked = async (): Promise<void> => {
    while (clock.waits.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const start = async (limits: Partial<FollowLimits>, options: FollowOptions = {}): Promise<void> => {
    const memory = createProcessMemory();
    follower = createFollower({
      client: gateway.pubsub,
      ownJid: () => undefined,
      memory: () => memory,
      limits: { ...LIMITS, ...limits },
      clock,
      log: recordingLog(),
    });
    follower.feature.online?.();
    const handler = ({ id }: { readonly id: string }): void => void seen.push(id);
    follower.follow({ ...options, service: SERVICE, node: NODE, handler });
    await looked();
  };

  it("looks each followCheckMs, and not before", async () => {
    await start({ followCheckMs: 5_000 });
    expect(clock.waits).toEqual([5_000]);
    publish("a");
    const asked = service.requests.length;
    clock.advance(4_999);
    expect(clock.waits).toEqual([1]);
    expect(service.requests).toHaveLength(asked);
    clock.advance(1);
    await looked();
    expect(seen).toEqual(["a"]);
    expect(clock.waits).toEqual([5_000]);
  });

  const check = async (): Promise<void> => {
    clock.advance(LIMITS.followCheckMs);
    await looked();
  };

  it.each([
    ["at the limit", 4, []],
    ["one past it", 3, ["a"]],
  ])(
    "remembers followMemory items, and forgets the oldest first that is gone: %s",
    async (_what, followMemory, again) => {
      publish("a", "b");
      await start({ followMemory, followCatchUp: 2 }, { history: 2 });
      for (const [gone, come] of [
        ["a", "c"],
        ["b", "d"],
      ] as const) {
        service.nodes.get(NODE)?.delete(gone);
        publish(come);
        await check();
      }
      expect(seen).toEqual(["a", "b", "c", "d"]);
      publish("a");
      await check();
      expect(seen.slice(4)).toEqual(again);
    },
  );

  it("gives nothing again that stands beside what is updated often", async () => {
    publish("still");
    await start({ followMemory: 2, followCatchUp: 2 }, { updates: true });
    for (let version = 1; version <= 5; version += 1) {
      service.publish(NODE, "often", json(version));
      await check();
    }
    expect(seen).toEqual(["still", "often", "often", "often", "often", "often"]);
  });

  it("gives nothing twice of a topic that holds more than followMemory items", async () => {
    publish("a", "b", "c");
    await start({ followMemory: 1 });
    for (let round = 0; round < 3; round += 1) await check();
    expect(seen).toEqual(["a", "b", "c"]);
  });
});

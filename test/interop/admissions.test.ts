// Who may subscribe, at topics of ejabberd and Prosody with slixmpp as who asks: waiting, let in, refused, several subscriptions of one
// account (XEP-0060 §6.1, §6.2, §8.6 to §8.8; issue 7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PubSubService } from "../../src/handlers/index.js";
import { createGateway, type Gateway } from "../../src/index.js";
import { cliUser } from "../support/cli.js";
import { createEventLog, type EventLog } from "../support/event-log.js";
import { startTopicPerson, type TopicPerson } from "../support/slixmpp-topics.js";
import {
  asClient,
  asComponent,
  COMPONENT,
  SERVICE,
  startEjabberdWithTopics,
  startProsodyWithTopics,
  type TopicServer,
  USERS,
} from "../support/topic-servers.js";

const BOB = "bob@localhost/slix";
/** Prosody 0.12 has no such access model. */
const AUTHORIZE = { access_model: "authorize" };

describe.each([
  ["a client of Prosody", startProsodyWithTopics, asClient, "responder@localhost/gateway", false],
  ["a component of Prosody", startProsodyWithTopics, asComponent, COMPONENT.jid, false],
  ["a client of ejabberd", startEjabberdWithTopics, asClient, "responder@localhost/gateway", true],
  ["a component of ejabberd", startEjabberdWithTopics, asComponent, COMPONENT.jid, true],
] as const)("%s", (_name, startServer, linkTo, address, knowsAuthorize) => {
  let server: TopicServer;
  let gateway: Gateway;
  let log: EventLog;
  let bob: TopicPerson;

  const start = async (): Promise<void> => {
    log = createEventLog();
    gateway = createGateway({ link: linkTo(server), services: [PubSubService], access: [{ anyone: true }], log });
    await gateway.start();
  };
  const at = (node: string) => ({ service: SERVICE, node });
  /** What bob is told of his subscription; items that come before it are passed over. */
  const stateTold = async (): Promise<string> => {
    for (;;) for (const state of (await bob.told()).states ?? []) return state;
  };

  beforeAll(async () => {
    server = await startServer();
    await start();
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
  });
  afterAll(async () => {
    await bob.stop();
    await gateway.stop();
    await server.stop();
  });

  it("tells several subscriptions of one account apart", async () => {
    const { pubsub } = gateway;
    await pubsub.create(SERVICE, "twice");
    for (const bare of [true, false, false])
      expect(await bob.act({ do: "subscribe", ...at("twice"), bare })).toEqual({ subscribed: "twice" });
    const both = await pubsub.subscribers(SERVICE, "twice");
    expect(both.map(({ jid }) => jid).toSorted()).toEqual(["bob@localhost", BOB]);
    // Prosody gives no subids.
    const subid = both.find(({ jid }) => jid === BOB)?.subid;
    expect(subid === undefined).toBe(!knowsAuthorize);
    expect(new Set(both.map((one) => one.subid)).size).toBe(knowsAuthorize ? 2 : 1);
    await pubsub.publish(SERVICE, "twice", { json: 1 }, { itemId: "one" });
    for (const _ of both) expect(await bob.told()).toMatchObject({ told: [{ id: "one" }] });
    expect(await bob.act({ do: "unsubscribe", ...at("twice"), subid })).toEqual({ unsubscribed: "twice" });
    expect((await pubsub.subscribers(SERVICE, "twice")).map(({ jid }) => jid)).toEqual(["bob@localhost"]);
    // The one that is ended by its owner.
    for (const one of await pubsub.subscribers(SERVICE, "twice"))
      await pubsub.setSubscriber(SERVICE, "twice", { ...one, state: "none" });
    expect(await pubsub.subscribers(SERVICE, "twice")).toEqual([]);
    const own = await pubsub.subscribe(SERVICE, "twice");
    expect(await pubsub.subscribe(SERVICE, "twice")).toEqual(own);
    expect(own.subid === undefined).toBe(!knowsAuthorize);
    await pubsub.unsubscribe(SERVICE, "twice", own);
    await expect(pubsub.unsubscribe(SERVICE, "twice", own)).rejects.toMatchObject({ code: "not-subscribed" });
    bob.rest();
  });

  if (!knowsAuthorize) {
    it("is told clearly that the service has no such access model", async () => {
      const { pubsub } = gateway;
      const problem = /^node "closed" at pubsub\.localhost: invalid-options .*asked for access_model=authorize$/;
      await expect(pubsub.create(SERVICE, "closed", AUTHORIZE)).rejects.toThrow(problem);
      await pubsub.create(SERVICE, "closed");
      await expect(pubsub.configure(SERVICE, "closed", AUTHORIZE)).rejects.toThrow(problem);
      expect(await pubsub.pending(SERVICE, "closed")).toEqual([]);
    });
    return;
  }

  it("lets in whom its handler lets in, refuses others, and both are told", async () => {
    const { pubsub } = gateway;
    for (const node of ["open-hearted", "strict"]) await pubsub.create(SERVICE, node, AUTHORIZE);
    const admissions = ["open-hearted", "strict"].map((node) =>
      pubsub.admit(SERVICE, node, (request) => request.jid === BOB && request.node === "open-hearted"),
    );
    expect(await bob.act({ do: "subscribe", ...at("open-hearted") })).toEqual({ pending: "open-hearted" });
    expect(await stateTold()).toBe("subscribed");
    await pubsub.publish(SERVICE, "open-hearted", { json: 1 }, { itemId: "for-friends" });
    expect(await bob.told()).toMatchObject({ told: [{ id: "for-friends" }] });
    expect(await bob.act({ do: "subscribe", ...at("strict") })).toEqual({ pending: "strict" });
    expect(await stateTold()).toBe("none");
    expect(await bob.act({ do: "items", ...at("strict") })).toEqual({ error: "forbidden" });
    for (const admission of admissions) await admission.stop();
  });

  it("shows who waits over Jabber-RPC, and lets him in", async () => {
    await gateway.pubsub.create(SERVICE, "by-hand", AUTHORIZE);
    const carol = cliUser(server, "responder@localhost", USERS.responder);
    const call = async (method: string, ...params: string[]): Promise<unknown> => {
      const { stdout, stderr } = await carol.run(["call", address, method, SERVICE, "by-hand", ...params]);
      return JSON.parse(stdout === "" ? JSON.stringify(stderr) : stdout);
    };
    expect(await call("pubsub.pending")).toEqual([]);
    expect(await bob.act({ do: "subscribe", ...at("by-hand") })).toEqual({ pending: "by-hand" });
    expect(await call("pubsub.pending")).toEqual([{ jid: BOB }]);
    await call("pubsub.setSubscriber", BOB, "subscribed");
    expect(await stateTold()).toBe("subscribed");
    expect(await call("pubsub.pending")).toEqual([]);
    expect(await call("pubsub.subscribers")).toMatchObject([{ jid: BOB, state: "subscribed" }]);
  });

  it("asks again about who has waited while it was away", async () => {
    await gateway.pubsub.create(SERVICE, "patient", AUTHORIZE);
    await gateway.stop();
    expect(await bob.act({ do: "subscribe", ...at("patient") })).toEqual({ pending: "patient" });
    await start();
    gateway.pubsub.admit(SERVICE, "patient", () => true);
    expect(await stateTold()).toBe("subscribed");
  });

  it("waits itself to be let in where it follows, and then gets what is there and what comes", async () => {
    const node = "of-bob";
    const config = { ...AUTHORIZE, persist_items: "1" };
    expect(await bob.act({ do: "create", ...at(node), config })).toEqual({ created: node });
    await bob.act({ do: "publish", ...at(node), id: "before", title: "Before" });
    const ids: string[] = [];
    let wake = (): void => undefined;
    const following = gateway.pubsub.follow(SERVICE, node, ({ id }) => {
      ids.push(id);
      wake();
    });
    const until = async (count: number): Promise<void> => {
      while (ids.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    await log.until("pubsub.subscription", { node, state: "pending" });
    expect(await bob.act({ do: "admit", ...at(node), jid: address })).toEqual({ admitted: address });
    await until(1);
    await bob.act({ do: "publish", ...at(node), id: "live", title: "Live" });
    await until(2);
    expect(ids).toEqual(["before", "live"]);
    await following.stop();
  });
});

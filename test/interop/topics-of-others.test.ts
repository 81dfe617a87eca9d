// What the gateway does at topics of Prosody and ejabberd beyond publishing: it administers, fetches in pieces, and the command line
// follows (XEP-0060; issue 7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type FollowedItem, type Gateway } from "../../src/index.js";
import { cliUser } from "../support/cli.js";
import { startTopicPerson, type TopicPerson } from "../support/slixmpp-topics.js";
import {
  asClient,
  asComponent,
  SERVICE,
  startEjabberdWithTopics,
  startProsodyWithTopics,
  type TopicServer,
  USERS,
} from "../support/topic-servers.js";

describe.each([
  ["a client of Prosody", startProsodyWithTopics, asClient],
  ["a component of Prosody", startProsodyWithTopics, asComponent],
  ["a client of ejabberd", startEjabberdWithTopics, asClient],
  ["a component of ejabberd", startEjabberdWithTopics, asComponent],
] as const)("%s", (_name, startServer, linkTo) => {
  let server: TopicServer;
  let gateway: Gateway;
  let bob: TopicPerson;

  beforeAll(async () => {
    server = await startServer();
    gateway = createGateway({ link: linkTo(server) });
    await gateway.start();
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
  });
  afterAll(async () => {
    await bob.stop();
    await gateway.stop();
    await server.stop();
  });
  const at = (node: string, id: string) => ({ service: SERVICE, node, id, title: `Title of ${id}` });

  it("configures a topic, says who may publish, empties and deletes it", async () => {
    const { pubsub } = gateway;
    expect(await pubsub.features(SERVICE)).toContain("publish");
    await pubsub.create(SERVICE, "news", { title: "News", persist_items: true, max_items: 100 });
    await pubsub.configure(SERVICE, "news", { title: "Newer" });
    expect(await pubsub.configuration(SERVICE, "news")).toMatchObject({
      "pubsub#title": ["Newer"],
      "pubsub#max_items": ["100"],
    });
    // ejabberd's form has no title as long as there is none.
    await pubsub.create(SERVICE, "untitled");
    await pubsub.configure(SERVICE, "untitled", { title: "Titled" });
    expect(await pubsub.configuration(SERVICE, "untitled")).toMatchObject({ "pubsub#title": ["Titled"] });
    await expect(pubsub.configure(SERVICE, "news", { nosuch: "1" })).rejects.toThrow(/no field pubsub#nosuch/);
    expect(await bob.act({ do: "publish", ...at("news", "c") })).toEqual({ error: "forbidden" });
    await pubsub.setAffiliate(SERVICE, "news", "bob@localhost", "publisher");
    expect(await pubsub.affiliates(SERVICE, "news")).toContainEqual({
      node: "news",
      jid: "bob@localhost",
      affiliation: "publisher",
    });
    expect(await bob.act({ do: "publish", ...at("news", "c") })).toEqual({ published: "c" });
    const conditions = { persist_items: true };
    await pubsub.publish(SERVICE, "news", { json: 1 }, { itemId: "d", conditions });
    await expect(
      pubsub.publish(SERVICE, "news", { json: 1 }, { conditions: { persist_items: false } }),
    ).rejects.toMatchObject({ code: "precondition-not-met" });
    expect(await pubsub.items(SERVICE, "news", { ids: ["c"] })).toMatchObject([
      { id: "c", payload: { atom: { title: "Title of c" } } },
    ]);
    await expect(pubsub.retract(SERVICE, "news", "gone")).rejects.toMatchObject({ code: "no-such-item" });
    await expect(pubsub.unsubscribe(SERVICE, "news")).rejects.toMatchObject({ code: "not-subscribed" });
    await pubsub.purge(SERVICE, "news");
    expect(await pubsub.itemIds(SERVICE, "news")).toEqual([]);
    await pubsub.delete(SERVICE, "news");
    await expect(pubsub.items(SERVICE, "news")).rejects.toMatchObject({ code: "no-such-node" });
  });

  it("fetches many large items in pieces that a stanza can hold, oldest first, and leaves no subscription", async () => {
    const { pubsub } = gateway;
    await pubsub.ensure(SERVICE, "large", { persist_items: true, max_items: 100 });
    for (let index = 0; index < 12; index += 1)
      await pubsub.publish(SERVICE, "large", { json: "x".repeat(50_000) }, { itemId: `i${index}` });
    const ids: string[] = [];
    let done = (): void => undefined;
    const whole = new Promise<void>((resolve) => {
      done = resolve;
    });
    const following = pubsub.follow(SERVICE, "large", ({ id }: FollowedItem) => {
      if (ids.push(id) === 12) done();
    });
    await whole;
    await following.stop();
    expect(ids).toEqual(Array.from({ length: 12 }, (_, index) => `i${index}`));
    expect((await pubsub.subscriptions(SERVICE)).filter(({ node }) => node === "large")).toEqual([]);
  });
});

it("jabber-rpc follow prints items as they come, also after the server was away", async () => {
  const server = await startProsodyWithTopics();
  const responder = cliUser(server, "responder@localhost", USERS.responder);
  const gateway = createGateway({ link: asComponent(server) });
  await gateway.start();
  const { pubsub } = gateway;
  await pubsub.create(SERVICE, "lines", { persist_items: true });
  await pubsub.setAffiliate(SERVICE, "lines", "responder@localhost", "publisher");
  await pubsub.publish(SERVICE, "lines", { json: "older" }, { itemId: "older" });
  await pubsub.publish(SERVICE, "lines", { json: "old" }, { itemId: "old" });
  const following = responder.start(["follow", SERVICE, "lines", "--json", "--last", "1"]);
  await following.until("stdout", /"id":"old"/);
  const published = await responder.run(["publish", SERVICE, "lines", "--title", "Hello", "--item", "h"]);
  expect(published).toMatchObject({ exitCode: 0, stdout: "h\n" });
  const [line = ""] = await following.until("stdout", /^.*"id":"h".*$/m);
  expect(JSON.parse(line)).toMatchObject({ id: "h", service: SERVICE, node: "lines", atom: { title: "Hello" } });
  await server.restartCleanly();
  // The component is back when it can publish again.
  for (let isBack = false; !isBack; )
    isBack = await pubsub.publish(SERVICE, "lines", { json: "new" }, { itemId: "new" }).then(
      () => true,
      () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 100)),
    );
  await following.until("stdout", /"id":"new"/);
  await pubsub.retract(SERVICE, "lines", "new");
  await following.until("stdout", /"event":"retracted","id":"new"/);
  following.signal("SIGINT");
  const { exitCode, stdout } = await following.ended;
  expect(exitCode).toBe(0);
  expect(stdout.match(/"id":"h"/g)).toHaveLength(1);
  expect(stdout).not.toContain("older");
  const refused = await responder.run(["follow", SERVICE, "nosuch"]);
  expect(refused).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/^node "nosuch" .*no-such-node/) as string,
  });
  await gateway.stop();
  await server.stop();
});

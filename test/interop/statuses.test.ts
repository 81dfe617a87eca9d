// Statuses at Prosody and ejabberd: one text in a room, at a topic of the server or of the gateway, and with slixmpp who follows the
// author until he writes stop (XEP-0045, XEP-0060; issue 7).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createComponentLink, createGateway, type Gateway, type GatewayOptions } from "../../src/index.js";
import { startEjabberd } from "../support/ejabberd.js";
import { createEventLog } from "../support/event-log.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type RoomPerson, startRoomPerson } from "../support/slixmpp-room.js";
import { startTopicPerson, type TopicPerson } from "../support/slixmpp-topics.js";

const TOPICS = "pubsub.localhost";
const ROOMS = "conference.localhost";
const TEAM = `team@${ROOMS}`;
const AUTHOR = "ida@example.org";
const NODE = `statuses/${AUTHOR}`;
const USERS = { responder: "gateway's", bob: "bob's", carol: "carol's" };
const COMPONENT = { jid: "rpc.localhost", secret: "s3cret" };

type Server = Pick<Prosody, "port" | "componentPort" | "stop">;
type Place = Pick<GatewayOptions, "link" | "topics" | "statuses">;

const startProsodyWithAll = (): Promise<Server> =>
  startProsody({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    hostConfig: [
      `Component "${TOPICS}" "pubsub"\n  admins = { "responder@localhost" }`,
      `Component "${ROOMS}" "muc"\n  storage = "memory"`,
    ].join("\n"),
  });
const startEjabberdWithAll = (): Promise<Server> =>
  startEjabberd({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    moreModules: {
      mod_pubsub: { host: TOPICS, access_createnode: "all", plugins: ["flat"] },
      mod_muc: { host: ROOMS },
    },
  });

/** A client whose statuses go to the server's topics. */
const asClient = ({ port }: Server): Place => ({
  link: { service: `xmpp://127.0.0.1:${port}`, jid: "responder@localhost/gateway", password: USERS.responder },
  statuses: { room: TEAM, service: TOPICS },
});
/** A component that hosts them. */
const asComponent = ({ componentPort }: Server): Place => ({
  link: createComponentLink({
    service: `xmpp://127.0.0.1:${componentPort}`,
    jid: COMPONENT.jid,
    password: COMPONENT.secret,
  }),
  topics: [],
  statuses: { room: TEAM },
});

describe.each([
  ["a client of Prosody", startProsodyWithAll, asClient, "responder@localhost"],
  ["a component of Prosody", startProsodyWithAll, asComponent, COMPONENT.jid],
  ["a client of ejabberd", startEjabberdWithAll, asClient, "responder@localhost"],
  ["a component of ejabberd", startEjabberdWithAll, asComponent, COMPONENT.jid],
] as const)("statuses of %s", (_name, startServer, placeAt, address) => {
  let server: Server;
  let gateway: Gateway;
  let bob: TopicPerson;
  let carol: RoomPerson;
  let folder: string;

  const start = async (): Promise<Gateway> => {
    const log = createEventLog();
    const started = createGateway({
      ...placeAt(server),
      access: [{ anyone: true }],
      rooms: [{ jid: TEAM, nick: "rpc" }],
      mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` },
      log,
    });
    await started.start();
    await log.until("room.live", { room: TEAM });
    return started;
  };
  const publish = (text: string) =>
    gateway.statuses?.publishStatus({ author: AUTHOR, text, link: "https://harbour.example.org/" }) ?? expect.fail();
  /** Ends once bob is told of a status of that title; what he is told before was published before. */
  const untilTold = async (title: string): Promise<void> => {
    for (;;) if ((await bob.told()).told?.some((item) => item.title === title) === true) return;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "jabber-rpc-statuses-"));
    server = await startServer();
    gateway = await start();
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
    carol = await startRoomPerson(server.port, { name: "carol", password: USERS.carol }, TEAM, "carol");
    carol.act({ join: {} });
    await carol.until({ came: "carol" });
  });
  afterAll(async () => {
    await carol.stop();
    await bob.stop();
    await gateway.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("are said in the room and made an item, at a topic of their author that is made at the first one", async () => {
    const { service } = gateway.statuses?.topicOf(AUTHOR) ?? expect.fail();
    expect(await bob.act({ do: "subscribe", service, node: NODE })).toEqual({ error: "item-not-found" });
    const { id, places, problems } = await publish("Unloading");
    expect(problems).toEqual([]);
    expect(places).toEqual([TEAM, `${service} statuses`, `${service} ${NODE}`]);
    expect(await carol.until({ nick: "rpc" })).toMatchObject({
      said: `${AUTHOR}: Unloading https://harbour.example.org/`,
    });
    for (const node of ["statuses", NODE])
      expect(await bob.act({ do: "items", service, node })).toMatchObject({ items: [{ id, title: "Unloading" }] });
  });

  it("are told to who follows the author, also by the gateway's next life", async () => {
    const { service } = gateway.statuses?.topicOf(AUTHOR) ?? expect.fail();
    expect(await bob.act({ do: "subscribe", service, node: NODE })).toEqual({ subscribed: NODE });
    await publish("Half done");
    await untilTold("Half done");
    await gateway.stop();
    gateway = await start();
    expect((await publish("Done")).problems).toEqual([]);
    await untilTold("Done");
    expect(await carol.until({ said: `${AUTHOR}: Done https://harbour.example.org/` })).toMatchObject({ nick: "rpc" });
    const { items = [] } = await bob.act({ do: "items", service, node: NODE });
    expect(new Set(items.map(({ title }) => title))).toEqual(new Set(["Done", "Half done", "Unloading"]));
  });

  it("are told no more to who writes stop", async () => {
    const { service } = gateway.statuses?.topicOf(AUTHOR) ?? expect.fail();
    bob.rest();
    await bob.act({ do: "say", to: address, body: "Stop" });
    let answer = await bob.told();
    // A service may tell the end of the subscription too.
    while (answer.body === undefined) answer = await bob.told();
    expect(answer.body).toBe("You are told no more: 1 topic left.");
    expect(await gateway.pubsub.subscribers(service, NODE)).toEqual([]);
    expect((await publish("Sailed")).problems).toEqual([]);
    // A notification would have come before this answer.
    const { items = [] } = await bob.act({ do: "items", service, node: NODE });
    expect(items.map(({ title }) => title)).toContain("Sailed");
    expect(bob.rest().flatMap(({ told = [] }) => told)).toEqual([]);
  });
});

// Two gateways in one room of Prosody and of ejabberd: each is heard, and neither keeps the other busy (issue 7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Examples } from "../../src/handlers/index.js";
import { createGateway, type Gateway } from "../../src/index.js";
import { startEjabberd } from "../support/ejabberd.js";
import { createEventLog, type EventLog } from "../support/event-log.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type RoomPerson, startRoomPerson } from "../support/slixmpp-room.js";

const SERVICE = "conference.localhost";
/** Both take commands with one prefix. */
const SHARED = `shared@${SERVICE}`;
/** Each has a prefix of its own. */
const DIVIDED = `divided@${SERVICE}`;
const USERS = { first: "first's", second: "second's", bob: "bob's", carol: "carol's", dave: "dave's" };

type Server = Pick<Prosody, "port" | "restart" | "stop">;

interface Running {
  readonly gateway: Gateway;
  readonly log: EventLog;
}

describe.each<readonly [string, () => Promise<Server>]>([
  ["Prosody", () => startProsody({ users: USERS, hostConfig: `Component "${SERVICE}" "muc"` })],
  ["ejabberd", () => startEjabberd({ users: USERS, moreModules: { mod_muc: { host: SERVICE } } })],
])("two gateways in one room of %s", (_name, startServer) => {
  let server: Server;
  let first: Running;
  let second: Running;
  let bob: RoomPerson;
  let carol: RoomPerson;

  let dave: RoomPerson;

  const enter = async (name: "bob" | "carol" | "dave", room = SHARED): Promise<RoomPerson> => {
    const person = await startRoomPerson(server.port, { name, password: USERS[name] }, room, name);
    person.act({ join: {} });
    await person.until({ came: name });
    return person;
  };
  const start = async (name: "first" | "second", commandPrefix: string): Promise<Running> => {
    const log = createEventLog();
    const gateway = createGateway({
      link: { service: `xmpp://127.0.0.1:${server.port}`, jid: `${name}@localhost/gateway`, password: USERS[name] },
      services: [Examples],
      access: [{ allow: "*@localhost" }],
      rooms: [
        { jid: SHARED, nick: "rpc", trustRealJids: true },
        { jid: DIVIDED, nick: name, trustRealJids: true, commandPrefix },
      ],
      limits: { roomKickedMs: 200, roomRetryMs: 2_000 },
      log,
    });
    await gateway.start();
    await log.until("room.live", { room: SHARED });
    await log.until("room.live", { room: DIVIDED });
    return { gateway, log };
  };

  beforeAll(async () => {
    server = await startServer();
    bob = await enter("bob");
    dave = await enter("dave", DIVIDED);
    for (const owner of [bob, dave]) {
      // Everybody sees who is behind a nick, so that neither gateway has to be a moderator.
      owner.act({ configure: { "muc#roomconfig_whois": "anyone" } });
      await owner.until({ did: "configure" });
    }
    carol = await enter("carol");
    first = await start("first", "!");
    second = await start("second", "?");
  });
  afterAll(async () => {
    for (const person of [bob, carol, dave]) await person.stop();
    for (const { gateway } of [first, second]) await gateway.stop();
    await server.stop();
  });

  /** What the gateways say in the room from now on, until each has said that it is done. */
  const answersTo = async (command: string): Promise<{ readonly nick: unknown; readonly said: unknown }[]> => {
    const before = bob.past.length;
    carol.act({ say: command });
    await bob.until({ nick: "carol", said: command });
    await Promise.all([carol.until({ nick: "rpc" }), bob.until({ nick: "rpc-2" })]);
    // An answer to an answer would stand between the answers and these.
    await first.gateway.rooms.say(SHARED, "first is done");
    await second.gateway.rooms.say(SHARED, "second is done");
    await bob.until({ said: "second is done" });
    return bob.past
      .slice(before)
      .filter(({ nick, said }) => nick !== "carol" && typeof said === "string" && !said.endsWith("is done"))
      .map(({ nick, said }) => ({ nick, said }))
      .sort((one, other) => String(one.nick).localeCompare(String(other.nick)));
  };

  it("go by different nicks, and hear each other", async () => {
    expect(first.gateway.rooms.list()).toContainEqual(expect.objectContaining({ jid: SHARED, nick: "rpc" }));
    expect(second.gateway.rooms.list()).toContainEqual(expect.objectContaining({ jid: SHARED, nick: "rpc-2" }));
    expect(second.log.events).toContainEqual(
      expect.objectContaining({ event: "room.nick-in-use", fields: expect.objectContaining({ next: "rpc-2" }) }),
    );
    await first.gateway.rooms.say(SHARED, "from the first");
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: "from the first" });
    await second.gateway.rooms.notify(SHARED, "from the second");
    expect(await bob.until({ nick: "rpc-2" })).toMatchObject({ said: "from the second" });
    // What each has said is reflected to it after who is there.
    for (const { gateway } of [first, second])
      expect(gateway.rooms.occupants(SHARED).map(({ nick, realJid }) => [nick, realJid])).toEqual(
        expect.arrayContaining([
          ["rpc", "first@localhost/gateway"],
          ["rpc-2", "second@localhost/gateway"],
        ]),
      );
  });

  it.each([
    ["a command", "!examples.getStateName 6", /^carol: "Colorado"$/],
    ["a wrong command", "!examples.getStateName six", /^carol: .*int expected/],
    ["an unknown method", "!no.such", /^carol: .*no\.such/],
    ["a question for help", "!help", /^carol: .*examples\.getStateName/s],
  ])("each answer %s once, and not each other's answers", async (_what, command, answer) => {
    expect(await answersTo(command)).toEqual([
      { nick: "rpc", said: expect.stringMatching(answer) },
      { nick: "rpc-2", said: expect.stringMatching(answer) },
    ]);
  });

  it("call each other as anybody in the room may, and it ends there", async () => {
    const before = bob.past.length;
    await first.gateway.rooms.say(SHARED, "!examples.getStateName 7");
    expect(await bob.until({ nick: "rpc-2" })).toMatchObject({ said: 'rpc: "Connecticut"' });
    await first.gateway.rooms.say(SHARED, "the end");
    await second.gateway.rooms.say(SHARED, "the end");
    await bob.until({ nick: "rpc-2", said: "the end" });
    expect(bob.past.slice(before).map(({ said }) => said)).toEqual([
      "!examples.getStateName 7",
      'rpc: "Connecticut"',
      "the end",
      "the end",
    ]);
  });

  it("are addressed one by one by prefixes of their own", async () => {
    const before = dave.past.length;
    dave.act({ say: "?examples.getStateName 6" });
    await dave.until({ nick: "second" });
    for (const { gateway } of [first, second]) await gateway.rooms.say(DIVIDED, "the end");
    await dave.until({ nick: "second", said: "the end" });
    expect(dave.past.slice(before).flatMap(({ nick, said }) => (said === undefined ? [] : [[nick, said]]))).toEqual([
      ["second", 'dave: "Colorado"'],
      ["first", "the end"],
      ["second", "the end"],
    ]);
  });

  it("are kicked one by one: the other stays, and the one comes back", async () => {
    const [ofFirst, ofSecond] = [first.log.events.length, second.log.events.length];
    bob.act({ kick: "rpc-2" });
    await second.log.until("room.kicked", { room: SHARED }, ofSecond);
    await second.log.until("room.live", { room: SHARED }, ofSecond);
    await second.gateway.rooms.say(SHARED, "here again");
    expect(await bob.until({ nick: "rpc-2" })).toMatchObject({ said: "here again" });
    expect(first.log.events.slice(ofFirst).filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("are both back when the server is back", async () => {
    const before = [first, second].map(({ log }) => log.events.length);
    await server.restart();
    for (const [index, { log }] of [first, second].entries())
      await log.until("room.live", { room: SHARED }, before[index]);
    await first.gateway.rooms.say(SHARED, "back");
    await second.gateway.rooms.say(SHARED, "back too");
    const nicks = first.gateway.rooms.occupants(SHARED).map(({ nick }) => nick);
    expect(nicks).toEqual(expect.arrayContaining(["rpc", "rpc-2"]));
  });
});

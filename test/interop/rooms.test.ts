// Rooms of Prosody and ejabberd, with slixmpp's xep_0045 as the other people (XEP-0045; issue 7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Examples } from "../../src/handlers/index.js";
import { createComponentLink, createGateway, type Gateway, type GatewayOptions, RoomError } from "../../src/index.js";
import { cliUser } from "../support/cli.js";
import { startEjabberd } from "../support/ejabberd.js";
import { createEventLog, type EventLog } from "../support/event-log.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type RoomPerson, startRoomPerson } from "../support/slixmpp-room.js";

const SERVICE = "conference.localhost";
const TEAM = `team@${SERVICE}`;
const USERS = { responder: "gateway's", bob: "bob's", carol: "carol's" };
const COMPONENT = { jid: "rpc.localhost", secret: "s3cret" };

type Server = Pick<Prosody, "port" | "componentPort" | "restart" | "stop">;

const startProsodyWithRooms = (): Promise<Server> =>
  startProsody({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    hostConfig: `Component "${SERVICE}" "muc"\n  modules_enabled = { "muc_mam" }`,
    extraConfig: `storage = "internal"`,
  });
const startEjabberdWithRooms = (): Promise<Server> =>
  startEjabberd({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    moreModules: { mod_muc: { host: SERVICE, default_room_options: { allow_private_messages: true } } },
  });

const asClient = ({ port }: Server): GatewayOptions["link"] => ({
  service: `xmpp://127.0.0.1:${port}`,
  jid: "responder@localhost/gateway",
  password: USERS.responder,
});
const asComponent = ({ componentPort }: Server): GatewayOptions["link"] =>
  createComponentLink({ service: `xmpp://127.0.0.1:${componentPort}`, jid: COMPONENT.jid, password: COMPONENT.secret });

describe.each([
  ["a client of Prosody", startProsodyWithRooms, asClient],
  ["a component of Prosody", startProsodyWithRooms, asComponent],
  ["a client of ejabberd", startEjabberdWithRooms, asClient],
  ["a component of ejabberd", startEjabberdWithRooms, asComponent],
] as const)("a gateway in rooms as %s", (_name, startServer, linkTo) => {
  let server: Server;
  let gateway: Gateway;
  let log: EventLog;
  const people: RoomPerson[] = [];

  const person = async (name: "bob" | "carol", room: string, nick: string = name): Promise<RoomPerson> => {
    const started = await startRoomPerson(server.port, { name, password: USERS[name] }, room, nick);
    people.push(started);
    return started;
  };
  /** Somebody in a room that he has made; the room's owner. */
  const owner = async (room: string, nick?: string): Promise<RoomPerson> => {
    const started = await person("bob", room, nick);
    started.act({ join: {} });
    await started.until({ came: nick ?? "bob" });
    started.act({ configure: {} });
    await started.until({ did: "configure" });
    return started;
  };
  const status = (room: string) => gateway.rooms.list().find(({ jid }) => jid === room)?.status;

  beforeAll(async () => {
    server = await startServer();
    log = createEventLog();
    gateway = createGateway({
      link: linkTo(server),
      services: [Examples],
      access: [{ allow: "*@localhost" }],
      rooms: [{ jid: TEAM, nick: "rpc", trustRealJids: true }],
      limits: { roomKickedMs: 200, roomRetryMs: 2_000 },
      log,
    });
    await gateway.start();
    await log.until("room.live", { room: TEAM });
  });
  afterAll(async () => {
    for (const one of people) await one.stop();
    await gateway.stop();
    await server.stop();
  });

  it("creates its room and lets people in, says things, and knows who is there", async () => {
    expect(log.events).toContainEqual(expect.objectContaining({ event: "room.created" }));
    const bob = await person("bob", TEAM);
    bob.act({ join: {} });
    await bob.until({ came: "bob" });
    const said = await gateway.rooms.say(TEAM, "deployed <1.2> & done");
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: "deployed <1.2> & done", delayed: false });
    expect(said.id).toMatch(/./);
    expect(gateway.rooms.occupants(TEAM).map(({ nick }) => nick)).toEqual(expect.arrayContaining(["bob", "rpc"]));
    await gateway.rooms.notify(TEAM, "one", "two");
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: "one" });
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: "two" });
    await gateway.rooms.whisper(TEAM, "bob", "between us");
    expect(await bob.until({ chat: "between us" })).toMatchObject({ from: `${TEAM}/rpc` });
    await expect(gateway.rooms.whisper(TEAM, "nobody", "x")).rejects.toMatchObject({ code: "no-such-occupant" });

    bob.act({ say: "!examples.getStateName 6" });
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: 'bob: "Colorado"' });
    bob.act({ say: "!examples.getStateName six" });
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: expect.stringContaining("int expected") });

    // In private he is an occupant, whom no rule with a wildcard lets.
    bob.act({ whisper: "!examples.getStateName 6", nick: "rpc" });
    expect(await bob.until({ from: `${TEAM}/rpc` })).toMatchObject({ chat: expect.stringContaining("refused") });
    bob.act({ chat: "!examples.getStateName 7", to: gateway.jid?.full ?? "" });
    expect(await bob.until({ chat: '"Connecticut"' })).toBeDefined();

    const carol = await person("carol", TEAM);
    await gateway.rooms.invite(TEAM, "carol@localhost", { reason: "come" });
    expect(await carol.until({ invited: TEAM })).not.toHaveProperty("direct");
    await gateway.rooms.invite(TEAM, carol.jid, { direct: true });
    expect(await carol.until({ invited: TEAM })).toMatchObject({ direct: true });
    await carol.stop();
    await bob.stop();
  });

  it("refuses commands where the room is not trusted, and says so once", async () => {
    const room = `open@${SERVICE}`;
    const bob = await owner(room);
    await gateway.rooms.join(room);
    bob.act({ say: "!examples.getStateName 6" });
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: expect.stringContaining("commands are not run") });
    bob.act({ say: "!examples.getStateName 6" });
    await log.until("room.command-refused", { room }, log.events.length - 1);
    await gateway.rooms.say(room, "nothing but this");
    expect(await bob.until({ nick: "rpc" })).toMatchObject({ said: "nothing but this" });
    await bob.stop();
  });

  it("takes another nick, and leaves", async () => {
    const room = `nicks@${SERVICE}`;
    const bob = await owner(room, "rpc");
    expect(await gateway.rooms.join(room)).toMatchObject({ status: "live", nick: "rpc-2" });
    await bob.until({ came: "rpc-2" });
    await gateway.rooms.leave(room);
    await bob.until({ went: "rpc-2" });
    expect(status(room)).toBeUndefined();
    await bob.stop();
  });

  it("comes back after a kick, stays away after a ban", async () => {
    const room = `strict@${SERVICE}`;
    const bob = await owner(room);
    await gateway.rooms.join(room);
    const before = log.events.length;
    bob.act({ kick: "rpc" });
    expect((await log.until("room.kicked", { room }, before)).fields).toMatchObject({ kicks: 1, againInMs: 200 });
    await expect(gateway.rooms.say(room, "x")).rejects.toThrow(/not in the room/);
    await log.until("room.live", { room }, before);
    bob.act({ ban: gateway.jid?.bare });
    await log.until("room.banned", { room });
    expect(status(room)).toBe("banned");
    await expect(gateway.rooms.say(room, "x")).rejects.toMatchObject({ code: "banned" });
    await gateway.rooms.leave(room);
    await expect(gateway.rooms.join(room)).rejects.toSatisfy((error) => RoomError.is(error) && error.code === "banned");
    await gateway.rooms.leave(room);
    await bob.stop();
  });

  it("needs the password of a room", async () => {
    const room = `secret@${SERVICE}`;
    const bob = await owner(room);
    bob.act({
      configure: { "muc#roomconfig_passwordprotectedroom": true, "muc#roomconfig_roomsecret": "open sesame" },
    });
    await bob.until({ did: "configure" });
    await expect(gateway.rooms.join(room)).rejects.toMatchObject({ code: "password" });
    await gateway.rooms.leave(room);
    expect(await gateway.rooms.join({ jid: room, password: "open sesame" })).toMatchObject({ status: "live" });
    await gateway.rooms.leave(room);
    await bob.stop();
  });

  // Once at each server: what the gateway is makes no difference to it.
  if (linkTo === asClient)
    it("is spoken in by jabber-rpc say", async () => {
      const room = `cli@${SERVICE}`;
      const bob = await owner(room);
      const carol = cliUser(server, "carol@localhost", USERS.carol);
      const said = await carol.run(["say", room, "from the shell", "--nick", "shell"]);
      expect(said).toMatchObject({ exitCode: 0, stderr: "" });
      expect(said.stdout).toMatch(/^said in cli@conference.localhost as shell, to 1 other \(id \S+\)\n$/);
      expect(await bob.until({ nick: "shell" })).toMatchObject({ said: "from the shell" });
      expect(await carol.run(["say", room, "between us", "--to", "bob"])).toEqual({
        exitCode: 0,
        stdout: `said in ${room} as carol, to bob alone\n`,
        stderr: "",
      });
      expect(await bob.until({ chat: "between us" })).toMatchObject({ from: `${room}/carol` });
      expect(await carol.run(["say", room, "x", "--to", "dave"])).toMatchObject({ exitCode: 3, stdout: "" });
      const nowhere = await carol.run(["say", "nonsense", "x"]);
      expect(nowhere).toMatchObject({ exitCode: 1, stderr: '"nonsense": room@service expected\n' });
      await bob.stop();
    });

  it("is back in its rooms when the server is back", async () => {
    const before = log.events.length;
    await server.restart();
    await log.until("link.offline", {}, before);
    await log.until("room.live", { room: TEAM }, before);
    expect((await gateway.rooms.say(TEAM, "back")).id).toMatch(/./);
    const [message] = await gateway.rooms.notify(TEAM, "again");
    expect(message?.id).toMatch(/./);
  });
});

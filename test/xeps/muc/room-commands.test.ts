// Commands in rooms: who may give them, what is none, and what hostile services get (XEP-0045 §7.4, §13.3; issue 7).
import { afterEach, describe, expect, it } from "vitest";
import { Examples } from "../../../src/handlers/index.js";
import { CallContext, defineMethod, type GatewayOptions, string } from "../../../src/index.js";
import { findChild } from "../../../src/xml/index.js";
import { bodyOf, type FakeRooms, GATEWAY, ROOM, SERVICE, startFakeRooms } from "../../support/fake-rooms.js";
import { startRawPeer } from "../../support/raw-peer.js";

const ANSWER = "https://www.npmjs.com/package/jabber-rpc#chat-answer";
const ADMIN = "admin@example.org";
const who = defineMethod(
  "whoami",
  { params: [], returns: string },
  (call: CallContext) => `${call.requester.jid.full} ${call.via}`,
);

let rooms: FakeRooms;
const start = async (trustRealJids: boolean, options: Omit<GatewayOptions, "link"> = {}): Promise<FakeRooms> => {
  rooms = await startFakeRooms({
    rooms: [{ jid: ROOM, trustRealJids }],
    services: [Examples],
    methods: [who],
    access: [{ allow: ADMIN, admin: true }, { allow: `*@${SERVICE}` }],
    ...options,
  });
  await rooms.letIn();
  rooms.shows("boss", { realJid: `${ADMIN}/desk` });
  rooms.shows("eve", { realJid: "eve@example.org/x" });
  rooms.shows("ghost");
  return rooms;
};
afterEach(() => rooms.stop());

describe("commands in a room", () => {
  it("of a service that claims an administrator's address get nothing, and that is said once to each", async () => {
    await start(false);
    rooms.says("boss", "!whoami");
    const answer = await rooms.next();
    expect(answer.attrs).toMatchObject({ type: "groupchat", to: ROOM });
    expect(bodyOf(answer)).toBe(
      "boss: commands are not run in this room, since anybody can take a nick. Write to me in a chat of your own account.",
    );
    expect(findChild(answer, "answer", ANSWER)).toBeDefined();
    rooms.says("boss", "!examples.hello");
    rooms.says("boss", "!help");
    expect(await rooms.untilPing()).toEqual([]);
    rooms.says("eve", "!whoami");
    expect(bodyOf(await rooms.next())).toMatch(/^eve: commands are not run/);
    expect(rooms.log.events.filter(({ event }) => event === "call.done")).toEqual([]);
  });

  it("run for the real addresses that a trusted service states, under the access list", async () => {
    await start(true);
    rooms.says("boss", "!whoami");
    expect(bodyOf(await rooms.next())).toBe(`boss: "${ADMIN} room"`);
    rooms.says("eve", "!whoami");
    expect(bodyOf(await rooms.next())).toMatch(/^eve: refused \(-32001\): eve@example.org may not call/);
    rooms.says("ghost", "!whoami");
    expect(bodyOf(await rooms.next())).toBe(
      "ghost: commands are not run for you, since the room does not tell me your address.",
    );
    rooms.says("boss", "!help examples.getStateName");
    expect(bodyOf(await rooms.next())).toBe(
      "boss: Usage: !examples.getStateName index:int\nName of the index-th US state, 1 to 50.",
    );
  });

  it.each([
    ["that is delayed", "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>"],
    ["that is forwarded", "<forwarded xmlns='urn:xmpp:forward:0'/>"],
  ])("of a message %s are ignored with a line in the log", async (_name, extra) => {
    await start(true);
    rooms.says("boss", "!whoami", extra);
    const ignored = await rooms.log.until("room.command-ignored", { room: ROOM, nick: "boss" });
    expect(ignored.fields["problem"]).toBe("delayed, forwarded or copied");
  });

  it.each([
    ["out of the past", "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>"],
    [
      "with a delay that the writer has forged",
      "<delay xmlns='urn:xmpp:delay' from='boss@x' stamp='2099-01-01T00:00:00Z'/>",
    ],
    ["with a subject", "<subject>s</subject>"],
    ["that is quoted", "<forwarded xmlns='urn:xmpp:forward:0'/>"],
    ["that is another gateway's answer", `<answer xmlns='${ANSWER}'/>`],
  ])("are not heard in a message %s", async (_name, extra) => {
    await start(true);
    rooms.says("boss", "!whoami", extra);
    expect(await rooms.untilPing()).toEqual([]);
  });

  it("are not heard from ourselves, from the room, from nobody, or before the subject", async () => {
    await start(true);
    rooms.says("rpc", "!whoami");
    rooms.says("stranger", "!whoami");
    rooms.send(`<message type='groupchat' from='${ROOM}' to='${GATEWAY}'><body>!whoami</body></message>`);
    expect(await rooms.untilPing()).toEqual([]);
    expect(rooms.log.events).toContainEqual(
      expect.objectContaining({ event: "room.unknown-occupant", fields: { room: ROOM, nick: "stranger" } }),
    );
    const other = `old@${SERVICE}`;
    rooms.gateway.rooms.join({ jid: other, trustRealJids: true }).catch(() => undefined);
    await rooms.next();
    rooms.shows("boss", { room: other, realJid: ADMIN });
    rooms.shows("rpc", { room: other, codes: [110] });
    rooms.send(`<message type='groupchat' from='${other}/boss' to='${GATEWAY}'><body>!whoami</body></message>`);
    expect(await rooms.untilPing()).toEqual([]);
  });

  it("end when somebody gives too many, as two programs would", async () => {
    await start(true, { limits: { chatCommandsPerMinute: 3 } });
    for (let count = 0; count < 5; count += 1) rooms.says("boss", "!whoami");
    expect((await rooms.untilPing()).map(bodyOf)).toHaveLength(3);
    expect(rooms.log.events.filter(({ event }) => event === "room.too-many-commands")).toHaveLength(1);
  });

  it("that an occupant whispers are his address's in the room, which no wildcard speaks of", async () => {
    await start(true, {
      access: [{ allow: `*@${SERVICE}` }, { allow: `${ROOM}/eve`, methods: "whoami" }, { anyone: true }],
    });
    const whisper = (nick: string): void =>
      rooms.send(
        `<message type='chat' from='${ROOM}/${nick}' to='${GATEWAY}'><body>!whoami</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>`,
      );
    whisper("boss");
    const refused = await rooms.next();
    expect(refused.attrs).toMatchObject({ type: "chat", to: `${ROOM}/boss` });
    expect(bodyOf(refused)).toMatch(/^refused/);
    whisper("eve");
    expect(bodyOf(await rooms.next())).toBe(`"${ROOM}/eve chat"`);
  });
});

describe("invitations", () => {
  const direct = (room: string): string =>
    `<message to='${GATEWAY}'><x xmlns='jabber:x:conference' jid='${room}' password='p'/></message>`;

  it("of strangers, and whatever a room says of who invites, are ignored", async () => {
    await start(false);
    const stranger = await startRawPeer(rooms.network.link("eve@example.org/x"));
    stranger.send(direct(`trap@${SERVICE}`));
    await rooms.log.until("room.invitation-ignored", { room: `trap@${SERVICE}`, inviter: "eve@example.org/x" });
    rooms.send(
      `<message from='trap@${SERVICE}' to='${GATEWAY}'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='${ADMIN}/desk'/></x></message>`,
    );
    await rooms.log.until("room.invitation-ignored", { inviter: `${ADMIN}/desk`, direct: false });
    expect(rooms.gateway.rooms.list()).toHaveLength(1);
    await stranger.stop();
  });

  it("of an administrator himself are followed, without trust", async () => {
    await start(false);
    const admin = await startRawPeer(rooms.network.link(`${ADMIN}/desk`));
    admin.send(direct(`new@${SERVICE}`));
    expect((await rooms.letIn()).attrs["to"]).toBe(`new@${SERVICE}/rpc`);
    await admin.stop();
  });

  it("into a room that we were kicked out of bring us back, unless a stranger sends them", async () => {
    await start(false);
    rooms.shows("rpc", { type: "unavailable", codes: [110, 307] });
    await rooms.log.until("room.kicked");
    const stranger = await startRawPeer(rooms.network.link("eve@example.org/x"));
    stranger.send(direct(ROOM));
    await rooms.log.until("room.invitation-ignored", { room: ROOM });
    rooms.send(
      `<message from='${ROOM}' to='${GATEWAY}'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='boss@x'/></x></message>`,
    );
    expect((await rooms.next()).attrs["to"]).toBe(`${ROOM}/rpc`);
    await stranger.stop();
  });
});

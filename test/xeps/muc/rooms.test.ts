// Rooms as a service sees a gateway: entering, speaking, refusals, and services that say what is not so (XEP-0045 §7).
import { afterEach, describe, expect, it } from "vitest";
import type { GatewayOptions } from "../../../src/index.js";
import { escapeText, findChild, textOf, type XmlElement } from "../../../src/xml/index.js";
import { bodyOf, type FakeRooms, GATEWAY, ROOM, SERVICE, startFakeRooms } from "../../support/fake-rooms.js";

const MUC = "http://jabber.org/protocol/muc";

let rooms: FakeRooms;
const start = async (options: Omit<GatewayOptions, "link"> = {}): Promise<FakeRooms> => {
  rooms = await startFakeRooms(options);
  return rooms;
};
afterEach(() => rooms.stop());

/** Reflects a message as the room does. */
const reflect = (said: XmlElement, { id = said.attrs["id"], extra = "", nick = "rpc" } = {}): void => {
  const origin = findChild(said, "origin-id", "urn:xmpp:sid:0")?.attrs["id"] ?? "";
  rooms.send(
    `<message type='groupchat' from='${ROOM}/${nick}' to='${GATEWAY}' id='${id}'><body>${escapeText(bodyOf(said))}</body>` +
      `<origin-id xmlns='urn:xmpp:sid:0' id='${origin}'/>${extra}</message>`,
  );
};
const refuse = (said: XmlElement, condition: string, type = "auth"): void =>
  rooms.send(
    `<message type='error' from='${ROOM}' to='${GATEWAY}' id='${said.attrs["id"]}'><error type='${type}'>` +
      `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
  );
const refuseJoin = (condition: string, nick = "rpc"): void =>
  rooms.send(
    `<presence type='error' from='${ROOM}/${nick}' to='${GATEWAY}'><error type='cancel'>` +
      `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
  );

describe("entering a room", () => {
  it("asks for no past, says its own address, and shows what it can", async () => {
    await start();
    const join = await rooms.letIn();
    expect(join.attrs).toMatchObject({ from: GATEWAY, to: `${ROOM}/rpc` });
    expect(join.attrs["type"]).toBeUndefined();
    const x = findChild(join, "x", MUC);
    expect(x && findChild(x, "history")?.attrs).toMatchObject({ maxchars: "0" });
    expect(findChild(join, "c", "http://jabber.org/protocol/caps")?.attrs["ver"]).toMatch(/=$/);
    expect(rooms.gateway.rooms.list()).toEqual([{ jid: ROOM, nick: "rpc", status: "live", occupants: 1 }]);
  });

  it("sends the password, asks for as much past as is wanted", async () => {
    await start({ rooms: [{ jid: ROOM, nick: "bot", password: "a<b", maxHistory: 5 }] });
    const join = await rooms.letIn();
    const x = findChild(join, "x", MUC) ?? join;
    expect(textOf(findChild(x, "password") ?? x)).toBe("a<b");
    expect(findChild(x, "history")?.attrs).toMatchObject({ maxstanzas: "5" });
    expect(join.attrs["to"]).toBe(`${ROOM}/bot`);
  });

  it("opens a room that was created", async () => {
    await start();
    await rooms.letIn({ codes: [110, 201] });
    const unlock = await rooms.next();
    expect(unlock.attrs).toMatchObject({ type: "set", to: ROOM });
    const query = findChild(unlock, "query", `${MUC}#owner`);
    expect(query && findChild(query, "x", "jabber:x:data")?.attrs["type"]).toBe("submit");
  });

  it("takes another nick where its own is in use", async () => {
    await start();
    await rooms.next();
    refuseJoin("conflict");
    await rooms.letIn();
    expect(rooms.gateway.rooms.list()).toMatchObject([{ nick: "rpc-2", status: "live" }]);
  });

  it("takes a nick that the service gives with code 210, and no other", async () => {
    await start();
    await rooms.letIn({ nick: "rpc (bot)", codes: [110, 210] });
    expect(rooms.gateway.rooms.list()).toMatchObject([{ nick: "rpc (bot)" }]);
    await rooms.stop();
    await start();
    await rooms.next();
    rooms.shows("somebody", { codes: [110] });
    const problem = 'the service let us in as "somebody", which nobody asked for';
    await rooms.log.until("room.refused", { room: ROOM, text: problem });
    expect((await rooms.next()).attrs).toMatchObject({ type: "unavailable", to: `${ROOM}/somebody` });
  });

  it.each([
    ["not-authorized", "refused", "password"],
    ["registration-required", "refused", "members-only"],
    ["not-allowed", "refused", "not-allowed"],
    ["forbidden", "banned", "banned"],
    ["item-not-found", "waiting", "refused"],
  ])("that is refused with %s is %s", async (condition, status, code) => {
    await start({ rooms: [] });
    const joined = rooms.gateway.rooms.join(ROOM);
    await rooms.next();
    refuseJoin(condition);
    await expect(joined).rejects.toMatchObject({ name: "RoomError", code });
    expect(rooms.gateway.rooms.list()).toMatchObject([{ jid: ROOM, status }]);
    await expect(rooms.gateway.rooms.say(ROOM, "x")).rejects.toMatchObject({ code });
  });

  it("is left when the gateway stops, and when it is told to", async () => {
    await start();
    await rooms.letIn();
    await rooms.gateway.rooms.leave(ROOM);
    expect((await rooms.next()).attrs).toMatchObject({ type: "unavailable", to: `${ROOM}/rpc`, from: GATEWAY });
    expect(rooms.gateway.rooms.list()).toEqual([]);
    void rooms.gateway.rooms.join(`other@${SERVICE}`);
    await rooms.letIn();
    await rooms.gateway.stop();
    expect((await rooms.next()).attrs).toMatchObject({ type: "unavailable", to: `other@${SERVICE}/rpc` });
  });

  it("holds the limit of rooms", async () => {
    await start({ limits: { rooms: 2 } });
    void rooms.gateway.rooms.join(`b@${SERVICE}`).catch(() => undefined);
    await expect(rooms.gateway.rooms.join(`c@${SERVICE}`)).rejects.toMatchObject({ code: "queue-full" });
  });

  it.each([
    [{ jid: "nobody" }, /room@service expected/],
    [{ jid: `${ROOM}/nick` }, /room@service expected/],
    [{ jid: ROOM, nick: "" }, /cannot be a nick/],
    [{ jid: ROOM, commandPrefix: "go " }, /commandPrefix/],
    [{ jid: ROOM, maxHistory: -1 }, /maxHistory/],
  ])("refuses %j at once", async (room, problem) => {
    await start({ rooms: [] });
    await expect(startFakeRooms({ rooms: [room] })).rejects.toThrow(problem);
  });
});

describe("a room service", () => {
  it("has nobody but those it shows, up to the limit", async () => {
    await start({ limits: { roomOccupants: 2 } });
    await rooms.letIn();
    rooms.shows("bob", { realJid: "bob@example.org/desk" });
    rooms.shows("carol");
    await rooms.log.until("room.crowded", { room: ROOM, roomOccupants: 2 });
    expect(rooms.gateway.rooms.occupants(ROOM)).toEqual([
      { nick: "rpc", role: "participant", affiliation: "member" },
      { nick: "bob", role: "participant", affiliation: "member", realJid: "bob@example.org/desk" },
    ]);
    rooms.shows("bob", { type: "unavailable" });
    await rooms.untilPing();
    expect(rooms.gateway.rooms.occupants(ROOM)).toHaveLength(1);
  });

  it.each([
    [[110, 307], "kicked", "kicked"],
    [[110, 301], "banned", "banned"],
    [[110, 321], "refused", "refused"],
    [[110, 307, 333], "lost", "waiting"],
    [[110, 332], "lost", "waiting"],
    [[110], "lost", "waiting"],
  ])("that removes us with %j leaves us %s", async (codes, event, status) => {
    await start();
    await rooms.letIn();
    const said = rooms.gateway.rooms.say(ROOM, "x");
    rooms.shows("rpc", { type: "unavailable", codes });
    await rooms.log.until(`room.${event}`, { room: ROOM });
    expect(rooms.gateway.rooms.list()).toMatchObject([{ status, occupants: 0 }]);
    await expect(said).rejects.toThrow(/whether the call ran is unknown|not in the room/);
  });

  it("that destroys the room is not asked again", async () => {
    await start();
    await rooms.letIn();
    rooms.send(
      `<presence type='unavailable' from='${ROOM}/rpc' to='${GATEWAY}'><x xmlns='${MUC}#user'><item affiliation='none' role='none'/>` +
        `<destroy jid='new@${SERVICE}'><reason>moved</reason></destroy></x></presence>`,
    );
    const problem = `the room was destroyed (reason: moved); it says to go to new@${SERVICE}`;
    await rooms.log.until("room.destroyed", { problem });
    expect(rooms.gateway.rooms.list()).toMatchObject([{ status: "destroyed", problem }]);
  });

  it("that renames us is followed, and one that speaks of rooms that we are not in is not heard", async () => {
    await start();
    await rooms.letIn();
    rooms.shows("rpc", { type: "unavailable", codes: [110, 303], item: " nick='robot'" });
    await rooms.log.until("room.other-nick", { nick: "robot" });
    rooms.shows("mallory", { codes: [110] });
    await rooms.log.until("room.foreign-nick", { nick: "robot", claimed: "mallory" });
    rooms.send(
      `<message type='groupchat' from='forged@${SERVICE}/bob' to='${GATEWAY}'><body>!examples.hello</body></message>`,
    );
    await rooms.log.until("room.unknown", { room: `forged@${SERVICE}` });
    expect(await rooms.untilPing()).toEqual([]);
  });
});

describe("saying", () => {
  it("is done when the room has reflected it, by whichever id", async () => {
    await start();
    await rooms.letIn();
    const first = rooms.gateway.rooms.say(ROOM, "a & b");
    const said = await rooms.next();
    expect(said.attrs).toMatchObject({ type: "groupchat", to: ROOM, from: GATEWAY });
    expect(bodyOf(said)).toBe("a & b");
    // Somebody else's word for it is none.
    reflect(said, { nick: "mallory" });
    reflect(said, { extra: `<stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='77'/>` });
    expect(await first).toEqual({ id: said.attrs["id"], stanzaId: "77" });
    const second = rooms.gateway.rooms.say(ROOM, "b");
    reflect(await rooms.next(), { id: "another" });
    expect(await second).not.toHaveProperty("stanzaId");
    // A service that was slow may say so.
    const third = rooms.gateway.rooms.say(ROOM, "c");
    reflect(await rooms.next(), { extra: "<delay xmlns='urn:xmpp:delay' stamp='2026-11-28T10:00:00Z'/>" });
    expect(await third).toHaveProperty("id");
  });

  it.each([
    ["forbidden", "no-voice"],
    ["not-acceptable", "not-in-room"],
    ["policy-violation", "overloaded"],
    ["bad-request", "refused"],
  ])("that is refused with %s rejects with %s", async (condition, code) => {
    await start();
    await rooms.letIn();
    const said = rooms.gateway.rooms.say(ROOM, "x");
    refuse(await rooms.next(), condition);
    await expect(said).rejects.toMatchObject({ name: "RoomError", code, cause: { condition } });
  });

  it("that finds us outside enters again", async () => {
    await start();
    await rooms.letIn();
    rooms.gateway.rooms.say(ROOM, "x").catch(() => undefined);
    refuse(await rooms.next(), "not-acceptable", "modify");
    await rooms.log.until("room.lost", { code: "not-in-room" });
    expect(rooms.gateway.rooms.list()).toMatchObject([{ status: "waiting" }]);
  });

  it("holds the limits of length and of what waits", async () => {
    await start({ limits: { roomTextChars: 5, roomQueue: 2 } });
    await rooms.letIn();
    await expect(rooms.gateway.rooms.say(ROOM, "123456")).rejects.toMatchObject({ code: "too-long" });
    const two = [rooms.gateway.rooms.say(ROOM, "12345"), rooms.gateway.rooms.say(ROOM, "b")];
    await expect(rooms.gateway.rooms.say(ROOM, "c")).rejects.toMatchObject({ code: "queue-full" });
    for (const _ of two) reflect(await rooms.next());
    await Promise.all(two);
    await expect(rooms.gateway.rooms.say(ROOM, " ")).rejects.toMatchObject({ code: "not-allowed" });
    await expect(rooms.gateway.rooms.say(ROOM, "\u0000")).rejects.toMatchObject({ code: "not-allowed" });
    await expect(rooms.gateway.rooms.say("a@b", "x")).rejects.toMatchObject({ code: "unknown-room" });
  });

  it("as a notification waits for the room", async () => {
    await start();
    const told = rooms.gateway.rooms.notify(ROOM, "one", "two");
    await expect(rooms.gateway.rooms.say(ROOM, "now")).rejects.toMatchObject({ code: "not-in-room" });
    await rooms.letIn();
    for (const text of ["one", "two"]) {
      const said = await rooms.next();
      expect(bodyOf(said)).toBe(text);
      reflect(said);
    }
    expect(await told).toHaveLength(2);
  });

  it("as a notification does not wait for ever, and neither does joining", async () => {
    await start({ limits: { roomNotifyMs: 20, roomJoinMs: 10 } });
    await expect(rooms.gateway.rooms.notify(ROOM, "one")).rejects.toMatchObject({ code: "timeout" });
    await expect(rooms.gateway.rooms.join(`b@${SERVICE}`)).rejects.toMatchObject({ code: "timeout" });
  });

  it("in private goes to one, and invitations in two ways", async () => {
    await start();
    await rooms.letIn();
    rooms.shows("bob");
    await rooms.untilPing();
    await rooms.gateway.rooms.whisper(ROOM, "bob", "psst");
    const note = await rooms.next();
    expect(note.attrs).toMatchObject({ type: "chat", to: `${ROOM}/bob`, from: GATEWAY });
    expect(findChild(note, "x", `${MUC}#user`)).toBeDefined();
    await expect(rooms.gateway.rooms.whisper(ROOM, "eve", "psst")).rejects.toMatchObject({ code: "no-such-occupant" });
    await rooms.gateway.rooms.invite(ROOM, "carol@example.org", { reason: "come" });
    const invitation = await rooms.next();
    expect(invitation.attrs["to"]).toBe(ROOM);
    const x = findChild(invitation, "x", `${MUC}#user`) ?? invitation;
    expect(findChild(x, "invite")?.attrs["to"]).toBe("carol@example.org");
  });
});

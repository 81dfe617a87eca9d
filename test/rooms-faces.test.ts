// Rooms from the other sides: as methods, injected, as rows of the outbox, and in a settings file (issue 7).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../src/config/index.js";
import { decideAccess, reviewSettings } from "../src/gateway-settings.js";
import { RoomsService } from "../src/handlers/index.js";
import { createGateway, createRequester, parseJid, Rooms, rpcMethod, rpcService, string } from "../src/index.js";
import { readRoomsSettings } from "../src/parts/index.js";
import type { XmlElement } from "../src/xml/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../src/xmpp/index.js";
import { bodyOf, type FakeRooms, GATEWAY, ROOM, SERVICE, startFakeRooms } from "./support/fake-rooms.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-rooms-"));
  writeFileSync(join(folder, "secret"), "sesame\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

let rooms: FakeRooms | undefined;
afterEach(async () => {
  await rooms?.stop();
  rooms = undefined;
});
const reflect = (service: FakeRooms, said: XmlElement): void =>
  service.send(
    `<message type='groupchat' from='${ROOM}/rpc' to='${GATEWAY}' id='${said.attrs["id"]}'><body>${bodyOf(said)}</body></message>`,
  );

describe("the service rooms", () => {
  it("lists, says, notifies, whispers and invites, and tells what is refused as faults", async () => {
    const service = await startFakeRooms({ services: [RoomsService], access: [{ allow: "site@example.net/web" }] });
    rooms = service;
    const site = createRequester({ link: service.network.link("site@example.net/web") });
    await site.start();
    const call = (method: string, ...params: unknown[]) => site.call(GATEWAY, `rooms.${method}`, params);
    await expect(call("say", ROOM, "x")).rejects.toMatchObject({ code: 2 });
    await service.letIn();
    expect(await call("list")).toEqual([{ jid: ROOM, nick: "rpc", status: "live", occupants: 1 }]);
    service.shows("bob");
    await service.untilPing();
    expect(await call("occupants", ROOM)).toMatchObject([{ nick: "rpc" }, { nick: "bob", role: "participant" }]);
    const said = call("say", ROOM, "hello");
    const stanza = await service.next();
    reflect(service, stanza);
    expect(await said).toEqual({ id: stanza.attrs["id"] });
    const told = call("notify", ROOM, ["one"]);
    reflect(service, await service.next());
    expect(await told).toHaveLength(1);
    await call("whisper", ROOM, "bob", "psst");
    expect((await service.next()).attrs["to"]).toBe(`${ROOM}/bob`);
    await call("invite", ROOM, "carol@example.org", { reason: "come" });
    expect((await service.next()).attrs["to"]).toBe(ROOM);
    await expect(call("occupants", `no@${SERVICE}`)).rejects.toMatchObject({ code: 1 });
    await expect(call("whisper", ROOM, "eve", "x")).rejects.toMatchObject({ code: 4 });
    await expect(call("invite", ROOM, "@", {})).rejects.toMatchObject({ code: 1 });
    await site.stop();
  });

  it("stands on a port that any service may have injected", async () => {
    @rpcService("ops")
    class Ops {
      constructor(private readonly port: Rooms) {}
      @rpcMethod({ params: [], returns: string })
      where(): string {
        return this.port
          .list()
          .map(({ jid }) => jid)
          .join();
      }
    }
    const service = await startFakeRooms({ services: [Ops], access: [{ anyone: true }] });
    rooms = service;
    expect(Rooms.is(service.gateway.rooms)).toBe(true);
    const site = createRequester({ link: service.network.link("site@example.net/web") });
    await site.start();
    expect(await site.call(GATEWAY, "ops.where")).toBe(ROOM);
    await site.stop();
  });
});

describe("rows of the outbox", () => {
  it("of kind room are said under their id, wait for the room, and are parked where they can never be said", async () => {
    const file = join(folder, "mailbox.db");
    const service = await startFakeRooms({ mailbox: { url: `sqlite:${file}` } });
    rooms = service;
    await service.letIn();
    const database = new LibSql(file);
    const insert = (recipient: string, body: object): unknown =>
      database
        .prepare("INSERT INTO outbox (kind, recipient, body) VALUES ('room', ?, ?) RETURNING id")
        .get(recipient, JSON.stringify(body));
    insert(ROOM, { text: "42 orders" });
    const said = await service.next();
    expect(bodyOf(said)).toBe("42 orders");
    expect(database.prepare("SELECT stanza_id FROM outbox").get()).toMatchObject({ stanza_id: said.attrs["id"] });
    reflect(service, said);
    insert(`no@${SERVICE}`, { text: "x" });
    insert(`${ROOM}/nick`, { text: "x" });
    insert(ROOM, { text: 7 });
    insert(ROOM, { text: "x", colour: "red" });
    const parked = (): unknown[] =>
      database.prepare("SELECT error FROM outbox WHERE status = 'parked' ORDER BY id").all();
    await expect.poll(parked, { timeout: 20_000 }).toHaveLength(4);
    expect(parked()).toMatchObject([
      { error: expect.stringContaining("no room of this gateway") },
      { error: expect.stringContaining("room@service, expected") },
      { error: expect.stringContaining("body.text: a text expected") },
      { error: expect.stringContaining("body.colour: not known") },
    ]);
    expect(database.prepare("SELECT status FROM outbox WHERE id = 1").get()).toMatchObject({ status: "sent" });
    database.close();
  });
});

describe("rooms in a settings file", () => {
  const read = (text: string) =>
    checkSettings(parseSettingsText(join(folder, "gateway.yaml"), `link: {mode: memory}\n${text}`));

  it("have their passwords read and their defaults filled in", () => {
    const rows = readRoomsSettings(read(`rooms: [{jid: "${ROOM}", password: {file: secret}}]\n`));
    expect(rows).toEqual([
      { jid: ROOM, nick: "rpc", password: "sesame", maxHistory: 0, commandPrefix: "!", trustRealJids: false },
    ]);
  });

  it.each([
    [`rooms: [{jid: nowhere}]`, /gateway.yaml:2 rooms\[0\].jid: "nowhere": room@service expected/],
    [`rooms: [{jid: "${ROOM}"}, {jid: "TEAM@${SERVICE}"}]`, /rooms\[1\].jid: the same room stands above/],
    [`rooms: [{jid: "${ROOM}", password: {file: missing}}]`, /rooms\[0\].password: the secret file .* cannot be read/],
    [`rooms: [{jid: "${ROOM}", password: plain}]`, /rooms\[0\].password/],
    [`rooms: [{jid: "${ROOM}", commandPrefix: "say"}]`, /rooms\[0\].commandPrefix/],
    [`chatCommands: {prefix: ""}`, /chatCommands/],
    [`chatCommands: true`, /chatCommands.*expected false or \{prefix: TEXT\}/],
  ])("%s is refused with its line", (text, problem) => {
    expect(() => readRoomsSettings(read(`${text}\n`))).toThrow(problem);
  });

  it("make their services room services for the access list", () => {
    const settings = read(`rooms: [{jid: "${ROOM}"}]\naccess: [{anyone: true}]\n`);
    expect(decideAccess(settings, parseJid(`${ROOM}/bob`), "x.y").allowed).toBe(false);
    expect(decideAccess(settings, parseJid("bob@example.org/desk"), "x.y").allowed).toBe(true);
    expect(reviewSettings(settings)).toEqual([]);
  });
});

describe("a gateway that stands alone", () => {
  it("does not start with rooms, since nobody serves them there", async () => {
    const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts: createMemoryAccounts({}) });
    const gateway = createGateway({ link, rooms: [{ jid: ROOM }] });
    await expect(gateway.start()).rejects.toThrow(
      `rooms: ${ROOM}: ${SERVICE} cannot be reached; a gateway that stands alone has no room service`,
    );
    await gateway.stop();
  });
});

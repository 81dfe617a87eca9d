// A wide rule never admits an occupant of a room, also of a room service that no setting lists (contract: access).
import { afterEach, describe, expect, it } from "vitest";
import {
  type AccessRule,
  createGateway,
  createMemoryNetwork,
  defineMethod,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
  string,
} from "../../src/index.js";
import { parseJid } from "../../src/jid.js";
import { createRoomServices } from "../../src/xeps/index.js";
import { childElements, type XmlElement } from "../../src/xml/index.js";
import { StanzaError } from "../../src/xmpp/index.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";

const CALL =
  "<iq type='set' to='rpc.example.org' id='c1' from='ops@rooms.example.net/admin'><query xmlns='jabber:iq:rpc'><methodCall>" +
  "<methodName>t.hello</methodName></methodCall></query></iq>";

describe("a gateway", () => {
  let network: MemoryNetwork;
  let gateway: Gateway;
  let service: RawPeer;
  /** A domain that relays for its occupants, as a room service does. */
  const start = async (access: readonly AccessRule[], more: Partial<GatewayOptions> = {}) => {
    network = createMemoryNetwork();
    const hello = defineMethod("t.hello", { params: [], returns: string }, () => "hello");
    gateway = createGateway({ link: network.link("rpc.example.org"), access, methods: [hello], ...more });
    await gateway.start();
    service = await startRawPeer(network.link("rooms.example.net"));
  };
  afterEach(async () => {
    await service.stop();
    await gateway.stop();
  });
  const outcome = (stanza: XmlElement): string => {
    const error = childElements(stanza).find((child) => child.name === "error");
    return error === undefined ? "result" : (childElements(error)[0]?.name ?? "");
  };
  const answerDisco = async (identity: string) => {
    const asked = await service.next();
    expect(childElements(asked)[0]).toMatchObject({ name: "query", ns: "http://jabber.org/protocol/disco#info" });
    service.send(
      `<iq type='result' id='${asked.attrs["id"]}' to='rpc.example.org'><query xmlns='http://jabber.org/protocol/disco#info'>` +
        `<identity ${identity}/></query></iq>`,
    );
  };

  it("refuses an occupant whom a wide rule would admit, and asks the service only once", async () => {
    await start([{ allow: "*@rooms.example.net" }]);
    service.send(CALL);
    await answerDisco("category='conference' type='text'");
    expect(outcome(await service.next())).toBe("forbidden");
    service.send(CALL);
    expect(outcome(await service.next())).toBe("forbidden");
  });

  it.each([
    ["run a command", "type='set'", "<command xmlns='http://jabber.org/protocol/commands' node='t.hello'/>"],
    ["see one", "type='get'", "<query xmlns='http://jabber.org/protocol/disco#info' node='t.hello'/>"],
  ])("lets no such occupant %s", async (_what, type, payload) => {
    await start([{ allow: "*@rooms.example.net" }]);
    service.send(`<iq ${type} to='rpc.example.org' id='c1' from='ops@rooms.example.net/admin'>${payload}</iq>`);
    await answerDisco("category='conference' type='text'");
    expect(outcome(await service.next())).toBe("forbidden");
  });

  it("admits accounts of a domain that is no room service", async () => {
    await start([{ anyone: true }]);
    service.send(CALL);
    await answerDisco("category='server' type='im'");
    expect(outcome(await service.next())).toBe("result");
  });

  it("does not ask where only full addresses are allowed", async () => {
    await start([{ allow: "ops@rooms.example.net/admin" }]);
    service.send(CALL);
    expect(outcome(await service.next())).toBe("result");
  });

  it("refuses requests and messages that wait for an answer beyond the limit of calls", async () => {
    await start([{ allow: "*@rooms.example.net" }], { limits: { callsInFlight: 1 } });
    service.send(CALL);
    const asked = await service.next();
    service.send(CALL);
    expect(outcome(await service.next())).toBe("resource-constraint");
    service.send(
      "<message to='rpc.example.org' id='m1' from='ops@rooms.example.net/admin'><body>help</body></message>",
    );
    expect(outcome(await service.next())).toBe("resource-constraint");
    service.send(`<iq type='result' id='${asked.attrs["id"]}' to='rpc.example.org'/>`);
    expect(outcome(await service.next())).toBe("result");
  });

  it("answers who is still being looked up when it stops", async () => {
    await start([{ allow: "*@rooms.example.net" }]);
    service.send(CALL);
    const asked = await service.next();
    const stopped = gateway.stop();
    service.send(`<iq type='result' id='${asked.attrs["id"]}' to='rpc.example.org'/>`);
    expect(outcome(await service.next())).toBe("recipient-unavailable");
    await stopped;
  });
});

describe("createRoomServices", () => {
  const alice = parseJid("room@rooms.example.net/nick");
  const make = (ask: () => Promise<never>, limits = { callsInFlight: 4, callsInFlightPerRequester: 4 }) => {
    let now = 0;
    let asked = 0;
    const rooms = createRoomServices({
      ask: () => {
        asked += 1;
        return ask();
      },
      ownDomain: () => "example.org",
      learned: () => undefined,
      now: () => now,
      limits,
    });
    return { rooms, asked: () => asked, pass: (ms: number) => (now += ms) };
  };

  it("takes silence for the worst, for ten seconds", async () => {
    const { rooms, asked, pass } = make(() => Promise.reject(new Error("timeout")));
    await rooms.look(alice);
    expect(rooms.isRoomService("rooms.example.net")).toBe(true);
    pass(9_999);
    expect(rooms.look(alice)).toBeUndefined();
    pass(1);
    await rooms.look(alice);
    expect(asked()).toBe(2);
  });

  it("takes a refusal for no room service, for a minute", async () => {
    const { rooms, pass } = make(() => Promise.reject(new StanzaError("service-unavailable")));
    await rooms.look(alice);
    expect(rooms.isRoomService("rooms.example.net")).toBe(false);
    pass(59_999);
    expect(rooms.look(alice)).toBeUndefined();
    pass(1);
    expect(rooms.look(alice)).toBeInstanceOf(Promise);
  });

  it.each(["remote-server-not-found", "remote-server-timeout"] as const)(
    "takes %s for the worst: who cannot be asked may still reach us",
    async (condition) => {
      const { rooms } = make(() => Promise.reject(new StanzaError(condition)));
      await rooms.look(alice);
      expect(rooms.isRoomService("rooms.example.net")).toBe(true);
    },
  );

  it("lets as many requests wait as calls may run, of one requester and of all, until they have their answer", async () => {
    const silent: (() => void)[] = [];
    const { rooms } = make(() => new Promise((_, reject) => silent.push(() => reject(new Error("timeout")))), {
      callsInFlight: 3,
      callsInFlightPerRequester: 2,
    });
    const look = (text: string) => rooms.look(parseJid(text));
    const over = (text: string) => expect.objectContaining({ condition: "resource-constraint", text });
    const waits = [look("a@one.example/x"), look("a@one.example/x")];
    expect(() => look("a@one.example/x")).toThrow(over("2 of your requests wait to be let in"));
    waits.push(look("a@two.example/x"));
    expect(() => look("b@three.example/x")).toThrow(over("3 requests wait to be let in"));
    for (const answer of silent.splice(0)) answer();
    for (const wait of waits) await wait;
    expect(look("b@three.example/x")).toBeInstanceOf(Promise);
    expect(look("c@four.example/x")).toBeInstanceOf(Promise);
  });

  it("asks once for many that wait, and never for domains, bare addresses and the own domain", async () => {
    const { rooms, asked } = make(() => Promise.reject(new StanzaError("service-unavailable")));
    await Promise.all([rooms.look(alice), rooms.look(parseJid("room@rooms.example.net/other"))]);
    for (const text of ["rooms.example.net", "room@rooms.example.net", "alice@example.org/desk"]) {
      expect(rooms.look(parseJid(text)), text).toBeUndefined();
    }
    expect(asked()).toBe(1);
  });
});

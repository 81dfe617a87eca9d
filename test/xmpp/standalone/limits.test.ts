// Limits against abuse: each at it and one past it.

import { afterEach, describe, expect, it } from "vitest";
import { element, type XmlText } from "../../../src/xml/index.js";
import { STANDALONE_LIMIT_TABLE } from "../../../src/xmpp/index.js";
import { Admission } from "../../../src/xmpp/standalone/admission.js";
import { isLoopbackAddress, isLoopbackHost } from "../../../src/xmpp/standalone/peer-address.js";
import { TokenBucket } from "../../../src/xmpp/standalone/token-bucket.js";
import { ManualClock } from "../../support/manual-clock.js";
import { bindRequest, HEADER, RawClient, startGateway, type TestGateway } from "./support.js";

let gateway: TestGateway;
afterEach(() => gateway?.stop());

const MARK = "<iq type='get' id='mark' to='localhost'><query xmlns='urn:echo'/></iq>";

async function start(limits: Partial<Record<keyof typeof STANDALONE_LIMIT_TABLE | "maxStanzaBytes", number>>) {
  const clock = new ManualClock();
  gateway = await startGateway({ limits, clock });
  return clock;
}

async function opened(): Promise<RawClient> {
  const client = await RawClient.connect(gateway.port);
  client.write(HEADER);
  await client.until("</stream:features>");
  return client;
}

async function bound(name = "alice", resource?: string): Promise<RawClient> {
  const client = await RawClient.connect(gateway.port);
  await client.login(name, resource);
  return client;
}

/** Resolves once the endpoint has handled what the client sent before. */
async function answered(client: RawClient): Promise<void> {
  client.write(MARK);
  await client.until("<query xmlns='urn:echo'/></iq>");
}

async function connections(count: number): Promise<void> {
  while (gateway.link.connections !== count) await new Promise(setImmediate);
}

describe("time", () => {
  it.each([
    ["without a word", ""],
    ["after the header", HEADER],
    ["in the middle of a header", HEADER.slice(0, 40)],
  ])("to log in is over %s", async (_what, sends) => {
    const clock = await start({ authenticationSeconds: 30 });
    const client = await RawClient.connect(gateway.port);
    client.write(sends);
    if (sends === HEADER) await client.until("</stream:features>");
    await connections(1);
    clock.advance(29_000);
    await new Promise(setImmediate);
    expect(client.received).not.toContain("connection-timeout");
    clock.advance(1_000);
    expect(await client.closed()).toContain("<connection-timeout");
  });

  it("to log in does not end who has", async () => {
    const clock = await start({ authenticationSeconds: 30 });
    const client = await bound();
    clock.advance(60_000);
    await answered(client);
  });

  it("to bind counts too", async () => {
    const clock = await start({ authenticationSeconds: 30 });
    const client = await RawClient.connect(gateway.port);
    await client.authenticate();
    clock.advance(30_000);
    expect(await client.closed()).toContain("<connection-timeout");
  });

  it("of silence brings a ping, and then the end", async () => {
    const clock = await start({ silenceSeconds: 300 });
    const client = await bound("alice", "x");
    clock.advance(299_000);
    await answered(client);
    clock.advance(300_000);
    const ping = await client.until("</iq>").catch(() => client.until("/>"));
    expect(ping).toMatch(/<iq type='get' id='[^']+' to='alice@localhost\/x' from='localhost'><ping/);
    client.write(`<iq type='result' id='${/id='([^']+)'/.exec(ping)?.[1]}' to='localhost'/>`);
    await answered(client);
    expect(gateway.listener.stanzas.filter(({ attrs }) => attrs["type"] === "result")).toEqual([]);
    clock.advance(599_000);
    await client.until("<ping");
    expect(client.isClosed).toBe(false);
    clock.advance(1_000);
    expect(await client.closed()).toContain("<connection-timeout");
  });

  it("to close is short", async () => {
    const clock = await start({ closeSeconds: 2 });
    const client = await bound();
    client.socket.pause();
    gateway.accounts.remove("alice");
    // The client reads nothing, so it does not see our end and does not close its side.
    clock.advance(1_000);
    expect(gateway.link.connections).toBe(1);
    clock.advance(2_000);
    await connections(0);
    client.destroy();
  });
});

describe("connections", () => {
  it("are limited in all", async () => {
    await start({ maxConnections: 3, maxUnauthenticatedPercent: 100 });
    const clients = [await bound("alice"), await opened(), await opened()];
    const refused = await RawClient.connect(gateway.port);
    expect(await refused.closed()).toMatch(/<stream:stream .*<resource-constraint/s);
    clients[0]?.write("</stream:stream>");
    await clients[0]?.closed();
    await connections(2);
    await opened();
  });

  it("of strangers are limited to their share", async () => {
    await start({ maxConnections: 8, maxUnauthenticatedPercent: 25 });
    const stranger = await opened();
    await opened();
    const refused = await RawClient.connect(gateway.port);
    expect(await refused.closed()).toContain("<resource-constraint");
    stranger.destroy();
    await connections(1);
    await bound();
    await opened();
  });

  const limits = { maxConnections: 100, maxConnectionsPerAddress: 2, maxUnauthenticatedPercent: 50 };
  const far = { address: "192.0.2.1", isLoopback: false };
  const near = { address: "127.0.0.1", isLoopback: true };

  it("of one address are limited, but not of loopback", () => {
    const admission = new Admission(limits);
    expect([1, 2, 3].map(() => admission.enter(far))).toEqual(["admit", "admit", "refuse"]);
    expect(admission.enter({ ...far, address: "192.0.2.2" })).toBe("admit");
    expect([1, 2, 3, 4].map(() => admission.enter(near))).toEqual(["admit", "admit", "admit", "admit"]);
    admission.leave(far, "refused");
    expect(admission.enter(far)).toBe("refuse");
    admission.leave(far, "stranger");
    expect(admission.enter(far)).toBe("admit");
  });

  it("that are turned away are dropped when there are too many of them", () => {
    const admission = new Admission({ ...limits, maxConnections: 4 });
    expect([1, 2].map(() => admission.enter(near))).toEqual(["admit", "admit"]);
    expect([1, 2, 3].map(() => admission.enter(near))).toEqual(["refuse", "refuse", "drop"]);
  });

  it.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["128.0.0.1", false],
    ["::ffff:192.0.2.1", false],
    ["2001:db8::127.0.0.1", false],
    ["", false],
  ])("from %j are of this machine: %s", (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected);
    expect(isLoopbackHost(address)).toBe(expected);
  });
});

describe("sizes", () => {
  it("of a stanza after authentication: as the settings say", async () => {
    await start({ maxStanzaBytes: 12_000 });
    const client = await bound();
    client.write(sized(12_000));
    await client.until("<query xmlns='urn:echo'/></iq>");
    client.write(sized(12_001));
    expect(await client.closed()).toContain("<policy-violation");
    expect(gateway.listener.stanzas).toHaveLength(1);
  });

  it("of a stanza after authentication: 262,144 bytes by default", async () => {
    await start({});
    const client = await bound();
    client.write(sized(262_144));
    await client.until("<query xmlns='urn:echo'/></iq>");
    client.write(sized(262_145));
    expect(await client.closed()).toContain("<policy-violation");
  });

  it("of an element before authentication", async () => {
    await start({ maxUnauthenticatedStanzaBytes: 600 });
    const client = await opened();
    client.write(auth(600));
    await client.until("</failure>");
    client.write(auth(601));
    expect(await client.closed()).toContain("<policy-violation");
  });

  it("of everything before authentication", async () => {
    await start({ maxUnauthenticatedBytes: 1_000 });
    const client = await opened();
    client.write(" ".repeat(1_000 - HEADER.length));
    await new Promise(setImmediate);
    expect(client.isClosed).toBe(false);
    client.write(" ");
    expect(await client.closed()).toContain("<policy-violation");
  });

  it("of output that is not read", async () => {
    await start({ maxUnreadBytes: 1_000_000 });
    const client = await bound("alice", "x");
    client.socket.pause();
    const piece = element("message", { to: "alice@localhost/x" }, "x".repeat(100_000) as XmlText);
    let sent = 0;
    // The system takes some megabytes itself, so the end comes later than the limit, but it comes.
    while (gateway.link.connections > 0 && sent < 1_000) {
      gateway.link.send(piece);
      sent++;
      await new Promise(setImmediate);
    }
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(1_000);
    client.destroy();
  });

  it("of output within the limit end nobody", async () => {
    await start({ maxUnreadBytes: 1_000_000 });
    const client = await bound("alice", "x");
    for (let index = 0; index < 9; index++)
      gateway.link.send(element("message", { to: "alice@localhost/x" }, "x".repeat(100_000) as XmlText));
    await answered(client);
  });
});

describe("tries and rates", () => {
  it("end a connection at the last failed authentication", async () => {
    await start({ maxSaslTries: 3 });
    const client = await opened();
    const wrong = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'/>";
    client.write(wrong + wrong);
    await client.until("</failure>");
    await client.until("</failure>");
    expect(client.received).toBe("");
    client.write(wrong);
    expect(await client.closed()).toMatch(/<\/failure>.*<policy-violation/s);
  });

  it("leave an account as many resources as the settings say", async () => {
    await start({ maxResourcesPerAccount: 2 });
    const first = await bound("alice", "a");
    await bound("alice", "b");
    const third = await RawClient.connect(gateway.port);
    await third.authenticate();
    third.write(bindRequest("c"));
    expect(await third.until("</iq>")).toContain("<resource-constraint");
    await bound("bob", "c");
    third.write(bindRequest("a"));
    expect(await third.until("</iq>")).toContain("alice@localhost/a");
    expect(await first.closed()).toContain("<conflict");
  });

  it("let a bucket of tokens say how long to wait", () => {
    const bucket = new TokenBucket(1_000, 5_000, 0);
    expect(bucket.take(5_000, 0)).toBe(0);
    expect(bucket.take(1, 0)).toBe(1);
    expect(bucket.take(999, 0)).toBe(1_000);
    expect(bucket.take(0, 1_000)).toBe(0);
    expect(bucket.take(5_000, 100_000)).toBe(0);
    expect(bucket.take(500, 100_000)).toBe(500);
  });

  it("make a fast session wait, and lose nothing of it", async () => {
    const clock = await start({ maxBytesPerSecond: 1_000, burstBytes: 2_000 });
    const client = await bound();
    const total = 200;
    for (let id = 0; id < total; id++) {
      client.write(call(id));
      if (id % 20 === 0) await new Promise(setImmediate);
    }
    let pauses = 0;
    while (gateway.listener.stanzas.length < total) {
      // One timer is the sweep's; another is there only while the session waits.
      if (clock.waits.length > 1) {
        pauses++;
        clock.advance(Math.max(...clock.waits));
      }
      await new Promise(setImmediate);
    }
    expect(pauses).toBeGreaterThan(0);
    expect(gateway.listener.stanzas.map(({ attrs }) => attrs["id"])).toEqual(
      Array.from({ length: total }, (_, id) => `call${id}`.padEnd(20, ".")),
    );
  });

  it("leave a session within its rate alone", async () => {
    const clock = await start({ maxBytesPerSecond: 1_000, burstBytes: 2_000 });
    const client = await bound();
    for (let second = 0; second < 5; second++) {
      client.write(call(0).repeat(10));
      while (gateway.listener.stanzas.length < (second + 1) * 10) await new Promise(setImmediate);
      expect(clock.waits).toHaveLength(1);
      clock.advance(1_000);
    }
  });

  it("are rows with a unit, a default and a sentence", () => {
    for (const row of Object.values(STANDALONE_LIMIT_TABLE)) {
      expect(row.default).toBeGreaterThanOrEqual(0);
      expect(row.doc).toMatch(/\.$/);
      expect(row.unit).not.toBe("");
    }
  });
});

/** An IQ of exactly this many bytes. */
function sized(bytes: number): string {
  const empty = "<iq type='get' id='mark' to='localhost'><query xmlns='urn:echo'></query></iq>";
  return empty.replace("></query>", `>${"x".repeat(bytes - empty.length)}</query>`);
}

/** An attempt to authenticate of exactly this many bytes. */
function auth(bytes: number): string {
  const empty = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'></auth>";
  return empty.replace("><", `>${"A".repeat(bytes - empty.length)}<`);
}

function call(id: number): string {
  return MARK.replace("mark", `call${id}`.padEnd(20, "."));
}

describe("a resource that was just taken over", () => {
  it.each([
    [9_999, /^alice@localhost\/desk-.+/],
    [10_000, /^alice@localhost\/desk$/],
  ])("is given to the next one %i ms later as %s", async (ms, expected) => {
    const clock = await start({ evictionSeconds: 10 });
    const first = await RawClient.connect(gateway.port);
    await first.login("alice", "desk");
    const second = await RawClient.connect(gateway.port);
    expect(await second.login("alice", "desk")).toBe("alice@localhost/desk");
    expect(await first.closed()).toContain("<conflict");
    clock.advance(ms);
    const third = await RawClient.connect(gateway.port);
    expect(await third.login("alice", "desk")).toMatch(expected);
  });
});

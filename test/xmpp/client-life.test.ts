// What a client link does once it is online: stanzas both ways, loss and return, confirmation, the end (contract: streams).

import { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { element, escapeText, textOf, type XmlText } from "../../src/xml/index.js";
import { LinkError } from "../../src/xmpp/link.js";
import {
  BIND_FEATURE,
  type FakeSession,
  mechanismsFeature,
  STARTTLS_FEATURE,
  testCertificate,
} from "../support/fake-server.js";
import { useServers } from "../support/link-harness.js";
import { ManualClock } from "../support/manual-clock.js";

const serve = useServers();

function message(body: string): XmlText {
  return element("message", { to: "peer@localhost" }, element("body", {}, escapeText(body)));
}

/** The local ports of the sockets on which `method` is called with these arguments, from now on. */
function recordPorts(method: "setNoDelay" | "setKeepAlive", ...wanted: unknown[]): (number | undefined)[] {
  const ports: (number | undefined)[] = [];
  const original: (this: Socket, ...args: [boolean?, number?]) => Socket = Socket.prototype[method];
  vi.spyOn(Socket.prototype, method).mockImplementation(function record(this: Socket, ...args: [boolean?, number?]) {
    if (wanted.every((each, index) => args[index] === each)) ports.push(this.localPort);
    return original.apply(this, args);
  });
  return ports;
}

/** Logs in and leaves the rest to the test. */
async function quiet(session: FakeSession): Promise<void> {
  await session.login();
}

describe("stanzas", () => {
  it("tells the listener of online before the first stanza, also when both come in one piece", async () => {
    const { online } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(BIND_FEATURE);
      await session.bind(undefined, "<message id='1'/><iq type='get' id='2'><x xmlns='y'/></iq><message id='3'/>");
    });
    const { listener } = await online();
    await listener.until(() => listener.stanzas.length === 3);
    expect(listener.calls).toEqual(["online", "stanza", "stanza", "stanza"]);
    expect(listener.stanzas.map(({ attrs }) => attrs.id)).toEqual(["1", "2", "3"]);
  });

  it("joins characters that are split over two segments", async () => {
    const text = "añ€😀".repeat(50);
    const bytes = Buffer.from(`<message><body>${text}</body></message>`);
    const { online } = await serve(async (session) => {
      await session.login();
      for (const byte of bytes) {
        session.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const { listener } = await online();
    await listener.until(() => listener.stanzas.length === 1);
    const body = listener.stanzas[0]?.children[0];
    expect(typeof body === "object" ? textOf(body) : body).toBe(text);
  });

  it("passes on what the library chokes on: odd senders, an error without <error/>, unknown requests", async () => {
    const { online, server } = await serve(async (session) => {
      await session.login();
      session.write("<iq type='get' id='1' from='@'><x xmlns='y'/></iq><iq type='error' id='2'/><message from='/'/>");
    });
    const { listener } = await online();
    await listener.until(() => listener.stanzas.length === 3);
    // Whoever owns the link answers; the library must not do it as well.
    expect(server.sessions[0]?.received.split("<bind")[1]).not.toContain("<iq");
    expect(listener.offlines).toEqual([]);
  });

  it("writes stanzas in order and says false when it is not online", async () => {
    const { connect, server } = await serve(quiet);
    const { link, listener } = connect();
    expect(link.send(message("early"))).toBe(false);
    await link.start(listener);
    for (let index = 0; index < 100; index += 1) expect(link.send(message(`é${index}`))).toBe(true);
    const [session] = server.sessions;
    for (let index = 0; index < 100; index += 1) {
      expect((await session?.expect("message"))?.children[0]?.text).toBe(`é${index}`);
    }
    await link.stop();
    expect(link.send(message("late"))).toBe(false);
    expect(session?.received).not.toMatch(/early|late/);
  });

  it("takes nothing more while too much waits for the network", async () => {
    const { online, server } = await serve(async (session) => {
      await session.login();
      session.pause();
    });
    const { link } = await online({ maxUnsentBytes: 100_000 });
    await vi.waitUntil(() => server.sessions[0]?.isPaused === true);
    const large = message("x".repeat(60_000));
    let taken = 0;
    while (link.send(large) && taken < 10_000) taken += 1;
    // One below the limit is taken, and one more that crosses it.
    expect(taken).toBeGreaterThanOrEqual(2);
    expect(taken).toBeLessThan(10_000);
    server.sessions[0]?.resume();
    await vi.waitUntil(() => link.send(large));
  });

  it("skips a stanza over the limit, tells its head, and goes on", async () => {
    const limit = 20_000;
    const { online } = await serve(async (session) => {
      await session.login();
      session.write(`${ofSize("fits", limit)}${ofSize("big", limit + 1)}<message id='next'/>`);
    });
    const { listener } = await online({ limits: { maxStanzaBytes: limit } });
    await listener.until(() => listener.stanzas.length === 2);
    expect(listener.calls).toEqual(["online", "stanza", "oversize", "stanza"]);
    expect(listener.stanzas.map(({ attrs }) => attrs.id)).toEqual(["fits", "next"]);
    expect(listener.oversized[0]?.head.attrs).toMatchObject({ type: "set", id: "big", from: "peer@localhost/r" });
    expect(listener.oversized[0]?.limit).toContain(String(limit));
  });
});

describe("sockets", () => {
  it("turns Nagle's algorithm off and probes on, on every connection, in clear, STARTTLS and TLS", async () => {
    const noDelay = recordPorts("setNoDelay", true);
    const keepAlive = recordPorts("setKeepAlive", true, 30_000);
    const certificate = testCertificate("localhost");
    const clock = new ManualClock();
    const plain = await serve(quiet);
    const upgraded = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE);
      await session.startTls(certificate);
      await session.login();
    });
    const direct = await serve(async (session) => {
      session.encrypt(certificate);
      await session.login();
    });
    const { listener } = await plain.online({ clock });
    plain.server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    clock.advance(60_000);
    await listener.until(() => listener.onlines.length === 2);
    const tls = { ca: certificate.cert };
    await upgraded.online({ tls });
    await direct.online({ tls, service: `xmpps://127.0.0.1:${direct.server.port}` });

    const ports = [plain, upgraded, direct].flatMap(({ server }) =>
      server.sessions.map((session) => session.clientPort),
    );
    expect(ports).toHaveLength(4);
    expect(noDelay).toEqual(expect.arrayContaining(ports));
    expect(keepAlive).toEqual(ports);
    vi.restoreAllMocks();
  });
});

describe("loss and return", () => {
  it("comes back by itself after a growing wait, under the address it is given then", async () => {
    const clock = new ManualClock();
    let count = 0;
    const { online, server } = await serve(async (session) => {
      count += 1;
      if (count === 2) {
        session.destroy();
        return;
      }
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(BIND_FEATURE);
      await session.bind(`user@localhost/r${count}`);
    });
    const { link, listener } = await online({ clock, random: () => 0.999 });
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    expect(link.isOnline).toBe(false);
    expect(clock.waits).toEqual([999]);
    clock.advance(999);
    await vi.waitUntil(() => server.sessions.length === 2 && clock.waits.includes(1998));
    clock.advance(1998);
    await listener.until(() => listener.onlines.length === 2);
    expect(listener.calls).toEqual(["online", "offline", "online"]);
    expect(link.jid?.full).toBe("user@localhost/r3");
  });

  it("starts from the shortest wait again after it was online for a while", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { listener } = await online({ clock, random: () => 0.999 });
    for (const wait of [999, 1998]) {
      server.sessions.at(-1)?.destroy();
      const losses = listener.offlines.length + 1;
      await listener.until(() => listener.offlines.length === losses);
      expect(clock.waits).toEqual([wait]);
      clock.advance(wait);
      await listener.until(() => listener.onlines.length === losses + 1);
    }
    clock.advance(30_000);
    server.sessions.at(-1)?.destroy();
    await listener.until(() => listener.offlines.length === 3);
    expect(clock.waits).toEqual([999]);
  });

  it("waits at least 30 s after a conflict, and says what it means", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { listener } = await online({ clock, random: () => 0 });
    server.sessions[0]?.write(
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error></stream:stream>",
    );
    await listener.until(() => listener.offlines.length === 1);
    expect(listener.offlines[0]).toMatch(/conflict: Replaced .*old connection is not dead yet/);
    expect(clock.waits).toEqual([30_000]);
  });

  it("keeps trying, slowly, when the password is refused on the way back", async () => {
    const clock = new ManualClock();
    let count = 0;
    const { online, server } = await serve(async (session) => {
      count += 1;
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      const login = session.authenticate(count === 2 ? "changed" : "secret");
      if (count === 2) {
        await expect(login).rejects.toThrow("wrong password");
        return;
      }
      await login;
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { listener } = await online({ clock, random: () => 0 });
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    clock.advance(0);
    await vi.waitUntil(() => clock.waits.includes(30_000));
    clock.advance(30_000);
    await listener.until(() => listener.onlines.length === 2);
  });

  it("does not follow see-other-host", async () => {
    const elsewhere = await serve(quiet);
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      session.write(
        `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:${elsewhere.server.port}</see-other-host></stream:error>`,
      );
    });
    const error = await fail();
    expect(error.code).toBe("stream-error");
    expect(error.message).toContain("see-other-host");
    expect(elsewhere.server.sessions).toHaveLength(0);
  });
});

describe("half-open connections", () => {
  it("pings only what is unanswered for 15 s, and gives the link up after 15 s more", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { link, listener } = await online({ clock, random: () => 0.5 });
    clock.advance(3_600_000);
    link.send(message("hello"));
    clock.advance(14_999);
    clock.advance(1);
    expect((await server.sessions[0]?.expect("message"))?.name).toBe("message");
    expect((await server.sessions[0]?.expect("iq"))?.children[0]).toMatchObject({ name: "ping", ns: "urn:xmpp:ping" });
    clock.advance(14_999);
    expect(link.isOnline).toBe(true);
    clock.advance(1);
    expect(listener.offlines[0]).toContain("does not answer");
    clock.advance(500);
    await listener.until(() => listener.onlines.length === 2);
  });

  it("takes any byte as a sign of life, and keeps the ping's answer to itself", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { link, listener } = await online({ clock });
    const [session] = server.sessions;
    link.send(message("hello"));
    clock.advance(15_000);
    await session?.expect("message");
    const ping = await session?.expect("iq");
    session?.write(
      `<iq type='error' id='${ping?.attrs.id}' from='localhost'><error type='cancel'/></iq><message id='seen'/>`,
    );
    await listener.until(() => listener.stanzas.length === 1);
    expect(listener.stanzas[0]?.attrs.id).toBe("seen");
    clock.advance(3_600_000);
    expect(link.isOnline).toBe(true);
    expect(session?.received.match(/urn:xmpp:ping/g)).toHaveLength(1);
  });
});

describe("flushed", () => {
  it("gets its ping through also when nothing else is taken any more", async () => {
    const { online } = await serve(async (session) => {
      await session.login();
      await session.answerPings();
    });
    const { link } = await online({ maxUnsentBytes: 1 });
    expect(link.send(message("fills it"))).toBe(true);
    expect(link.send(message("too much"))).toBe(false);
    await link.flushed();
  });

  it("resolves when a ping behind the data is answered, one ping for all who wait", async () => {
    const { online, server } = await serve(quiet);
    const { link, listener } = await online();
    const [session] = server.sessions;
    const settled: number[] = [];
    const wait = (index: number) => link.flushed().then(() => settled.push(index));
    link.send(message("a"));
    const first = [wait(1), wait(2)];
    await session?.expect("message");
    const ping = await session?.expect("iq");
    link.send(message("b"));
    const second = [wait(3), wait(4)];
    expect(ping?.attrs.to).toBe("localhost");
    // A guessed id, and the right id from somebody else, confirm nothing.
    session?.write(
      `<iq type='result' id='guess' from='localhost'/><iq type='result' id='${ping?.attrs.id}' from='evil@localhost/x'/>`,
    );
    await listener.until(() => listener.stanzas.length === 2);
    expect(settled).toEqual([]);
    session?.write(`<iq type='result' id='${ping?.attrs.id}' from='localhost'/>`);
    await Promise.all(first);
    expect(settled).toEqual([1, 2]);
    await session?.expect("message");
    const next = await session?.expect("iq");
    expect(next?.attrs.id).not.toBe(ping?.attrs.id);
    session?.write(`<iq type='error' id='${next?.attrs.id}'/>`);
    await Promise.all(second);
    expect(session?.received.match(/urn:xmpp:ping/g)).toHaveLength(2);
  });

  it("rejects when the link is lost before, and while it is offline", async () => {
    const { online, connect, server } = await serve(quiet);
    await expect(connect().link.flushed()).rejects.toSatisfy(isLinkError);
    const { link } = await online({ clock: new ManualClock() });
    const waiting = [link.flushed(), link.flushed()];
    await server.sessions[0]?.expect("iq");
    server.sessions[0]?.destroy();
    for (const each of waiting) await expect(each).rejects.toSatisfy(isLinkError);
    await expect(link.flushed()).rejects.toSatisfy(isLinkError);
  });
});

describe("stop", () => {
  it("closes the stream, then the connection; twice is once", async () => {
    const { online, server } = await serve(async (session) => {
      await session.login();
      await session.answerPings();
    });
    const { link, listener } = await online();
    await Promise.all([link.stop(), link.stop()]);
    await link.stop();
    expect(server.sessions[0]?.received).toMatch(/<\/stream:stream>$/);
    expect(listener.calls).toEqual(["online", "offline"]);
    expect(listener.offlines).toEqual(["the link was stopped"]);
    await expect(link.start(listener)).rejects.toMatchObject({ code: "stopped" });
  });

  it("can be started again after a start that failed, but not twice", async () => {
    const { connect } = await serve(async (session) => {
      if (session.index === 0) session.end();
      else await session.login();
    });
    const { link, listener } = connect();
    await expect(link.start(listener)).rejects.toMatchObject({ code: "stream-error" });
    await link.start(listener);
    await expect(link.start(listener)).rejects.toMatchObject({ message: "the link was started before" });
  });

  it("does not wait for a server that never closes, and ignores what it still says", async () => {
    const { online, server } = await serve(quiet);
    const { link, listener } = await online({ closeTimeoutMs: 20 });
    const stopped = link.stop();
    server.sessions[0]?.write("<message/>&bogus;<".repeat(10));
    await stopped;
    expect(listener.calls).toEqual(["online", "offline"]);
  });

  it("ends a start that is under way, and a wait for the next attempt", async () => {
    const { connect, online, server } = await serve(async (session) => {
      if (session.index > 0) await session.login();
    });
    const { link, listener } = connect();
    const starting = link.start(listener);
    await vi.waitUntil(() => server.sessions.length === 1);
    const refused = expect(starting).rejects.toMatchObject({ code: "stopped" });
    await link.stop();
    await refused;
    expect(listener.calls).toEqual([]);

    const clock = new ManualClock();
    const second = await online({ clock });
    server.sessions[1]?.destroy();
    await second.listener.until(() => second.listener.offlines.length === 1);
    await second.link.stop();
    expect(clock.waits).toEqual([]);
  });

  it("leaves no timer behind", async () => {
    const clock = new ManualClock();
    const { online } = await serve(quiet);
    const { link } = await online({ clock });
    link.send(message("x"));
    const stopped = link.stop();
    clock.advance(1_000);
    await stopped;
    expect(clock.waits).toEqual([]);
  });
});

function isLinkError(error: unknown): boolean {
  return LinkError.is(error);
}

/** An IQ request of exactly so many bytes. */
function ofSize(id: string, bytes: number): string {
  const [head, foot] = [`<iq type='set' id='${id}' from='peer@localhost/r'><q xmlns='x'>`, "</q></iq>"];
  return head + "y".repeat(bytes - head.length - foot.length) + foot;
}

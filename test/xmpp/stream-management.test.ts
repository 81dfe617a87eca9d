// Stream management of a client link: acknowledgements, resumption, and a server that counts wrong (XEP-0198; protocol §4.5).

import { describe, expect, it, vi } from "vitest";
import type { XmlText } from "../../src/xml/index.js";
import {
  BIND_FEATURE,
  type FakeElement,
  type FakeSession,
  MANAGEMENT_FEATURE,
  mechanismsFeature,
} from "../support/fake-server.js";
import { useServers } from "../support/link-harness.js";
import { ManualClock } from "../support/manual-clock.js";

const serve = useServers();
const SM = "xmlns='urn:xmpp:sm:3'";

function message(id: string): XmlText {
  return `<message to="peer@localhost" id="${id}"/>` as XmlText;
}

/** Up to the point where the client binds or resumes. */
async function authenticate(session: FakeSession): Promise<void> {
  await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
  await session.authenticate("secret");
  await session.openStream(BIND_FEATURE + MANAGEMENT_FEATURE);
}

/** A new session that can be resumed. */
async function enable(
  session: FakeSession,
  enabled = `<enabled ${SM} id='s1' resume='true' max='60'/>`,
): Promise<void> {
  await authenticate(session);
  await session.bind();
  const asked = await session.expect("enable");
  if (asked.attrs.resume !== "true") throw new Error("a session that cannot be resumed");
  session.write(enabled);
}

async function resume(session: FakeSession, answer: (asked: FakeElement) => string): Promise<FakeElement> {
  await authenticate(session);
  const asked = await session.expect("resume");
  session.write(answer(asked));
  return asked;
}

/** What the first connection does, then the second, and so on. */
function inTurn(...scripts: ((session: FakeSession) => Promise<unknown>)[]): (session: FakeSession) => Promise<void> {
  return async (session) => void (await scripts[session.index]?.(session));
}

async function arrived(session: FakeSession | undefined, name: string): Promise<FakeElement> {
  if (session === undefined) throw new Error("no such connection");
  return session.expect(name);
}

describe("acknowledgements", () => {
  it("answers a request at once with the count of stanzas, and of nothing else", async () => {
    const { online, server } = await serve(enable);
    const { link, listener } = await online();
    const [session] = server.sessions;
    await untilManaged(link, session);
    session?.write(`<message/><a ${SM} h='0'/><iq type='result' id='x'/><presence/><r ${SM}/>`);
    expect((await arrived(session, "a")).attrs.h).toBe("3");
    expect(listener.stanzas).toHaveLength(3);
  });

  it("counts a stanza that was skipped for its size", async () => {
    const { online, server } = await serve(enable);
    const { link } = await online({ limits: { maxStanzaBytes: 10_000 } });
    const [session] = server.sessions;
    await untilManaged(link, session);
    session?.write(`<message>${"x".repeat(20_000)}</message><r ${SM}/>`);
    expect((await arrived(session, "a")).attrs.h).toBe("1");
  });

  it("asks once for a batch, and flushed resolves by the acknowledgement", async () => {
    const { online, server } = await serve(enable);
    const { link, listener } = await online();
    const [session] = server.sessions;
    await untilManaged(link, session);
    for (let index = 0; index < 5; index += 1) link.send(message(String(index)));
    const settled: number[] = [];
    const flushes = [1, 2, 3].map((each) => link.flushed().then(() => settled.push(each)));
    for (let index = 0; index < 5; index += 1) await arrived(session, "message");
    await arrived(session, "r");
    session?.write(`<a ${SM} h='4'/><message id='sign'/>`);
    await listener.until(() => listener.stanzas.length === 1);
    expect(settled).toEqual([]);
    session?.write(`<a ${SM} h='5'/>`);
    await Promise.all(flushes);
    expect(session?.received.match(/<r /g)).toHaveLength(1);
    await link.flushed();
  });

  it("asks by itself after 32 stanzas, one request at a time", async () => {
    const { online, server } = await serve(enable);
    const { link } = await online();
    const [session] = server.sessions;
    await untilManaged(link, session);
    for (let index = 0; index < 200; index += 1) link.send(message(String(index)));
    for (let index = 0; index < 32; index += 1) await arrived(session, "message");
    await arrived(session, "r");
    for (let index = 32; index < 200; index += 1) await arrived(session, "message");
    expect(session?.received.match(/<r /g)).toHaveLength(1);
  });

  it.each([
    ["more than was sent", `<a ${SM} h='2'/>`, "handled-count-too-high"],
    ["less than before", `<a ${SM} h='1'/><a ${SM} h='0'/>`, "handled-count-too-high"],
    ["nothing", `<a ${SM}/>`, "undefined-condition"],
    ["no number", `<a ${SM} h='-1'/>`, "undefined-condition"],
  ])("ends the stream of a server that acknowledges %s", async (_what, text, condition) => {
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock: new ManualClock() });
    const [session] = server.sessions;
    await untilManaged(link, session);
    link.send(message("1"));
    session?.write(text);
    await listener.until(() => listener.offlines.length === 1);
    // A session that was miscounted is not resumed.
    expect(listener.calls).not.toContain("suspended");
    await session?.closed();
    expect(session?.received).toContain(condition);
  });

  it("asks for one in place of a ping, and resumes the session of a server that does not answer", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock });
    const [session] = server.sessions;
    await untilManaged(link, session);
    session?.write("<message/>");
    await listener.until(() => listener.stanzas.length === 1);
    link.send(message("1"));
    await arrived(session, "message");
    clock.advance(15_000);
    await arrived(session, "r");
    expect(session?.received).not.toContain("urn:xmpp:ping");
    clock.advance(15_000);
    expect(listener.calls).toEqual(["online", "stanza", "suspended"]);
  });

  it("goes on without when the server refuses", async () => {
    const { online, server } = await serve(async (session) => {
      await enable(session, `<failed ${SM}/>`);
      await session.answerPings();
    });
    const { link, listener } = await online({ clock: new ManualClock() });
    link.send(message("1"));
    await link.flushed();
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    expect(listener.calls).toEqual(["online", "offline"]);
  });

  it("says the last count before it closes", async () => {
    const { online, server } = await serve(async (session) => {
      await enable(session);
      session.write("<message/>");
    });
    const { link, listener } = await online();
    await listener.until(() => listener.stanzas.length === 1);
    await link.stop();
    expect(server.sessions[0]?.received).toMatch(/<a [^>]*h="1"\/><\/stream:stream>$/);
  });
});

describe("resumption", () => {
  it("goes on with the session: acknowledged stanzas are dropped, the rest is sent again in order", async () => {
    const clock = new ManualClock();
    const asked: FakeElement[] = [];
    const { online, server } = await serve(
      inTurn(
        async (session) => {
          await enable(session);
          session.write("<message id='in'/>");
        },
        async (session) =>
          asked.push(await resume(session, () => `<resumed ${SM} previd='s1' h='1'/><message id='late'/>`)),
      ),
    );
    const { link, listener } = await online({ clock, random: () => 0 });
    await listener.until(() => listener.stanzas.length === 1);
    for (const id of ["1", "2", "3"]) link.send(message(id));
    for (let index = 0; index < 3; index += 1) await arrived(server.sessions[0], "message");
    const flushed = link.flushed();
    server.sessions[0]?.destroy();
    await listener.until(() => listener.calls.includes("suspended"));
    expect(link.isOnline).toBe(false);
    expect(link.send(message("lost"))).toBe(false);
    clock.advance(0);
    await listener.until(() => listener.stanzas.length === 2);
    expect(asked[0]?.attrs).toMatchObject({ previd: "s1", h: "1" });
    expect(listener.calls).toEqual(["online", "stanza", "suspended", "resumed", "stanza"]);
    const [, session] = server.sessions;
    expect((await arrived(session, "message")).attrs.id).toBe("2");
    expect((await arrived(session, "message")).attrs.id).toBe("3");
    await arrived(session, "r");
    session?.write(`<a ${SM} h='3'/>`);
    await flushed;
    link.send(message("4"));
    expect((await arrived(session, "message")).attrs.id).toBe("4");
    expect(link.jid?.full).toBe("user@localhost/test");
  });

  it("binds anew on the same stream when the server has forgotten the session, and says that the old one is over", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(
      inTurn(enable, async (session) => {
        await resume(
          session,
          () => `<failed ${SM}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`,
        );
        await session.bind();
        await session.expect("enable");
        session.write(`<enabled ${SM} id='s2' resume='true'/>`);
      }),
    );
    const { link, listener } = await online({ clock, random: () => 0 });
    await untilManaged(link, server.sessions[0]);
    link.send(message("1"));
    const lost = expect(link.flushed()).rejects.toMatchObject({ code: "stream-error" });
    server.sessions[0]?.destroy();
    await listener.until(() => listener.calls.includes("suspended"));
    clock.advance(0);
    await listener.until(() => listener.onlines.length === 2);
    expect(listener.calls).toEqual(["online", "suspended", "offline", "online"]);
    await lost;
    // What was not acknowledged is not sent again: the caller was told that its outcome is unknown.
    expect(server.sessions[1]?.received).not.toContain("<message");
  });

  it.each([
    ["another session", `<resumed ${SM} previd='other' h='0'/>`],
    ["too many stanzas", `<resumed ${SM} previd='s1' h='9'/>`],
    ["no count", `<resumed ${SM} previd='s1'/>`],
    ["something else", `<enabled ${SM} id='s1'/>`],
  ])("does not believe a server that resumes with %s", async (_what, text) => {
    const clock = new ManualClock();
    const { online, server } = await serve(inTurn(enable, (session) => resume(session, () => text), enable));
    const { link, listener } = await online({ clock, random: () => 0 });
    await untilManaged(link, server.sessions[0]);
    server.sessions[0]?.destroy();
    await listener.until(() => listener.calls.includes("suspended"));
    clock.advance(0);
    await server.sessions.at(-1)?.closed();
    await vi.waitUntil(() => server.sessions.length === 2);
    await server.sessions[1]?.closed();
    expect(listener.calls).not.toContain("resumed");
  });

  it("gives the session up when its time is over, also while the server is away", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock, random: () => 0.999 });
    await untilManaged(link, server.sessions[0]);
    await server.close();
    await listener.until(() => listener.calls.includes("suspended"));
    clock.advance(59_999);
    expect(listener.offlines).toEqual([]);
    clock.advance(1);
    expect(listener.offlines[0]).toContain("was not resumed within 60000 ms");
  });

  it("waits no longer than its own window when the server allows more", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock, random: () => 0.999, resumeWindowMs: 5_000 });
    await untilManaged(link, server.sessions[0]);
    await server.close();
    await listener.until(() => listener.calls.includes("suspended"));
    clock.advance(4_999);
    expect(listener.offlines).toEqual([]);
    clock.advance(1);
    expect(listener.offlines).toHaveLength(1);
  });

  it.each([
    ["a session that was not enabled yet", ""],
    ["a session that cannot be resumed", `<enabled ${SM}/>`],
    ["a session without an id", `<enabled ${SM} resume='true'/>`],
  ])("is offline at once after the loss of %s", async (_what, enabled) => {
    const { online, server } = await serve(async (session) => {
      await enable(session, `${enabled}<message/>`);
    });
    const { listener } = await online({ clock: new ManualClock() });
    await listener.until(() => listener.stanzas.length === 1);
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    expect(listener.calls).toEqual(["online", "stanza", "offline"]);
  });

  it.each([
    ["a stream error", "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"],
    ["the end of the stream", "</stream:stream>"],
    // Resumed, it would only be sent again.
    ["broken XML", "<message>&bogus;"],
  ])("is offline at once after %s", async (_what, text) => {
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock: new ManualClock() });
    await untilManaged(link, server.sessions[0]);
    server.sessions[0]?.write(text);
    await listener.until(() => listener.offlines.length === 1);
    expect(listener.calls).not.toContain("suspended");
  });

  it("ends a suspended session when it is stopped", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(enable);
    const { link, listener } = await online({ clock });
    await untilManaged(link, server.sessions[0]);
    server.sessions[0]?.destroy();
    await listener.until(() => listener.calls.includes("suspended"));
    await link.stop();
    expect(listener.offlines).toEqual(["the link was stopped"]);
    expect(clock.waits).toEqual([]);
  });
});

/** Resolves when the client knows that its session is managed: from then on it answers requests for acknowledgement. */
async function untilManaged(link: { isOnline: boolean }, session: FakeSession | undefined): Promise<void> {
  await vi.waitUntil(() => session?.received.includes("<enable") === true && link.isOnline);
  session?.write(`<r ${SM}/>`);
  await arrived(session, "a");
}

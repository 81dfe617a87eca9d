// A component link: handshake, addresses, loss and return, and a server that says whatever it likes (XEP-0114; contract: streams).

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { XmlText } from "../../src/xml/index.js";
import { createHandshake, isInClearForbidden } from "../../src/xmpp/component/opening.js";
import { createComponentLink } from "../../src/xmpp/component-link.js";
import { type FakeSession, testCertificate } from "../support/fake-server.js";
import { useComponentServers } from "../support/link-harness.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordingListener } from "../support/recording-listener.js";

const serve = useComponentServers();
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

beforeEach(() => {
  uncaught.length = 0;
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});

afterEach(async () => {
  // Unhandled rejections are told after the turn in which they happened.
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener("uncaughtException", note);
  process.removeListener("unhandledRejection", note);
  expect(uncaught).toEqual([]);
});

async function quiet(session: FakeSession): Promise<void> {
  await session.acceptComponent();
}

function message(addresses: string): XmlText {
  return `<message ${addresses}><body>x</body></message>` as XmlText;
}

const streamError = (condition: string) =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;

describe("the handshake", () => {
  it("computes the vector of XEP-0114", () => {
    expect(createHandshake("3BF96D32", "test")).toBe("aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e");
  });

  it("names the component in the header, and decodes the entities of the stream's id", async () => {
    const asked: string[] = [];
    const { online } = await serve(async (session) => {
      asked.push(await session.acceptComponent("höß", `a&b'"<é`.replace("<", "")));
    });
    const { link } = await online({ password: "höß" });
    expect(asked).toEqual(["rpc.localhost"]);
    expect(link.mode).toBe("component");
    expect(link.jid?.full).toBe("rpc.localhost");
  });

  it.each([
    ["not-authorized", "authentication-failed", /wrong secret/],
    ["host-unknown", "stream-error", /have no component rpc\.localhost/],
    ["conflict", "stream-error", /another connection serves rpc\.localhost; it may be an old one that is not dead yet/],
    ["internal-server-error", "stream-error", /internal-server-error/],
  ])("says what %s means", async (condition, code, text) => {
    const { fail } = await serve(async (session) => {
      await session.openComponent();
      await session.expect("handshake");
      session.write(streamError(condition));
    });
    const error = await fail();
    expect(error.code).toBe(code);
    expect(error.message).toMatch(text);
  });

  it.each([
    [
      "a header without an id",
      "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>",
    ],
    ["another root", "<html xmlns='http://www.w3.org/1999/xhtml'>"],
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    [
      "a client's features",
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='x'><stream:features/>",
    ],
    [
      "a handshake of another namespace",
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='x'><handshake/>",
    ],
    [
      "a stanza before the handshake",
      "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='x'><message/>",
    ],
    [
      "a handshake over the limit",
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='x'><handshake>${"x".repeat(10_001)}</handshake>`,
    ],
    [
      "broken XML",
      "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='x'><handshake>&#0;",
    ],
  ])("fails on %s", async (_what, text) => {
    const { fail } = await serve(async (session) => {
      await session.expectHeader();
      session.write(text);
    });
    expect((await fail()).code).toBe("stream-error");
  });

  it("ends a server that says nothing, in time", async () => {
    const { fail } = await serve((session) => session.expectHeader());
    expect((await fail({ onlineTimeoutMs: 50 })).code).toBe("timeout");
  });

  it("is in clear only with this machine, unless it was allowed", () => {
    const off = { isEncrypted: false, isLoopback: false, allowPlaintext: false };
    expect(isInClearForbidden(off)).toBe(true);
    expect(isInClearForbidden({ ...off, isEncrypted: true })).toBe(false);
    expect(isInClearForbidden({ ...off, isLoopback: true })).toBe(false);
    expect(isInClearForbidden({ ...off, allowPlaintext: true })).toBe(false);
  });

  it("is for domains only", () => {
    const options = { service: "xmpp://127.0.0.1:1", password: "x" };
    expect(() => createComponentLink({ ...options, jid: "user@localhost" })).toThrow("a component has a domain");
    expect(() => createComponentLink({ ...options, jid: "@" })).toThrow();
  });
});

describe("TLS", () => {
  it("encrypts from the first byte when told so, and checks the certificate", async () => {
    const certificate = testCertificate("localhost");
    const { connect, fail, server } = await serve(async (session) => {
      session.encrypt(certificate);
      await session.acceptComponent();
    });
    const service = `xmpp://localhost:${server.port}`;
    expect((await fail({ service, tls: true })).code).toBe("tls-failed");
    const { link, listener } = connect({ service, tls: { ca: certificate.cert } });
    await link.start(listener);
    expect(link.isOnline).toBe(true);
  });
});

describe("addresses", () => {
  it("sends nothing that would end the stream", async () => {
    const { online, server } = await serve(quiet);
    const { link } = await online();
    for (const addresses of [
      "from='rpc.localhost'",
      "to='anna@localhost'",
      "to='' from='rpc.localhost'",
      "to='anna@localhost' from='localhost'",
      "to='anna@localhost' from='rpc.localhost@evil.example'",
      "to='anna@localhost' from='evil.example/rpc.localhost'",
      "to='anna@localhost' from='evil.example/x@rpc.localhost'",
      "to='anna@localhost' from='xrpc.localhost'",
      "id=' to=&quot;x&quot; from=&quot;rpc.localhost&quot;'",
    ]) {
      expect(link.send(message(addresses)), addresses).toBe(false);
    }
    for (const from of [
      "rpc.localhost",
      "rpc.localhost/r",
      "any@rpc.localhost",
      "any@rpc.localhost/a@b/c",
      "RPC.localhost",
    ]) {
      expect(link.send(message(`to="anna@localhost" from="${from}"`)), from).toBe(true);
    }
    expect(link.isOnline).toBe(true);
    const [session] = server.sessions;
    for (let index = 0; index < 5; index += 1) await session?.expect("message");
  });

  it("hears only what is for its domain", async () => {
    const { online, server } = await serve(quiet);
    const { listener } = await online();
    server.sessions[0]?.write(
      "<message id='1' to='rpc.localhost'/><message id='2' to='evil.example'/><message id='3' to='x@rpc.localhost/y'/>" +
        "<message id='4'/><message id='5' to='rpc.localhost.evil.example'/><message id='6' to='Rpc.Localhost'/>",
    );
    await listener.until(() => listener.stanzas.length === 4);
    expect(listener.stanzas.map(({ attrs }) => attrs.id)).toEqual(["1", "3", "4", "6"]);
  });
});

describe("loss and return", () => {
  it("comes back by itself, and goes offline at once", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { link, listener } = await online({ clock, random: () => 0.999 });
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    expect(link.send(message("to='a@b' from='rpc.localhost'"))).toBe(false);
    expect(clock.waits).toEqual([999]);
    clock.advance(999);
    await listener.until(() => listener.onlines.length === 2);
    expect(listener.calls).toEqual(["online", "offline", "online"]);
  });

  it("tries slowly while the old connection is not dead", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(async (session) => {
      if (session.index !== 1) return quiet(session);
      await session.openComponent();
      session.write(streamError("conflict"));
    });
    const { listener } = await online({ clock, random: () => 0 });
    server.sessions[0]?.destroy();
    await listener.until(() => listener.offlines.length === 1);
    clock.advance(0);
    while (!clock.waits.includes(30_000)) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(30_000);
    await listener.until(() => listener.onlines.length === 2);
  });

  it.each([
    ["an unknown entity", "<message>&bogus;</message>"],
    ["U+0000", "<message>&#0;</message>"],
    ["a comment", "<!-- x -->"],
    ["a wrong end tag", "<message></iq>"],
    ["the end of its stream", "</stream:stream>"],
    ["a stream error without a condition", "<stream:error/>"],
    ["an error that is none of ours", streamError("x-made-up")],
  ])("ends in order on %s, and comes back", async (_what, text) => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { listener } = await online({ clock, random: () => 0 });
    server.sessions[0]?.write(text);
    await listener.until(() => listener.offlines.length === 1);
    expect(server.sessions[0]?.received).not.toContain("undefined</");
    clock.advance(0);
    await listener.until(() => listener.onlines.length === 2);
  });

  it("skips a stanza over the limit and goes on", async () => {
    const { online, server } = await serve(quiet);
    const { listener } = await online({ limits: { maxStanzaBytes: 10_000 } });
    server.sessions[0]?.write(`<iq type='get' id='big'><x>${"y".repeat(10_000)}</x></iq><message id='next'/>`);
    await listener.until(() => listener.stanzas.length === 1);
    expect(listener.calls).toEqual(["online", "oversize", "stanza"]);
  });
});

describe("a full link", () => {
  it("takes nothing more, and says when it does again", async () => {
    const { online, server } = await serve(async (session) => {
      await session.acceptComponent();
      session.pause();
    });
    const { link, listener } = await online({ maxUnsentBytes: 100_000 });
    while (server.sessions[0]?.isPaused !== true) await new Promise((resolve) => setImmediate(resolve));
    const large = `<message to='a@b' from='rpc.localhost'>${"x".repeat(60_000)}</message>` as XmlText;
    let taken = 0;
    while (link.send(large) && taken < 10_000) taken += 1;
    expect(taken).toBeLessThan(10_000);
    expect(link.send(large)).toBe(false);
    server.sessions[0]?.resume();
    await listener.until(() => listener.calls.includes("resumed"));
    expect(link.send(large)).toBe(true);
    expect(listener.calls).toEqual(["online", "resumed"]);
  });
});

describe("pings", () => {
  it("go to the domain above, in the component's name, and confirm what was sent before", async () => {
    const { online, server } = await serve(async (session) => {
      await session.acceptComponent();
      await session.answerPings();
    });
    const { link } = await online();
    link.send(message("to='a@b' from='rpc.localhost'"));
    await link.flushed();
    expect(server.sessions[0]?.received).toMatch(
      /<message .*<iq type="get" id="[^"]+" to="localhost" from="rpc.localhost">/,
    );
  });

  it("go where the settings say", async () => {
    const { online, server } = await serve(async (session) => {
      await session.acceptComponent();
      await session.answerPings();
    });
    const { link } = await online({ serverDomain: "elsewhere.example" });
    await link.flushed();
    expect(server.sessions[0]?.received).toContain('to="elsewhere.example"');
  });

  it("are not sent where replicas could take the answers", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { link } = await online({ clock, replicas: true });
    link.send(message("to='a@b' from='rpc.localhost'"));
    await link.flushed();
    clock.advance(3_600_000);
    expect(link.isOnline).toBe(true);
    expect((await server.sessions[0]?.expect("message"))?.name).toBe("message");
    expect(server.sessions[0]?.received).not.toContain("urn:xmpp:ping");
  });

  it("find a dead server, but only when something is unanswered", async () => {
    const clock = new ManualClock();
    const { online, server } = await serve(quiet);
    const { link, listener } = await online({ clock });
    clock.advance(3_600_000);
    link.send(message("to='a@b' from='rpc.localhost'"));
    clock.advance(15_000);
    expect((await server.sessions[0]?.expect("message"))?.name).toBe("message");
    await server.sessions[0]?.expect("iq");
    clock.advance(15_000);
    expect(listener.offlines[0]).toContain("does not answer");
  });
});

describe("stop", () => {
  it("closes the stream in order", async () => {
    const { online, server } = await serve(async (session) => {
      await session.acceptComponent();
      await session.answerPings();
    });
    const { link, listener } = await online();
    await Promise.all([link.stop(), link.stop()]);
    expect(server.sessions[0]?.received).toMatch(/<\/stream:stream>$/);
    expect(listener.calls).toEqual(["online", "offline"]);
    await expect(link.start(new RecordingListener())).rejects.toMatchObject({ code: "stopped" });
  });
});

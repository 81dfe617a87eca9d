// A server may say anything at any time: the link ends in order and comes back, the process never (field notes §1.3; libraries §5.3).

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BIND_FEATURE, type FakeSession, mechanismsFeature } from "../support/fake-server.js";
import { useServers } from "../support/link-harness.js";
import { ManualClock } from "../support/manual-clock.js";

const serve = useServers();
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

function failAlways(): never {
  throw new Error("a bug in the owner");
}

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

/** What breaks a stream, and the stream error that answers it (RFC 6120 §4.9.3). */
const BROKEN: [string, string, string][] = [
  ["an unknown entity", "<message><body>&bogus;</body></message>", ""],
  ["a reference to U+0000", "<message>&#0;</message>", "not-well-formed"],
  ["a mismatched end tag", "<message></iq>", "not-well-formed"],
  ["bytes after an error", "<message></iq><message/><message/>", "not-well-formed"],
  ["a DOCTYPE", "<!DOCTYPE x><message/>", "restricted-xml"],
  ["a comment", "<!-- x --><message/>", "restricted-xml"],
  ["a processing instruction", "<?x y?><message/>", "restricted-xml"],
  ["an undeclared prefix", "<a:message/>", ""],
  ["a doubled attribute", "<message id='1' id='2'/>", "not-well-formed"],
  ["a control character", "<message>\u0001</message>", "not-well-formed"],
  ["a lonely <", "<<", "not-well-formed"],
];

describe("online", () => {
  it.each(BROKEN)("answers %s with a stream error, and comes back", async (_what, xml, condition) => {
    const clock = new ManualClock();
    const { online, server } = await serve(async (session) => {
      await session.login();
    });
    const { listener } = await online({ clock });
    const [session] = server.sessions;
    session?.write(`<message id='before'/>${xml}`);
    await listener.until(() => listener.offlines.length === 1);
    expect(listener.calls).toEqual(["online", "stanza", "offline"]);
    await session?.closed();
    expect(session?.received).toContain("<stream:error><");
    expect(session?.received).toContain(`<${condition}`);
    expect(session?.received).toMatch(/<\/stream:stream>$/);
    clock.advance(1_000);
    await listener.until(() => listener.onlines.length === 2);
  });

  it("ends on bytes that are no UTF-8", async () => {
    const { online, server } = await serve(async (session) => {
      await session.login();
    });
    const { listener } = await online({ clock: new ManualClock() });
    server.sessions[0]?.write(Uint8Array.of(0x3c, 0xc3, 0x28, 0xff));
    await listener.until(() => listener.offlines.length === 1);
  });

  it.each([
    ["closes its stream", (session: FakeSession) => session.write("</stream:stream>")],
    ["closes the connection", (session: FakeSession) => session.end()],
    ["resets the connection", (session: FakeSession) => session.reset()],
    ["ends the stream with an error without a condition", (session: FakeSession) => session.write("<stream:error/>")],
  ])("is told when the server %s", async (_what, act) => {
    const clock = new ManualClock();
    const { online, server } = await serve(async (session) => {
      await session.login();
    });
    const { listener } = await online({ clock });
    const [session] = server.sessions;
    if (session !== undefined) act(session);
    await listener.until(() => listener.offlines.length === 1);
    clock.advance(1_000);
    await listener.until(() => listener.onlines.length === 2);
  });

  it("survives a listener that throws", async () => {
    const { connect, server } = await serve(async (session) => {
      await session.login();
      session.write("<message/>");
      await session.answerPings();
    });
    const { link } = connect();
    await link.start({ stanza: failAlways, online: failAlways, offline: failAlways, oversize: failAlways });
    await link.flushed();
    expect(link.isOnline).toBe(true);
    expect(server.sessions).toHaveLength(1);
  });
});

describe("during the negotiation", () => {
  it.each(BROKEN)("fails on %s", async (_what, xml) => {
    const { fail } = await serve(async (session) => {
      await session.expectHeader();
      session.write(
        `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>${xml}`,
      );
    });
    expect((await fail()).code).toBe("stream-error");
  });

  it.each([
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["another root", "<html xmlns='http://www.w3.org/1999/xhtml'>"],
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n"],
  ])("fails on %s in place of a stream", async (_what, text) => {
    const { fail } = await serve((session) => {
      session.write(text);
      return Promise.resolve();
    });
    expect((await fail()).code).toBe("stream-error");
  });

  it.each([
    ["a stanza before authentication", "<message/>"],
    ["success without an authentication", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
    ["proceed without a request", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ["features twice", `<stream:features>${mechanismsFeature(["SCRAM-SHA-1"])}</stream:features>`.repeat(2)],
    ["an early answer", "<iq type='result' id='1'/>"],
    ["features without end", `<stream:features>${"<x xmlns='y'/>".repeat(2_000)}</stream:features>`],
  ])("fails on %s", async (_what, xml) => {
    const { fail } = await serve(async (session) => {
      await session.expectHeader();
      session.write(
        `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>${xml}`,
      );
    });
    expect((await fail()).code).toMatch(/^(stream-error|authentication-failed)$/);
  });

  it.each([
    ["success at once", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
    ["success with text that is no base64", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>***</success>"],
    ["a challenge that is no base64", "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>***</challenge>"],
    ["many challenges at once", "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>eA==</challenge>".repeat(20)],
    ["a failure without a condition", "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
  ])("trusts no %s", async (_what, xml) => {
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.expect("auth");
      session.write(xml);
    });
    expect((await fail()).code).toBe("authentication-failed");
  });

  it.each([
    [
      "an error",
      "<iq type='error' id='ID'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ],
    ["an error without <error/>", "<iq type='error' id='ID'/>"],
    ["a result without an address", "<iq type='result' id='ID'/>"],
    ["an empty address", "<iq type='result' id='ID'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid/></bind></iq>"],
    [
      "the address @",
      "<iq type='result' id='ID'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>@</jid></bind></iq>",
    ],
    [
      "a sender that is no address",
      "<iq type='result' id='ID' from='@'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bind></iq>",
    ],
  ])("fails when the binding is answered by %s", async (_what, xml) => {
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(BIND_FEATURE);
      const iq = await session.expect("iq");
      session.write(xml.replace("ID", iq.attrs.id ?? ""));
    });
    expect((await fail()).code).toBe("stream-error");
  });

  it("waits no longer than told for an answer to a binding with another id", async () => {
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(BIND_FEATURE);
      await session.expect("iq");
      session.write(
        "<iq type='result' id='other'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bind></iq>",
      );
    });
    expect((await fail({ onlineTimeoutMs: 100 })).code).toBe("timeout");
  });
});

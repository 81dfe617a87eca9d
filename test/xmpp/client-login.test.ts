// A client link comes online: streams, authentication, TLS, binding (RFC 6120 §4 to §7; field notes §1).

import { describe, expect, it } from "vitest";
import {
  BIND_FEATURE,
  mechanismsFeature,
  type ScramAlterations,
  STARTTLS_FEATURE,
  testCertificate,
} from "../support/fake-server.js";
import { useServers } from "../support/link-harness.js";

const serve = useServers();

describe("login", () => {
  it.each([["SCRAM-SHA-1"], ["SCRAM-SHA-256"]])(
    "goes online with %s and gives the address the server bound",
    async (mechanism) => {
      const { connect } = await serve(async (session) => {
        await session.openStream(mechanismsFeature([mechanism]));
        expect(await session.authenticate("secret")).toEqual({ mechanism, username: "user" });
        await session.openStream(BIND_FEATURE);
        await session.bind("user@localhost/assigned");
        await session.answerPings();
      });
      const { link, listener } = connect();
      expect((await link.start(listener)).full).toBe("user@localhost/assigned");
      expect(listener.onlines).toEqual(["user@localhost/assigned"]);
      expect(link.jid?.full).toBe("user@localhost/assigned");
      expect(link.isOnline).toBe(true);
    },
  );

  it("prefers SCRAM-SHA-256, whatever the order of the offer", async () => {
    const { connect, server } = await serve(async (session) => {
      await session.login("secret", ["PLAIN", "SCRAM-SHA-1", "X-OTHER", "SCRAM-SHA-256", "ANONYMOUS"]);
    });
    const { link, listener } = connect();
    await link.start(listener);
    expect(server.sessions[0]?.received).toContain('mechanism="SCRAM-SHA-256"');
  });

  it.each([
    ["SCRAM-SHA-1", "пароль-é😀"],
    ["SCRAM-SHA-256", "naïve,=password"],
  ])("carries non-ASCII names and passwords through %s", async (mechanism, password) => {
    const { connect } = await serve(async (session) => {
      await session.openStream(mechanismsFeature([mechanism]));
      expect(await session.authenticate(password)).toEqual({ mechanism, username: "жозé,=a" });
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { link, listener } = connect({ jid: "жозé,=a@localhost/r", password });
    await link.start(listener);
  });

  it("accepts the server's signature in a challenge before success", async () => {
    const { connect } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret", { finalAsChallenge: true });
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { link, listener } = connect();
    await link.start(listener);
  });

  it("refuses a wrong password, and stops trying", async () => {
    const { fail, server } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await expect(session.authenticate("another")).rejects.toThrow("wrong password");
    });
    const error = await fail();
    expect(error.code).toBe("authentication-failed");
    expect(error.message).toContain("not-authorized");
    expect(error.message).not.toContain("secret");
    expect(server.sessions).toHaveLength(1);
  });

  it.each<[string, ScramAlterations, RegExp]>([
    ["sends no signature", { serverFinal: "", acceptsAnything: true }, /could not prove/],
    [
      "sends a wrong signature",
      { serverFinal: `v=${Buffer.alloc(20).toString("base64")}`, acceptsAnything: true },
      /could not prove/,
    ],
    ["does not extend the nonce", { nonce: "abcdefgh12345678" }, /nonce/],
    ["asks for one iteration", { iterations: 1 }, /1 SCRAM iterations, expected 4096/],
    ["asks for 4095 iterations", { iterations: 4095 }, /4095 SCRAM iterations/],
    ["asks for too many iterations", { serverFirst: "r=x,s=QSXCR+Q6sek8bf92,i=4000000000" }, /nonce|iterations/],
    ["demands an extension", { serverFirst: "m=x,r=x,s=QSXCR+Q6sek8bf92,i=4096" }, /malformed/],
    ["sends junk", { serverFirst: "\u0000\u0001" }, /malformed/],
  ])("does not trust a server that %s", async (_what, alter, message) => {
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret", alter).catch(() => undefined);
    });
    const error = await fail();
    expect(error.code).toBe("authentication-failed");
    expect(error.message).toMatch(message);
  });

  it("accepts fewer iterations when the settings say so", async () => {
    const { connect } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret", { iterations: 10 });
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { link, listener } = connect({ minScramIterations: 10 });
    await link.start(listener);
  });

  it("never sends PLAIN in clear, also on loopback", async () => {
    const { fail, server } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["PLAIN"]));
    });
    const error = await fail();
    expect(error.code).toBe("authentication-failed");
    expect(error.message).toContain("offers PLAIN");
    expect(server.sessions[0]?.received).not.toContain("<auth");
  });

  it("hides from the library what is ours or not used: stream management, SASL2, session", async () => {
    const sasl2 =
      "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>";
    const { online, server } = await serve(async (session) => {
      await session.openStream(sasl2 + mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(`${BIND_FEATURE}<csi xmlns='urn:xmpp:csi:0'/>`);
      await session.bind();
      await session.answerPings();
    });
    const { link } = await online();
    await link.flushed();
    expect(server.sessions[0]?.received).not.toMatch(/urn:xmpp:(sasl:2|sm:3|bind:0|csi:0)|xmpp-session/);
  });

  it("fails at once on features that lead nowhere", async () => {
    const { fail } = await serve((session) => session.openStream(""));
    expect((await fail()).code).toBe("authentication-failed");
  });

  it("fails when there is no binding after authentication", async () => {
    const { fail } = await serve(async (session) => {
      await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream("");
    });
    expect((await fail()).message).toContain("no resource binding");
  });

  it("gives up on a server that accepts and says nothing", async () => {
    const { fail } = await serve(() => Promise.resolve());
    expect((await fail({ onlineTimeoutMs: 50 })).code).toBe("timeout");
  });

  it("says what happened when nobody listens", async () => {
    const { server, fail } = await serve(() => Promise.resolve());
    await server.close();
    const error = await fail();
    expect(error.code).toBe("connect-failed");
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
  });
});

describe("TLS", () => {
  const localhost = testCertificate("localhost");

  it("upgrades with STARTTLS, and sends PLAIN with non-ASCII only then", async () => {
    const { connect } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE + mechanismsFeature(["PLAIN"]));
      await session.startTls(localhost);
      await session.openStream(mechanismsFeature(["PLAIN"]));
      expect(await session.authenticate("pässwörd€")).toEqual({ mechanism: "PLAIN", username: "jörg" });
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { link, listener } = connect({ jid: "jörg@localhost", password: "pässwörd€", tls: { ca: localhost.cert } });
    await link.start(listener);
  });

  it("connects with TLS from the start", async () => {
    const { connect, server } = await serve(async (session) => {
      session.encrypt(localhost);
      await session.login();
    });
    const { link, listener } = connect({ service: `xmpps://127.0.0.1:${server.port}`, tls: { ca: localhost.cert } });
    await link.start(listener);
  });

  it("refuses a certificate that nobody signed", async () => {
    const { fail, server } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE);
      await session.startTls(localhost);
    });
    const error = await fail();
    expect(error.code).toBe("tls-failed");
    expect(error.message).toMatch(/self-signed.*tls\.ca/);
    expect(server.sessions[0]?.received).not.toContain("<auth");
  });

  it("refuses a trusted certificate of another domain: the JID's domain counts, not the host", async () => {
    const other = testCertificate("other.example");
    const { fail, server } = await serve((session) => {
      session.encrypt(other);
      return Promise.resolve();
    });
    const error = await fail({ service: `xmpps://127.0.0.1:${server.port}`, tls: { ca: other.cert } });
    expect(error.code).toBe("tls-failed");
    expect(error.message).toContain("localhost");
  });

  it("takes any certificate when told to, but sends no PLAIN to another machine then", async () => {
    const { connect } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE);
      await session.startTls(testCertificate("other.example"));
      await session.login();
    });
    const { link, listener } = connect({ tls: { insecure: true } });
    await link.start(listener);
  });

  it("stays in clear on loopback when nothing asks for TLS", async () => {
    const { connect, server } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE.replace("<required/>", "") + mechanismsFeature(["SCRAM-SHA-1"]));
      await session.authenticate("secret");
      await session.openStream(BIND_FEATURE);
      await session.bind();
    });
    const { link, listener } = connect();
    await link.start(listener);
    expect(server.sessions[0]?.received).not.toContain("starttls");
  });

  it("does not accept a server that lost its TLS when the settings say how to check it", async () => {
    const { fail, server } = await serve((session) => session.openStream(mechanismsFeature(["SCRAM-SHA-1"])));
    expect((await fail({ tls: { ca: localhost.cert } })).code).toBe("tls-required");
    expect(server.sessions[0]?.received).not.toContain("<auth");
  });

  it("refuses bytes between proceed and TLS", async () => {
    const { fail } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE);
      await session.expect("starttls");
      session.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features/>");
    });
    expect(await fail()).toMatchObject({
      code: "tls-failed",
      message: expect.stringContaining("between <proceed/> and TLS"),
    });
  });

  it.each([
    ["refuses STARTTLS", "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ["speaks no TLS after proceed", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  ])("says tls-failed when the server %s", async (_what, answer) => {
    const { fail } = await serve(async (session) => {
      await session.openStream(STARTTLS_FEATURE);
      await session.expect("starttls");
      session.restart();
      session.write(answer);
      setImmediate(() => session.end());
    });
    expect((await fail()).code).toBe("tls-failed");
  });
});

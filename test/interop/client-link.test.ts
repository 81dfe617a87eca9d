// A client link with a real server: Debian's Prosody (issue 2 §7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LogFields, silentLogger } from "../../src/observe/index.js";
import { element, escapeText, textOf, type XmlElement } from "../../src/xml/index.js";
import { type ClientLinkOptions, createClientLink } from "../../src/xmpp/client-link.js";
import type { Link } from "../../src/xmpp/link.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { RecordingListener } from "../support/recording-listener.js";

const USERS = { anna: "пароль, = é😀", bert: "secret" };
const links: Link[] = [];

async function login(prosody: Prosody, name: keyof typeof USERS, options: Partial<ClientLinkOptions> = {}) {
  const security: LogFields = {};
  const log = { ...silentLogger, info: (_event: string, fields?: LogFields) => void Object.assign(security, fields) };
  const link = createClientLink({
    log,
    service: `xmpp://127.0.0.1:${prosody.port}`,
    jid: `${name}@localhost/interop`,
    password: USERS[name],
    ...options,
  });
  links.push(link);
  const listener = new RecordingListener();
  await link.start(listener);
  return { link, listener, security };
}

function message(to: string, body: string) {
  return element("message", { to, type: "chat" }, element("body", {}, escapeText(body)));
}

function bodyOf(stanza: XmlElement | undefined): string {
  const body = stanza?.children[0];
  return typeof body === "object" ? textOf(body) : "";
}

afterAll(async () => {
  await Promise.all(links.map((link) => link.stop()));
});

describe("on loopback in clear", () => {
  let prosody: Prosody;
  beforeAll(async () => {
    prosody = await startProsody({ users: USERS });
  });
  afterAll(() => prosody.stop());

  it("logs in with the best SCRAM and carries stanzas both ways, also 200 kB of non-ASCII text", async () => {
    const anna = await login(prosody, "anna");
    const bert = await login(prosody, "bert");
    // No CR: Prosody reads our &#xD; and writes a bare CR, which every XML reader then takes for a line feed.
    const large = `${"añ€😀".repeat(20_000)}\n\t`;
    const texts = ["<&>\"' ]]>", large, "last"];
    for (const text of texts) expect(anna.link.send(message("bert@localhost/interop", text))).toBe(true);
    await anna.link.flushed();
    await bert.listener.until(() => bert.listener.stanzas.length === 3);
    expect(Buffer.byteLength(large)).toBeGreaterThan(199_999);
    // Compared outside of expect, which would print 200 kB.
    expect(bert.listener.stanzas.map((stanza, index) => bodyOf(stanza) === texts[index])).toEqual([true, true, true]);
    bert.link.send(message("anna@localhost/interop", "back"));
    await anna.listener.until(() => anna.listener.stanzas.length === 1);
    expect(anna.listener.stanzas[0]?.attrs.from).toBe("bert@localhost/interop");
    await anna.link.stop();
    await bert.link.stop();
  });

  it("refuses a wrong password", async () => {
    await expect(login(prosody, "bert", { password: "wrong" })).rejects.toMatchObject({
      code: "authentication-failed",
    });
  });

  it("waits long after it was evicted by the same address", async () => {
    const first = await login(prosody, "bert");
    await login(prosody, "bert");
    await first.listener.until(() => first.listener.offlines.length === 1);
    expect(first.listener.offlines[0]).toContain("conflict");
    await Promise.all(links.map((link) => link.stop()));
  });

  it("comes back by itself after the server was killed", async () => {
    const anna = await login(prosody, "anna");
    await prosody.restart();
    await anna.listener.until(() => anna.listener.onlines.length === 2);
    await anna.link.flushed();
    expect(anna.listener.calls).toEqual(["online", "offline", "online"]);
  });
});

describe("with another store of passwords", () => {
  it("logs in with SCRAM-SHA-1 when the server has nothing better", async () => {
    const prosody = await startProsody({
      users: USERS,
      hostConfig: 'disable_sasl_mechanisms = { "SCRAM-SHA-256", "PLAIN" }',
    });
    const { link, security } = await login(prosody, "anna");
    expect(security).toMatchObject({ mechanism: "SCRAM-SHA-1", encrypted: false });
    await link.flushed();
    await link.stop();
    await prosody.stop();
  });

  it("logs in with SCRAM-SHA-256", async () => {
    const prosody = await startProsody({ users: USERS, extraConfig: 'password_hash = "SHA-256"' });
    const { link, security } = await login(prosody, "anna");
    expect(security).toMatchObject({ mechanism: "SCRAM-SHA-256", encrypted: false });
    await link.stop();
    await prosody.stop();
  });
});

describe("with TLS", () => {
  let prosody: Prosody;
  beforeAll(async () => {
    prosody = await startProsody({ users: USERS, tls: true });
  });
  afterAll(() => prosody.stop());

  it("upgrades by STARTTLS when it trusts the certificate", async () => {
    const { link, security } = await login(prosody, "anna", { tls: { ca: prosody.certificate ?? "" } });
    expect(security).toMatchObject({ encrypted: true });
    await link.flushed();
    await link.stop();
  });

  it("sends nothing to a server whose certificate it does not trust", async () => {
    await expect(login(prosody, "anna")).rejects.toMatchObject({ code: "tls-failed" });
  });
});

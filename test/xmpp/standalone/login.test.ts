// Logging in at a stand-alone endpoint: bare sockets, STARTTLS, WebSocket, and our own client link.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createClientLink, createMemoryAccounts, createStandaloneLink, LinkError } from "../../../src/xmpp/index.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { bindRequest, HEADER, RawClient, scramClient, startGateway, type TestGateway } from "./support.js";

const fixtures = join(import.meta.dirname, "../../../../test/fixtures/tls");
const tls = { cert: join(fixtures, "localhost.crt"), key: join(fixtures, "localhost.key") };
const ca = readFileSync(tls.cert, "utf8");
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const ECHO = "<iq type='get' id='1' to='localhost'><query xmlns='urn:echo'/></iq>";

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

/** Asks for TLS and speaks it. */
async function secure(client: RawClient): Promise<void> {
  client.write(HEADER);
  await client.until("</stream:features>");
  client.write(STARTTLS);
  await client.until("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  client.socket.removeAllListeners("data");
  client.attach(connectTls({ socket: client.socket, ca, servername: "localhost" }));
}

describe("a bare socket", () => {
  it.each(["SCRAM-SHA-1", "SCRAM-SHA-256"] as const)("logs in by %s and is answered", async (mechanism) => {
    gateway = await startGateway();
    const client = await RawClient.connect(gateway.port);
    await client.authenticate("alice", "secret", mechanism);
    expect(await client.bind("home")).toBe("alice@localhost/home");
    client.write(ECHO);
    expect(await client.until("</iq>")).toBe(
      "<iq type='result' id='1' to='alice@localhost/home' from='localhost'><query xmlns='urn:echo'/></iq>",
    );
    client.write("</stream:stream>");
    expect(await client.closed()).toBe("</stream:stream>");
  });

  it("may send everything up to binding before it hears of its success", async () => {
    gateway = await startGateway();
    const client = await RawClient.connect(gateway.port);
    const { auth, respond } = scramClient("SCRAM-SHA-1", "alice", "secret");
    client.write(HEADER + auth);
    const challenge = /<challenge[^>]*>([^<]*)/.exec(await client.until("</challenge>"))?.[1] ?? "";
    client.write((await respond(challenge)) + HEADER + bindRequest("home") + ECHO);
    const seen = await client.until("<query xmlns='urn:echo'/></iq>");
    expect(seen).toMatch(/<\/success>.*<\/stream:features>.*alice@localhost\/home.*id='1'/s);
  });

  it("learns the same of an unknown user and of a wrong password", async () => {
    gateway = await startGateway();
    const attempt = async (name: string, password: string) => {
      const client = await RawClient.connect(gateway?.port ?? 0);
      client.write(HEADER);
      await client.until("</stream:features>");
      const { auth, respond } = scramClient("SCRAM-SHA-256", name, password);
      client.write(auth);
      const challenge = await client.until("</challenge>");
      client.write(await respond(/<challenge[^>]*>([^<]*)/.exec(challenge)?.[1] ?? ""));
      const outcome = await client.until("</failure>");
      client.destroy();
      return { length: challenge.length, outcome };
    };
    const wrong = await attempt("alice", "Secret");
    expect(wrong.outcome).toContain("<not-authorized/>");
    expect(await attempt("ghost", "secret")).toEqual(wrong);
  });

  it("may be anonymous where that is allowed", async () => {
    gateway = await startGateway({ anonymous: true });
    const client = await RawClient.connect(gateway.port);
    client.write(HEADER);
    expect(await client.until("</stream:features>")).toContain("<mechanism>ANONYMOUS</mechanism>");
    client.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
    await client.until(/<success [^>]*\/>/);
    client.write(HEADER);
    expect(await client.bind("x")).toMatch(/^anonymous-[0-9a-f]{16}@localhost\/x$/);
  });

  it("cannot have the gateway's own name", async () => {
    gateway = await startGateway();
    await gateway.accounts.set("rpc", "secret");
    const client = await RawClient.connect(gateway.port);
    await client.authenticate("rpc");
    client.write(bindRequest("x"));
    expect(await client.until("</iq>")).toContain("<not-allowed");
  });
});

describe("STARTTLS", () => {
  it("is offered beside SCRAM on loopback, and PLAIN with it", async () => {
    gateway = await startGateway({ tls });
    const client = await RawClient.connect(gateway.port);
    await secure(client);
    client.write(HEADER);
    const features = await client.until("</stream:features>");
    expect(features).not.toContain("starttls");
    expect(features).toContain("<mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>");
    const text = Buffer.from("\0alice\0secret").toString("base64");
    client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${text}</auth>`);
    await client.until(/<success [^>]*\/>/);
    client.write(HEADER);
    expect(await client.bind("x")).toBe("alice@localhost/x");
    client.write(`${ECHO}</stream:stream>`);
    expect(await client.closed()).toContain("id='1'");
  });

  it("sends PLAIN in clear away", async () => {
    gateway = await startGateway({ tls });
    const client = await RawClient.connect(gateway.port);
    client.write(`${HEADER}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>`);
    expect(await client.until("</failure>")).toContain("<encryption-required/>");
  });

  it("throws away a stranger's words in clear after the request", async () => {
    gateway = await startGateway({ tls });
    const client = await RawClient.connect(gateway.port);
    client.write(HEADER);
    await client.until("</stream:features>");
    client.write(`${STARTTLS}${HEADER}<iq type='get' id='1' to='localhost'/>`);
    expect(await client.closed()).toBe("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
    expect(gateway.listener.stanzas).toEqual([]);
  });

  it("ends a connection that speaks anything else", async () => {
    gateway = await startGateway({ tls });
    const client = await RawClient.connect(gateway.port);
    client.write(HEADER);
    await client.until("</stream:features>");
    client.write(STARTTLS);
    await client.until("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.write(HEADER);
    await client.closed();
    while (gateway.link.connections > 0) await new Promise(setImmediate);
  });

  it("uses a new certificate from its reloading on", async () => {
    gateway = await startGateway({ tls });
    const other = { cert: join(fixtures, "other.example.crt"), key: join(fixtures, "other.example.key") };
    expect(() => gateway?.link.reloadTls({ ...other, key: tls.key })).toThrow(LinkError);
    gateway.link.reloadTls(other);
    const client = await RawClient.connect(gateway.port);
    client.write(HEADER);
    await client.until("</stream:features>");
    client.write(STARTTLS);
    await client.until("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.socket.removeAllListeners("data");
    const socket = connectTls({ socket: client.socket, rejectUnauthorized: false });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    expect(socket.getPeerCertificate().subject.CN).toBe("other.example");
    socket.destroy();
  });
});

describe("our own client link", () => {
  it.each([
    ["in clear", {}, {}],
    ["over STARTTLS", { tls }, { tls: { ca } }],
  ])("logs in %s", async (_how, server, client) => {
    gateway = await startGateway(server);
    const service = `xmpp://127.0.0.1:${gateway.port}`;
    const link = createClientLink({ service, jid: "alice@localhost/home", password: "secret", ...client });
    const listener = new RecordingListener();
    expect((await link.start(listener)).full).toBe("alice@localhost/home");
    await link.flushed();
    await link.stop();
  });
});

describe("WebSocket", () => {
  const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
  const CLOSE = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

  class WebSocketClient {
    readonly messages: string[] = [];
    readonly socket: WebSocket;
    closeCode: number | undefined;
    #wake: () => void = () => undefined;

    constructor(url: string, options: ConstructorParameters<typeof WebSocket>[2] = {}, protocols = ["xmpp"]) {
      this.socket = new WebSocket(url, protocols, options);
      this.socket.on("message", (data: Buffer) => {
        this.messages.push(data.toString());
        this.#wake();
      });
      this.socket.on("close", (code) => {
        this.closeCode = code;
        this.#wake();
      });
    }

    opened(): Promise<string> {
      return new Promise((resolve) => {
        this.socket.once("open", () => resolve("open"));
        this.socket.once("error", (error) => resolve(error.message));
      });
    }

    async next(): Promise<string> {
      for (;;) {
        const message = this.messages.shift();
        if (message !== undefined) return message;
        if (this.closeCode !== undefined) return `closed ${this.closeCode}`;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  it("carries a whole session, one element a message", async () => {
    const client = new WebSocketClient(await start(), { origin: "https://app.example.org" });
    expect(await client.opened()).toBe("open");
    client.socket.send(OPEN);
    expect(await client.next()).toMatch(
      /^<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='[^']+' from='localhost' version='1.0'/,
    );
    const features = await client.next();
    expect(features).toMatch(/^<stream:features xmlns:stream='http:\/\/etherx.jabber.org\/streams'>.*SCRAM-SHA-256/);
    expect(features).not.toMatch(/starttls|PLAIN/);
    const { auth, respond } = scramClient("SCRAM-SHA-256", "alice", "secret");
    client.socket.send(auth);
    client.socket.send(await respond(/>([^<]*)</.exec(await client.next())?.[1] ?? ""));
    expect(await client.next()).toContain("<success");
    client.socket.send(OPEN);
    expect(await client.next()).toContain("<open");
    expect(await client.next()).toContain("<bind");
    client.socket.send(bindRequest("web").replace("<iq", "<iq xmlns='jabber:client'"));
    expect(await client.next()).toMatch(/^<iq xmlns='jabber:client' type='result'.*alice@localhost\/web/);
    client.socket.send(ECHO.replace("<iq", "<iq xmlns='jabber:client'"));
    expect(await client.next()).toBe(
      "<iq xmlns='jabber:client' type='result' id='1' to='alice@localhost/web' from='localhost'><query xmlns='urn:echo'/></iq>",
    );
    client.socket.send(CLOSE);
    expect(await client.next()).toBe(CLOSE);
    expect(await client.next()).toBe("closed 1000");
  });

  it.each([
    ["a stream of TCP", HEADER, "not-well-formed"],
    ["an element before the header", "<iq xmlns='jabber:client' type='get' id='1'/>", "invalid-namespace"],
    ["another host", OPEN.replace("localhost", "example.org"), "host-unknown"],
    ["white space before the element", ` ${OPEN}`, "not-well-formed"],
    ["two elements", OPEN + OPEN, "not-well-formed"],
    ["a comment", "<!-- x -->", "restricted-xml"],
    ["a document type", `<!DOCTYPE x>${OPEN}`, "restricted-xml"],
    ["a message over 10,000 bytes", OPEN.replace("localhost", "x".repeat(10_000)), "policy-violation"],
  ])("answers %s with an error", async (_what, message, condition) => {
    const client = new WebSocketClient(await start());
    await client.opened();
    client.socket.send(message);
    expect(await client.next()).toContain("<open");
    expect(await client.next()).toContain(
      `<stream:error xmlns:stream='http://etherx.jabber.org/streams'><${condition} `,
    );
    expect(await client.next()).toBe(CLOSE);
    expect(await client.next()).toBe("closed 1000");
  });

  it("takes no binary messages", async () => {
    const client = new WebSocketClient(await start());
    await client.opened();
    client.socket.send(Buffer.from(OPEN));
    expect(await client.next()).toBe("closed 1003");
  });

  it.each([
    ["another origin", "", { origin: "https://evil.example" }, ["xmpp"], "403"],
    ["another path", "x", {}, ["xmpp"], "404"],
    ["another subprotocol", "", {}, ["mqtt"], "400"],
    ["no subprotocol", "", {}, [], "400"],
  ])("refuses %s", async (_what, path, options, protocols, status) => {
    const client = new WebSocketClient((await start()) + path, options, protocols);
    expect(await client.opened()).toBe(`Unexpected server response: ${status}`);
  });

  it("is wss where there is a certificate, with PLAIN", async () => {
    const url = await start({ tls });
    expect(url).toMatch(/^wss:/);
    const client = new WebSocketClient(url.replace("127.0.0.1", "localhost"), { ca });
    expect(await client.opened()).toBe("open");
    client.socket.send(OPEN);
    await client.next();
    expect(await client.next()).toContain("<mechanism>PLAIN</mechanism>");
  });
});

describe("starting", () => {
  const someAccounts = createMemoryAccounts();
  const passwords = {
    kind: "passwords" as const,
    checkPassword: async () => true,
    onChanged: () => () => undefined,
    close: () => undefined,
  };

  it.each([
    ["a host off loopback without a certificate", { listen: { host: "0.0.0.0", port: 0 } }, "tls-required", "0.0.0.0"],
    [
      "a WebSocket host off loopback without a certificate",
      { listen: { port: 0 }, websocket: { host: "0.0.0.0", port: 0 } },
      "tls-required",
      "0.0.0.0",
    ],
    [
      "accounts by password without a certificate",
      { listen: { port: 0 }, accounts: passwords },
      "tls-required",
      "password",
    ],
    [
      "a certificate that is not there",
      { listen: { port: 0 }, tls: { cert: "no-such.crt", key: "no-such.key" } },
      "tls-failed",
      "no-such.crt",
    ],
    [
      "a key of another certificate",
      { listen: { port: 0 }, tls: { ...tls, key: join(fixtures, "other.example.key") } },
      "tls-failed",
      "certificate",
    ],
  ])("is refused with %s", async (_what, options, code, named) => {
    const link = createStandaloneLink({ domain: "localhost", accounts: someAccounts, ...options });
    await expect(link.start(new RecordingListener())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(named),
    });
    expect(link.listening).toBeUndefined();
    await link.stop();
  });

  it("names the address of a port that is in use, and leaves none open", async () => {
    gateway = await startGateway();
    const link = createStandaloneLink({ domain: "localhost", accounts: someAccounts, listen: { port: gateway.port } });
    const error = await link.start(new RecordingListener()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "listen-failed",
      message: expect.stringContaining(`127.0.0.1:${gateway.port}`),
    });
    const both = createStandaloneLink({
      domain: "localhost",
      accounts: someAccounts,
      listen: { port: 0 },
      websocket: { port: gateway.port },
    });
    await expect(both.start(new RecordingListener())).rejects.toMatchObject({ code: "websocket-listen-failed" });
  });

  it("listens no more when it was stopped while it started", async () => {
    const accounts = createMemoryAccounts({ iterations: 4096 });
    const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts });
    const listener = new RecordingListener();
    const started = link.start(listener);
    await link.stop();
    await expect(started).rejects.toMatchObject({ code: "stopped" });
    expect([link.isOnline, listener.onlines]).toEqual([false, []]);
    const { port = 0 } = link.listening ?? {};
    await expect(RawClient.connect(port)).rejects.toThrow();
  });

  it("lets the sessions know of its end, and may be stopped twice", async () => {
    gateway = await startGateway();
    const client = await RawClient.connect(gateway.port);
    await client.login();
    const stopped = gateway.stop();
    expect(await client.closed()).toContain("<system-shutdown");
    await stopped;
    await gateway.stop();
    expect(gateway.listener.offlines).toEqual(["stopped"]);
    expect(gateway.link.isOnline).toBe(false);
  });
});

async function start(options: Parameters<typeof startGateway>[0] = {}): Promise<string> {
  gateway = await startGateway({ websocket: { port: 0, origins: ["https://app.example.org"] }, ...options });
  return gateway.link.websocketUrl ?? "";
}

// A small XMPP server for tests of links: it says what a script tells it to say, right or wrong. Its parser is not ours (saxes).

import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { SaxesParser } from "saxes";

/** One element the client sent. */
export interface FakeElement {
  readonly name: string;
  readonly ns: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly FakeElement[];
  readonly text: string;
}

/** What runs for every connection; when it ends the connection stays open. */
export type FakeScript = (session: FakeSession) => Promise<void>;

const SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
const BIND = "urn:ietf:params:xml:ns:xmpp-bind";

/** Key and certificate of `localhost` or `other.example`, both signed by themselves and used for nothing but tests. */
export function testCertificate(domain: "localhost" | "other.example"): { key: string; cert: string } {
  const folder = new URL("../../../test/fixtures/tls/", import.meta.url);
  return {
    key: readFileSync(new URL(`${domain}.key`, folder), "utf8"),
    cert: readFileSync(new URL(`${domain}.crt`, folder), "utf8"),
  };
}

/** A listening server; `sessions` holds every connection so far, in order. */
export class FakeServer {
  readonly sessions: FakeSession[] = [];
  /** What threw inside the scripts; a test that ends well looks here. */
  readonly errors: unknown[] = [];
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  get service(): string {
    return `xmpp://127.0.0.1:${this.port}`;
  }

  /** Starts to listen on a free port of 127.0.0.1. */
  static async listen(script: FakeScript): Promise<FakeServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const fake = new FakeServer(server);
    server.on("connection", (socket) => {
      const session = new FakeSession(socket, fake.sessions.length);
      fake.sessions.push(session);
      script(session).catch((error: unknown) => {
        if (!session.isClosed) fake.errors.push(error);
      });
    });
    return fake;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** The server's side of one connection. */
export class FakeSession {
  /** Everything the client sent, as text. */
  received = "";
  isClosed = false;
  isPaused = false;
  /** How many connections there were before this one. */
  readonly index: number;
  readonly clientPort: number;
  #socket: Socket;
  #parser = new SaxesParser({ xmlns: true });
  #queue: (FakeElement | "header" | "footer")[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: Socket, index: number) {
    this.#socket = socket;
    this.index = index;
    this.clientPort = socket.remotePort ?? 0;
    socket.setNoDelay(true);
    this.#listen();
    this.restart();
  }

  /** What comes next is a new stream. */
  restart(): void {
    this.#queue = [];
    const parser = new SaxesParser({ xmlns: true });
    this.#parser = parser;
    const open: { name: string; ns: string; attrs: Record<string, string>; children: FakeElement[]; text: string }[] =
      [];
    parser.on("opentag", (tag) => {
      const attrs = Object.fromEntries(Object.values(tag.attributes).map((each) => [each.name, each.value]));
      open.push({ name: tag.local, ns: tag.uri, attrs, children: [], text: "" });
      if (open.length === 1) this.#push("header");
    });
    parser.on("text", (text) => {
      const top = open.at(-1);
      if (top !== undefined && open.length > 1) top.text += text;
    });
    parser.on("closetag", () => {
      const done = open.pop();
      if (done === undefined || open.length === 0) this.#push("footer");
      else if (open.length === 1) this.#push(done);
      else open.at(-1)?.children.push(done);
    });
    parser.on("error", (error) => {
      throw error;
    });
  }

  /** The next element of the client; waits for it. */
  async next(): Promise<FakeElement | "header" | "footer"> {
    while (this.#queue.length === 0) {
      if (this.isClosed) throw new Error("the client closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const item = this.#queue.shift();
    if (item === undefined) throw new Error("unreachable");
    return item;
  }

  /** The next thing, which must be an element of this name. */
  async expect(name: string): Promise<FakeElement> {
    const item = await this.next();
    if (typeof item === "string" || item.name !== name) {
      throw new Error(`expected <${name}>, got ${typeof item === "string" ? item : item.name}`);
    }
    return item;
  }

  async expectHeader(): Promise<void> {
    const item = await this.next();
    if (item !== "header") throw new Error(`expected a header, got ${item === "footer" ? item : item.name}`);
  }

  write(data: string | Uint8Array): void {
    if (!this.isClosed) this.#socket.write(data);
  }

  /** Waits for the client's header, answers it and offers these features. */
  async openStream(features: string): Promise<void> {
    await this.expectHeader();
    this.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='localhost' id='${randomBytes(8).toString("hex")}' version='1.0'>`,
    );
    this.write(`<stream:features>${features}</stream:features>`);
  }

  /** A whole XEP-0114 handshake, as a well-behaved server does it; gives the domain that the component asked for. */
  async acceptComponent(secret = "hush", id = "3BF96D32"): Promise<string> {
    const domain = await this.openComponent(id);
    const handshake = await this.expect("handshake");
    if (
      handshake.text !==
      createHash("sha1")
        .update(id + secret)
        .digest("hex")
    )
      throw new Error("wrong handshake");
    this.write("<handshake/>");
    return domain;
  }

  /** Waits for a component's header and answers it; gives its `to`. */
  async openComponent(id = "3BF96D32"): Promise<string> {
    await this.expectHeader();
    const escaped = id.replaceAll("&", "&amp;").replaceAll("'", "&apos;");
    const domain = /\sto='([^']*)'/.exec(this.received)?.[1] ?? "";
    this.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${domain}' id='${escaped}'>`,
    );
    return domain;
  }

  /** TLS from now on, as the server. */
  encrypt(certificate: { key: string; cert: string }): void {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    this.#socket = new TLSSocket(plain, { isServer: true, ...certificate });
    this.#listen();
  }

  async startTls(certificate: { key: string; cert: string }): Promise<void> {
    await this.expect("starttls");
    this.restart();
    // Both in one turn: the client's first TLS record must not be read as XML.
    this.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    this.encrypt(certificate);
  }

  /** Lets the client in by SCRAM or PLAIN when the password is right, and restarts the stream. */
  async authenticate(password: string, alter: ScramAlterations = {}): Promise<{ mechanism: string; username: string }> {
    const auth = await this.expect("auth");
    const mechanism = auth.attrs.mechanism ?? "";
    const first = Buffer.from(auth.text, "base64").toString("utf8");
    if (mechanism === "PLAIN") {
      const [, username = "", given = ""] = first.split("\0");
      return this.#finishLogin(given === password, "", { mechanism, username });
    }
    const hash = mechanism === "SCRAM-SHA-256" ? "sha256" : "sha1";
    const bare = first.replace(/^n,,/, "");
    const username = (/n=([^,]*)/.exec(bare)?.[1] ?? "").replaceAll("=2C", ",").replaceAll("=3D", "=");
    const clientNonce = /r=([^,]*)/.exec(bare)?.[1] ?? "";
    const salt = randomBytes(12);
    const iterations = alter.iterations ?? 4096;
    const nonce = alter.nonce ?? `${clientNonce}${randomBytes(9).toString("base64")}`;
    const serverFirst = alter.serverFirst ?? `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;
    this.write(`<challenge xmlns='${SASL}'>${Buffer.from(serverFirst).toString("base64")}</challenge>`);
    const response = Buffer.from((await this.expect("response")).text, "base64").toString("utf8");
    const withoutProof = response.replace(/,p=.*$/, "");
    const message = `${bare},${serverFirst},${withoutProof}`;
    const salted = pbkdf2Sync(password, salt, iterations, hash === "sha1" ? 20 : 32, hash);
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
    const clientKey = hmac(salted, "Client Key");
    const signature = hmac(createHash(hash).update(clientKey).digest(), message);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString("base64");
    const isRight = response === `${withoutProof},p=${proof}`;
    const serverFinal = alter.serverFinal ?? `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`;
    if (alter.finalAsChallenge === true && isRight) {
      this.write(`<challenge xmlns='${SASL}'>${Buffer.from(serverFinal).toString("base64")}</challenge>`);
      await this.expect("response");
      return this.#finishLogin(true, "", { mechanism, username });
    }
    return this.#finishLogin(isRight || alter.acceptsAnything === true, serverFinal, { mechanism, username });
  }

  /** Waits for the binding and gives this address, or the one asked for. */
  async bind(jid?: string, after = ""): Promise<string> {
    const iq = await this.expect("iq");
    const resource = iq.children[0]?.children[0]?.text ?? "made-by-server";
    const full = jid ?? `user@localhost/${resource}`;
    this.write(`<iq type='result' id='${iq.attrs.id}'><bind xmlns='${BIND}'><jid>${full}</jid></bind></iq>${after}`);
    return full;
  }

  /** A whole login, as a well-behaved server does it. */
  async login(password = "secret", mechanisms = ["SCRAM-SHA-1", "SCRAM-SHA-256"], jid?: string): Promise<string> {
    await this.openStream(mechanismsFeature(mechanisms));
    await this.authenticate(password);
    await this.openStream(BIND_FEATURE);
    return this.bind(jid);
  }

  /** Answers pings until the client goes. */
  async answerPings(): Promise<void> {
    for (;;) {
      const item = await this.next();
      if (item === "footer") {
        this.write("</stream:stream>");
        this.end();
        return;
      }
      if (typeof item === "string" || item.name !== "iq" || item.attrs.type !== "get") continue;
      this.write(`<iq type='result' id='${item.attrs.id}' from='${item.attrs.to}'/>`);
    }
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  /** Ends the connection with RST in place of FIN. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the connection is closed. */
  async closed(): Promise<void> {
    while (!this.isClosed) await this.next().catch(() => undefined);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #finishLogin<T>(isRight: boolean, serverFinal: string, result: T): T {
    if (!isRight) {
      this.write(`<failure xmlns='${SASL}'><not-authorized/></failure>`);
      throw new Error("wrong password");
    }
    this.restart();
    this.write(`<success xmlns='${SASL}'>${Buffer.from(serverFinal).toString("base64")}</success>`);
    return result;
  }

  #push(item: FakeElement | "header" | "footer"): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  #listen(): void {
    const socket = this.#socket;
    const decoder = new TextDecoder();
    socket.on("data", (chunk: Buffer) => {
      if (socket !== this.#socket) return;
      const text = decoder.decode(chunk, { stream: true });
      this.received += text;
      try {
        this.#parser.write(text);
      } catch {
        this.destroy();
      }
    });
    // The client may vanish at any time; scripts learn it from `close`.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket !== this.#socket) return;
      this.isClosed = true;
      this.#wake?.();
    });
  }
}

/** What a wrong server says during SCRAM. */
export interface ScramAlterations {
  readonly nonce?: string;
  readonly iterations?: number;
  readonly serverFirst?: string;
  readonly serverFinal?: string;
  readonly finalAsChallenge?: boolean;
  readonly acceptsAnything?: boolean;
}

export const BIND_FEATURE = `<bind xmlns='${BIND}'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>`;

export const MANAGEMENT_FEATURE = "<sm xmlns='urn:xmpp:sm:3'/>";

export const STARTTLS_FEATURE = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";

/** The feature that offers these mechanisms. */
export function mechanismsFeature(names: readonly string[]): string {
  return `<mechanisms xmlns='${SASL}'>${names.map((name) => `<mechanism>${name}</mechanism>`).join("")}</mechanisms>`;
}

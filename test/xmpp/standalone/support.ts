// Tools of these tests: an endpoint with two accounts and an echoing gateway, and a client that is nothing but a socket.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { silentLogger } from "../../../src/observe/index.js";
import type { XmlText } from "../../../src/xml/index.js";
import {
  createMemoryAccounts,
  createStandaloneLink,
  IqRouter,
  type LinkListener,
  type MemoryAccounts,
  type StandaloneLink,
  type StandaloneLinkOptions,
} from "../../../src/xmpp/index.js";
import {
  deriveScramKeys,
  hmac,
  SCRAM_HASHES,
  type ScramMechanismName,
  xorBytes,
} from "../../../src/xmpp/scram/keys.js";
import { RecordingListener } from "../../support/recording-listener.js";

export const HEADER =
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/** A gateway behind a stand-alone link. */
export interface TestGateway {
  readonly link: StandaloneLink;
  readonly accounts: MemoryAccounts;
  readonly listener: RecordingListener;
  readonly router: IqRouter;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts an endpoint at localhost with alice and bob, password "secret"; it answers `urn:echo` with what was asked. */
export async function startGateway(options: Partial<StandaloneLinkOptions> = {}): Promise<TestGateway> {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await Promise.all([accounts.set("alice", "secret"), accounts.set("bob", "secret")]);
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts, ...options });
  const router = new IqRouter({
    link,
    log: silentLogger,
    limits: { maxSentBytes: 200_000 },
    routes: [
      { type: "get", ns: "urn:echo", name: "query", handle: () => "<query xmlns='urn:echo'/>" as XmlText },
      { type: "get", ns: "urn:never", name: "query", handle: () => new Promise(() => undefined) },
    ],
  });
  const listener = new RoutingListener(router);
  await link.start(listener);
  const port = link.listening?.port ?? 0;
  return { link, accounts, listener, router, port, stop: () => link.stop() };
}

class RoutingListener extends RecordingListener implements LinkListener {
  readonly #router: IqRouter;

  constructor(router: IqRouter) {
    super();
    this.#router = router;
  }

  override stanza(element: Parameters<LinkListener["stanza"]>[0]): void {
    super.stanza(element);
    if (element.name === "iq") this.#router.handle(element);
  }
}

/** A client that writes what it is told and keeps what it reads. */
export class RawClient {
  received = "";
  isClosed = false;
  socket: Socket;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.attach(socket);
  }

  static async connect(port: number, options: { readonly localAddress?: string } = {}): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true, ...options });
    const client = new RawClient(socket);
    await once(socket, "connect");
    return client;
  }

  /** Reads from another socket from now on. */
  attach(socket: Socket): void {
    this.socket.removeAllListeners("data");
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (socket !== this.socket) return;
      this.isClosed = true;
      this.#wake();
    });
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Resolves once the text was received, and forgets everything up to its end. */
  async until(text: string | RegExp): Promise<string> {
    for (;;) {
      const match = typeof text === "string" ? this.received.indexOf(text) : this.received.search(text);
      if (match >= 0) {
        const length = typeof text === "string" ? text.length : (text.exec(this.received)?.[0].length ?? 0);
        const seen = this.received.slice(0, match + length);
        this.received = this.received.slice(match + length);
        return seen;
      }
      if (this.isClosed) throw new Error(`closed before ${text}; received: ${this.received}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves with all that was received when the other side has closed the connection. */
  async closed(): Promise<string> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received;
  }

  /** Authenticates in clear and opens the second stream; resolves before binding. */
  async authenticate(
    name = "alice",
    password = "secret",
    mechanism: ScramMechanismName = "SCRAM-SHA-1",
  ): Promise<void> {
    this.write(HEADER);
    await this.until("</stream:features>");
    const { auth, respond } = scramClient(mechanism, name, password);
    this.write(auth);
    const challenge = await this.until("</challenge>");
    this.write(await respond(/<challenge[^>]*>([^<]*)/.exec(challenge)?.[1] ?? ""));
    await this.until("</success>");
    this.write(HEADER);
    await this.until("</stream:features>");
  }

  /** Logs in; resolves with the address it was given. */
  async login(name = "alice", resource?: string): Promise<string> {
    await this.authenticate(name);
    return this.bind(resource);
  }

  async bind(resource?: string): Promise<string> {
    this.write(bindRequest(resource));
    const answer = await this.until("</iq>");
    return /<jid>([^<]*)/.exec(answer)?.[1] ?? "";
  }

  destroy(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function bindRequest(resource?: string): string {
  const wanted = resource === undefined ? "" : `<resource>${resource}</resource>`;
  return `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${wanted}</bind></iq>`;
}

/** The client's messages of one SCRAM exchange, written independently of the client under src. */
export function scramClient(
  mechanism: ScramMechanismName,
  name: string,
  password: string,
  gs2 = "n,,",
): { readonly auth: string; readonly respond: (challenge: string) => Promise<string> } {
  const bare = `n=${name},r=clientnonce`;
  const xmlns = "urn:ietf:params:xml:ns:xmpp-sasl";
  return {
    auth: `<auth xmlns='${xmlns}' mechanism='${mechanism}'>${encode(gs2 + bare)}</auth>`,
    respond: async (challenge) => {
      const serverFirst = Buffer.from(challenge, "base64").toString();
      const [, nonce = "", salt = "", count = ""] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(serverFirst) ?? [];
      const hash = SCRAM_HASHES[mechanism];
      const keys = await deriveScramKeys(hash, password, Buffer.from(salt, "base64"), Number(count));
      const withoutProof = `c=${encode(gs2)},r=${nonce}`;
      const proof = xorBytes(keys.clientKey, hmac(hash, keys.storedKey, `${bare},${serverFirst},${withoutProof}`));
      return `<response xmlns='${xmlns}'>${encode(`${withoutProof},p=${proof.toString("base64")}`)}</response>`;
    },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

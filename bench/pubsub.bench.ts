// One item to 1,000 subscribers: through Prosody and ejabberd, and as a topic that the gateway hosts behind each, beside bare sockets
// that publish the same. Run after a build: node dist/bench/pubsub.bench.js. Compare ratios of one run, never absolutes.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createComponentLink, createGateway } from "../src/index.js";
import { startEjabberd } from "../test/support/ejabberd.js";
import { startProsody } from "../test/support/prosody.js";
import type { ServerProcess } from "../test/support/server-process.js";
import { login } from "./bare-requester.js";
import { figure, publish, type Table } from "./report.js";

const SUBSCRIBERS = 1_000;
const ROUNDS = 20;
const SECRET = "secret";
const FANS = "fans.localhost";
const BARE = "bare.localhost";
const GATEWAY = "rpc.localhost";
const SERVICE = "pubsub.localhost";
const PUBSUB = "http://jabber.org/protocol/pubsub";
/** What every notification holds once, and nothing else does. */
const TEXT = "an item of some length, so that it is like what people publish";
const JSON_TEXT = JSON.stringify({ text: TEXT });

/** A component made of nothing but its socket (XEP-0114). */
async function openComponent(port: number, domain: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  socket.write(
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  let head = "";
  while (!/<stream:stream[^>]*\sid=['"]([^'"]+)/.test(head)) head += String((await once(socket, "data"))[0]);
  const id = /\sid=['"]([^'"]+)/.exec(head)?.[1] ?? "";
  socket.write(
    `<handshake>${createHash("sha1")
      .update(id + SECRET)
      .digest("hex")}</handshake>`,
  );
  for (let answer = ""; !answer.includes("<handshake"); ) answer += String((await once(socket, "data"))[0]);
  return socket;
}

/** All subscribers behind one socket: they count what they are told. */
class Fans {
  readonly #socket: Socket;
  readonly #waiting: { readonly what: string; left: number; readonly done: () => void }[] = [];
  #rest = "";

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#hear(chunk.toString("latin1")));
  }

  async subscribe(service: string, node: string): Promise<void> {
    const answered = this.#count("type='result'", SUBSCRIBERS);
    const quoted = this.#count('type="result"', SUBSCRIBERS);
    for (let index = 0; index < SUBSCRIBERS; index += 1) {
      const fan = `fan${index}@${FANS}`;
      this.#socket.write(
        `<iq type='set' from='${fan}' to='${service}' id='s${index}'><pubsub xmlns='${PUBSUB}'><subscribe node='${node}' jid='${fan}'/></pubsub></iq>`,
      );
    }
    // Servers differ in their quotes.
    await Promise.race([answered, quoted]);
    this.#waiting.length = 0;
  }

  /** Resolves when every subscriber was told once from now on. */
  hear(): Promise<void> {
    return this.#count(TEXT, SUBSCRIBERS);
  }

  #count(what: string, left: number): Promise<void> {
    return new Promise((done) => this.#waiting.push({ what, left, done }));
  }

  #hear(text: string): void {
    const longest = Math.max(0, ...this.#waiting.map(({ what }) => what.length));
    const whole = this.#rest + text;
    for (const one of this.#waiting) {
      // What was counted with the last piece ends before its rest.
      for (let at = whole.indexOf(one.what); at >= 0; at = whole.indexOf(one.what, at + 1))
        if (at + one.what.length > this.#rest.length) one.left -= 1;
      if (one.left <= 0) one.done();
    }
    for (const over of this.#waiting.filter(({ left }) => left <= 0))
      this.#waiting.splice(this.#waiting.indexOf(over), 1);
    this.#rest = whole.slice(whole.length - Math.min(whole.length, Math.max(0, longest - 1)));
  }
}

interface Way {
  readonly name: string;
  publish(round: number): unknown;
}

/** The milliseconds until all are told, way by way and round by round; the first round warms everything up. */
async function measure(ways: readonly Way[], fans: Fans): Promise<number[][]> {
  const times: number[][] = ways.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, way] of ways.entries()) {
      const startedAt = performance.now();
      const heard = fans.hear();
      await Promise.all([heard, way.publish(round)]);
      if (round > 0) times[index]?.push(performance.now() - startedAt);
    }
  }
  return times;
}

const USERS = { bare: SECRET, responder: SECRET };
const COMPONENTS = { [FANS]: SECRET, [BARE]: SECRET, [GATEWAY]: SECRET };
const start = {
  Prosody: () =>
    startProsody({
      users: USERS,
      components: COMPONENTS,
      hostConfig: `Component "${SERVICE}" "pubsub"\n  admins = { "responder@localhost" }`,
    }),
  ejabberd: () =>
    startEjabberd({
      users: USERS,
      components: COMPONENTS,
      moreModules: { mod_pubsub: { host: SERVICE, access_createnode: "all", plugins: ["flat"] } },
    }),
};

/** At the service of the server: a socket and the gateway publish to one topic. */
async function throughServer({ port }: ServerProcess, fans: Fans): Promise<string[][]> {
  const bare = await login({ port, user: "bare", password: SECRET, resource: "b" });
  bare.on("data", () => undefined);
  const gateway = createGateway({
    link: { service: `xmpp://127.0.0.1:${port}`, jid: "responder@localhost/gateway", password: SECRET },
  });
  await gateway.start();
  await gateway.pubsub.create(SERVICE, "bench", { persist_items: true, max_items: 10, publish_model: "open" });
  await fans.subscribe(SERVICE, "bench");
  const ways: Way[] = [
    {
      name: "a bare socket",
      publish: (round) =>
        bare.write(
          `<iq type='set' to='${SERVICE}' id='p${round}'><pubsub xmlns='${PUBSUB}'><publish node='bench'><item id='b${round}'>` +
            `<json xmlns='urn:xmpp:json:0'>${JSON_TEXT}</json></item></publish></pubsub></iq>`,
        ),
    },
    {
      name: "the gateway, pubsub.publish",
      publish: (round) => gateway.pubsub.publish(SERVICE, "bench", { json: { text: TEXT } }, { itemId: `g${round}` }),
    },
  ];
  const rows = rowsOf(ways, await measure(ways, fans));
  await gateway.stop();
  bare.destroy();
  return rows;
}

/** Without the server's service: a socket writes to each subscriber, and the gateway hosts the topic. */
async function hosted({ componentPort }: ServerProcess, fans: Fans): Promise<string[][]> {
  const bare = await openComponent(componentPort, BARE);
  bare.on("data", () => undefined);
  const gateway = createGateway({
    link: createComponentLink({ service: `xmpp://127.0.0.1:${componentPort}`, jid: GATEWAY, password: SECRET }),
    access: [{ anyone: true }],
    topics: [{ node: "bench", maxItems: 10 }],
  });
  await gateway.start();
  await gateway.topics?.create("bench");
  await fans.subscribe(GATEWAY, "bench");
  const notification = (round: number, to: string): string =>
    `<message type='headline' from='${BARE}' to='${to}'><event xmlns='${PUBSUB}#event'><items node='bench'><item id='b${round}'>` +
    `<json xmlns='urn:xmpp:json:0'>${JSON_TEXT}</json></item></items></event></message>`;
  const ways: Way[] = [
    {
      name: "a bare component that writes to each",
      publish: (round) => {
        const all = Array.from({ length: SUBSCRIBERS }, (_, index) => notification(round, `fan${index}@${FANS}`));
        bare.write(all.join(""));
      },
    },
    {
      name: "the gateway, a hosted topic",
      publish: (round) => gateway.topics?.publish("bench", { json: { text: TEXT } }, { itemId: `g${round}` }),
    },
  ];
  const rows = rowsOf(ways, await measure(ways, fans));
  await gateway.stop();
  bare.destroy();
  return rows;
}

function rowsOf(ways: readonly Way[], times: readonly (readonly number[])[]): string[][] {
  return ways.map(({ name }, index) => [name, ...figure(times, index, 1)]);
}

const tables: Table[] = [];
for (const name of ["Prosody", "ejabberd"] as const) {
  const server = await start[name]();
  const socket = await openComponent(server.componentPort, FANS);
  const fans = new Fans(socket);
  tables.push(
    tableOf(`One item to ${SUBSCRIBERS} subscribers of a topic at ${name}`, await throughServer(server, fans)),
    tableOf(`One item to ${SUBSCRIBERS} subscribers, without a service of ${name}`, await hosted(server, fans)),
  );
  socket.destroy();
  await server.stop();
}
publish(tables);

function tableOf(title: string, rows: readonly (readonly string[])[]): Table {
  return { title, columns: ["", "until all are told, p50 ms", "ratio"], rows };
}

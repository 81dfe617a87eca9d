// Calls a second relayed by a stand-alone gateway to one upstream, beside the same requests sent to that upstream directly
// with the same HTTP client. Requester, gateway and upstream are processes of their own.
// Run after a build: node dist/bench/upstream.bench.js. Compare ratios of one run, never absolutes.

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Pool } from "undici";
import { createGateway } from "../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../src/xmpp/index.js";
import { createAnswerCounter, login } from "./bare-requester.js";
import { median, publish } from "./report.js";

const PET = JSON.stringify({ id: 7, name: "Rex", weight: 12.5, tags: ["a", "b"] });
const schema = (type: string) => ({ type });
const DOCUMENT = {
  openapi: "3.0.3",
  info: { title: "Pets", version: "1" },
  paths: {
    "/pets/{id}": {
      get: {
        operationId: "getPet",
        parameters: [{ name: "id", in: "path", required: true, schema: schema("integer") }],
        responses: {
          200: {
            description: "ok",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["id", "name"],
                  properties: {
                    id: schema("integer"),
                    name: schema("string"),
                    weight: schema("number"),
                    tags: { type: "array", items: schema("string") },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const REQUESTER = { user: "alice", password: "secret", resource: "bench" };
const ROUNDS = 8;
const WARM_UP = 2;
const SECONDS = 1;
const IN_FLIGHT = 64;
let lastId = 0;

switch (process.argv[2]) {
  case "upstream":
    await serveUpstream();
    break;
  case "gateway":
    await serveGateway(process.argv[3] ?? "");
    break;
  case undefined:
    await measure();
    break;
  default:
    throw new Error(`no part ${process.argv[2]}`);
}

async function serveUpstream(): Promise<void> {
  const server = createServer((request, response) => {
    const body = request.url === "/openapi.json" ? JSON.stringify(DOCUMENT) : PET;
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
      .end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on TCP has such an address.
  process.send?.((server.address() as AddressInfo).port);
  process.on("disconnect", () => process.exit(0));
}

async function serveGateway(origin: string): Promise<void> {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await accounts.set(REQUESTER.user, REQUESTER.password);
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts });
  await createGateway({
    link,
    access: [{ allow: `${REQUESTER.user}@localhost` }],
    upstreams: [{ name: "pets", kind: "openapi", url: `${origin}/openapi.json`, include: ["getPet"] }],
  }).start();
  process.send?.(link.listening?.port);
  process.on("message", () => process.send?.(cpuUs()));
  process.on("disconnect", () => process.exit(0));
}

async function measure(): Promise<void> {
  const upstream = fork(import.meta.filename, ["upstream"]);
  // Our own children's first messages.
  const [port] = (await once(upstream, "message")) as [number];
  const origin = `http://127.0.0.1:${port}`;
  const gateway = fork(import.meta.filename, ["gateway", origin]);
  const [gatewayPort] = (await once(gateway, "message")) as [number];
  const pool = new Pool(origin, { connections: IN_FLIGHT });
  const socket = await login({ port: gatewayPort, ...REQUESTER });
  const gatewayCpuUs = async (): Promise<number> => {
    gateway.send("usage");
    const [us] = (await once(gateway, "message")) as [number];
    return us;
  };
  const directly: number[] = [];
  const relayed: number[] = [];
  const cpuDirectly: number[] = [];
  const cpuRelayed: number[] = [];
  // By turns, so that each round's figures can be compared; the first ones warm up.
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const ownBefore = cpuUs();
    const direct = await askDirectly(pool);
    cpuDirectly.push((cpuUs() - ownBefore) / direct);
    directly.push(direct / SECONDS);
    const before = await gatewayCpuUs();
    const relay = await askRelayed(socket);
    cpuRelayed.push(((await gatewayCpuUs()) - before) / relay);
    relayed.push(relay / SECONDS);
  }
  const row = (name: string, rates: readonly number[], cpu: readonly number[]): string[] => [
    name,
    median(rates.slice(WARM_UP)).toFixed(0),
    ratio(rates, directly),
    median(cpu.slice(WARM_UP)).toFixed(1),
    ratio(cpu, cpuDirectly),
  ];
  publish([
    {
      title: "Upstreams: a GET that answers at once, relayed by a stand-alone gateway",
      columns: ["", "calls/s, 64 in flight", "its ratio", "CPU us a call of the asking process", "its ratio"],
      rows: [row("the HTTP client alone", directly, cpuDirectly), row("through the gateway", relayed, cpuRelayed)],
    },
  ]);
  socket.destroy();
  await pool.destroy();
  gateway.disconnect();
  upstream.disconnect();
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The median of each round's ratio. */
function ratio(values: readonly number[], to: readonly number[]): string {
  return median(values.slice(WARM_UP).map((value, index) => value / (to[index + WARM_UP] ?? Number.NaN))).toFixed(2);
}

/** As an application would ask: a request, and the JSON of its answer. */
async function askDirectly(pool: Pool): Promise<number> {
  const end = performance.now() + SECONDS * 1_000;
  let answered = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const { body } = await pool.request({ method: "GET", path: "/pets/7", headers: { accept: "application/json" } });
      await body.json();
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return answered;
}

/** Each call has an id of its own: an equal one would join the one that runs. */
function nextCalls(count: number): string {
  let text = "";
  for (let index = 0; index < count; index++) {
    lastId += 1;
    text += `<iq type='set' id='c${lastId}' to='localhost'><query xmlns='jabber:iq:rpc'><methodCall><methodName>pets.getPet</methodName><params><param><value><i4>7</i4></value></param></params></methodCall></query></iq>`;
  }
  return text;
}

/** The same number of calls in flight through the gateway; every answer must be the pet. */
function askRelayed(socket: Socket): Promise<number> {
  const end = performance.now() + SECONDS * 1_000;
  const count = createAnswerCounter();
  let answered = 0;
  let unanswered = IN_FLIGHT;
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      const answers = count(chunk);
      if (chunk.includes("<fault>")) reject(new Error(chunk.toString()));
      answered += answers;
      unanswered -= answers;
      if (performance.now() < end) {
        socket.write(nextCalls(answers));
        unanswered += answers;
      } else if (unanswered === 0) {
        socket.off("data", read);
        resolve(answered);
      }
    };
    socket.on("data", read);
    socket.write(nextCalls(IN_FLIGHT));
  });
}

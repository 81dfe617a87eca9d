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
import { figure, publish } from "./report.js";

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
    upstreams: [
      {
        name: "pets",
        kind: "openapi",
        url: `${origin}/openapi.json`,
        include: ["getPet"],
        // As many connections as those have who ask directly.
        maxConcurrent: IN_FLIGHT,
      },
    ],
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
  const rates: [number[], number[]] = [[], []];
  const cpu: [number[], number[]] = [[], []];
  // By turns, so that each round's figures can be compared; the first ones warm up.
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const ownBefore = cpuUs();
    const direct = await askDirectly(pool);
    const directCpuUs = cpuUs() - ownBefore;
    const before = await gatewayCpuUs();
    const relayed = await askRelayed(socket);
    const relayedCpuUs = (await gatewayCpuUs()) - before;
    if (round < 0) continue;
    rates[0].push(direct / SECONDS);
    rates[1].push(relayed / SECONDS);
    cpu[0].push(directCpuUs / direct);
    cpu[1].push(relayedCpuUs / relayed);
  }
  publish([
    {
      title: "Upstreams: a GET that answers at once, relayed by a stand-alone gateway",
      columns: ["", `calls/s, ${IN_FLIGHT} in flight`, "its ratio", "CPU us a call of the asking process", "its ratio"],
      rows: ["the HTTP client alone", "through the gateway"].map((name, index) => [
        name,
        ...figure(rates, index, 0),
        ...figure(cpu, index, 1),
      ]),
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

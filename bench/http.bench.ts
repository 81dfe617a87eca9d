// Calls a second of the XML-RPC door, of a server made with npm xmlrpc, and of Node's own server that reads a body and
// answers a constant: what no server in Node can be faster than. One requester, one run, a small call and a larger one.
// Run: npx tsc -b && node dist/bench/http.bench.js [seconds] [connections]

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { Examples } from "../src/handlers/index.js";
import { stateNames } from "../src/handlers/state-names.js";
import {
  array,
  boolean,
  createGateway,
  createMemoryNetwork,
  dateTime,
  defineMethod,
  double,
  int,
  string,
  struct,
} from "../src/index.js";

/** As much of npm xmlrpc as is used here; it has no types of its own. */
interface NpmServer {
  readonly httpServer: { address(): { port: number } };
  on(
    method: string,
    run: (error: unknown, params: unknown[], done: (error: null, value: unknown) => void) => void,
  ): void;
}
interface NpmXmlRpc {
  createServer(options: object, onListening: () => void): NpmServer;
}

const SERVERS = ["door", "npm xmlrpc", "constant"] as const;
type ServerName = (typeof SERVERS)[number];

const record =
  "<struct><member><name>id</name><value><int>7</int></value></member><member><name>name</name><value><string>Ada &amp; Co</string></value></member>" +
  "<member><name>price</name><value><double>12.5</double></value></member><member><name>open</name><value><boolean>1</boolean></value></member>" +
  "<member><name>since</name><value><dateTime.iso8601>20261122T10:00:00</dateTime.iso8601></value></member></struct>";
const CALLS = {
  "a number for a name": call("examples.getStateName", "<i4>6</i4>"),
  "30 records, echoed": call("bench.echo", `<array><data>${`<value>${record}</value>`.repeat(30)}</data></array>`),
};

function call(method: string, value: string): Buffer {
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params><param><value>${value}</value></param></params></methodCall>`;
  const authorization = `Basic ${Buffer.from("svc:pw").toString("base64")}`;
  const head = `POST /RPC2 HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\ncontent-type: text/xml\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body);
}

const role = process.argv[2];
if (role === "door") await serveDoor();
else if (role === "npm xmlrpc") serveNpm();
else if (role === "constant") serveConstant();
else await measure(Number(role ?? 3), Number(process.argv[3] ?? 64));

async function serveDoor(): Promise<void> {
  const records = array(struct({ id: int, name: string, price: double, open: boolean, since: dateTime }));
  const gateway = createGateway({
    link: createMemoryNetwork().link("localhost"),
    services: [Examples],
    methods: [defineMethod("bench.echo", { params: [records], returns: records }, (given) => given)],
    access: [{ allow: "svc@localhost", methods: ["examples.*", "bench.*"] }],
    http: { port: 0, users: [{ name: "svc", password: "pw", jid: "svc@localhost" }], domains: ["localhost"] },
  });
  await gateway.start();
  ready(gateway.http?.port ?? 0);
}

function serveNpm(): void {
  const xmlrpc = createRequire(import.meta.url)("xmlrpc") as NpmXmlRpc;
  const server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, () => ready(server.httpServer.address().port));
  server.on("examples.getStateName", (_error, [index], done) => done(null, stateNames[Number(index) - 1]));
  server.on("bench.echo", (_error, [given], done) => done(null, given));
}

function serveConstant(): void {
  const answer = "<methodResponse>Colorado</methodResponse>";
  const server = createServer((request, response) => {
    request
      .on("data", () => undefined)
      .on("end", () => response.writeHead(200, { "content-length": answer.length }).end(answer));
  });
  server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
}

function ready(port: number): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1_000);
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.(port);
}

async function compare(servers: readonly Running[], request: Buffer, seconds: number): Promise<void> {
  const rates = new Map<ServerName, number[]>(SERVERS.map((name) => [name, []]));
  const cpuUs = new Map<ServerName, number[]>(SERVERS.map((name) => [name, []]));
  for (const { sockets } of servers) await run(sockets, request, 2);
  for (let round = 0; round < 3; round++) {
    for (const { name, child, sockets } of servers) {
      const before = await cpuMs(child);
      const calls = await run(sockets, request, seconds);
      rates.get(name)?.push(calls / seconds);
      cpuUs.get(name)?.push((((await cpuMs(child)) - before) * 1_000) / calls);
    }
  }
  for (const name of SERVERS) {
    const [rate, cpu] = [median(rates.get(name)), median(cpuUs.get(name))];
    process.stdout.write(`  ${name}: ${Math.round(rate)} calls/s, ${cpu.toFixed(1)} us of its CPU a call\n`);
  }
  const ratio = (of: Map<ServerName, number[]>) => median(of.get("door")) / median(of.get("npm xmlrpc"));
  process.stdout.write(
    `  door / npm xmlrpc: ${ratio(rates).toFixed(2)} in calls/s; CPU a call ${(1 / ratio(cpuUs)).toFixed(2)} times less\n`,
  );
}

interface Running {
  readonly name: ServerName;
  readonly child: ChildProcess;
  readonly sockets: readonly Socket[];
}

/** Rounds take turns, so that what else the machine does falls on both. */
async function measure(seconds: number, connections: number): Promise<void> {
  process.stdout.write(`${cpus()[0]?.model}, Node ${process.version}, ${connections} connections\n`);
  const servers = await Promise.all(SERVERS.map((name) => start(name, connections)));
  for (const [name, request] of Object.entries(CALLS)) {
    process.stdout.write(`${name} (${request.length} bytes):\n`);
    await compare(servers, request, seconds);
  }
  for (const { child, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    child.disconnect();
  }
}

async function start(name: ServerName, connections: number): Promise<Running> {
  const child = fork(import.meta.filename, [name]);
  // Our own child's first message.
  const [port] = (await once(child, "message")) as [number];
  const sockets = Array.from({ length: connections }, () => connect({ host: "127.0.0.1", port, noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return { name, child, sockets };
}

async function cpuMs(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [answer] = (await once(child, "message")) as [number];
  return answer;
}

/** One call at a time on each connection; resolves with how many were answered. */
async function run(sockets: readonly Socket[], request: Buffer, seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1_000;
  const counts = await Promise.all(sockets.map((socket) => callUntil(socket, request, end)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function callUntil(socket: Socket, request: Buffer, end: number): Promise<number> {
  let answered = 0;
  let rest = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      rest += chunk.toString("latin1");
      // A small answer comes in one or two segments; npm xmlrpc's in chunks, which end after the document.
      if (
        !rest.includes("</methodResponse>") ||
        !(/^content-length/im.test(rest.slice(0, 300)) || rest.endsWith("0\r\n\r\n"))
      )
        return;
      if (rest.includes("<fault>")) reject(new Error(rest));
      rest = "";
      answered++;
      if (Date.now() < end) {
        socket.write(request);
        return;
      }
      socket.off("data", read);
      resolve(answered);
    };
    socket.on("data", read);
    socket.write(request);
  });
}

function median(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// Calls a second of the XML-RPC door, of a server made with npm xmlrpc, and of Node's own server that reads a body and
// answers a constant: what no server in Node can be faster than. One requester, one run, a small call and a larger one.
// Run after a build: node dist/bench/http.bench.js. Compare ratios of one run, never absolutes.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, connect, type Socket } from "node:net";
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
import { figure, publish, type Table } from "./report.js";

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

const SERVERS = ["npm xmlrpc", "door", "constant"] as const;
type ServerName = (typeof SERVERS)[number];
const ROUNDS = 8;
const SECONDS = 1;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 64;

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
else await measure();

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

interface Running {
  readonly name: ServerName;
  readonly child: ChildProcess;
  readonly port: number;
}

/** Rounds take turns, so that what else the machine does falls on all; the ratios are medians of those of each round. */
async function compare(what: string, servers: readonly Running[], request: Buffer): Promise<Table> {
  const rates = servers.map((): number[] => []);
  const cpuUs = servers.map((): number[] => []);
  for (const { port } of servers) await run(port, request, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { child, port }] of servers.entries()) {
      const before = await cpuMs(child);
      const calls = await run(port, request, SECONDS);
      rates[index]?.push(calls / SECONDS);
      cpuUs[index]?.push((((await cpuMs(child)) - before) * 1_000) / calls);
    }
  }
  return {
    title: `XML-RPC over HTTP: ${what}, ${request.length} bytes`,
    columns: ["", `calls/s, ${CONNECTIONS} connections`, "its ratio", "CPU us a call", "its ratio"],
    rows: servers.map(({ name }, index) => [name, ...figure(rates, index, 0), ...figure(cpuUs, index, 1)]),
  };
}

async function measure(): Promise<void> {
  const servers = await Promise.all(SERVERS.map(start));
  const tables: Table[] = [];
  for (const [what, request] of Object.entries(CALLS)) tables.push(await compare(what, servers, request));
  publish(tables);
  for (const { child } of servers) child.disconnect();
}

async function start(name: ServerName): Promise<Running> {
  const child = fork(import.meta.filename, [name]);
  // Our own child's first message.
  const [port] = (await once(child, "message")) as [number];
  return { name, child, port };
}

async function cpuMs(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [answer] = (await once(child, "message")) as [number];
  return answer;
}

/** One call at a time on each of new connections, which nobody had time to close; resolves with how many were answered. */
async function run(port: number, request: Buffer, seconds: number): Promise<number> {
  const sockets = Array.from({ length: CONNECTIONS }, () => connect({ host: "127.0.0.1", port, noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const end = Date.now() + seconds * 1_000;
  const counts = await Promise.all(sockets.map((socket) => callUntil(socket, request, end)));
  for (const socket of sockets) socket.destroy();
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

// Calls a second of the XML-RPC door, and of a server made with npm xmlrpc: one method, one requester, one run.
// Run: npx tsc -b && node dist/bench/http.bench.js [seconds] [connections]

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { Examples } from "../src/handlers/index.js";
import { stateNames } from "../src/handlers/state-names.js";
import { createGateway, createMemoryNetwork } from "../src/index.js";

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

const SERVERS = ["door", "npm xmlrpc"] as const;
type ServerName = (typeof SERVERS)[number];

const BODY =
  '<?xml version="1.0"?><methodCall><methodName>examples.getStateName</methodName><params><param><value><i4>6</i4></value></param></params></methodCall>';
const REQUEST = [
  "POST /RPC2 HTTP/1.1",
  "host: localhost",
  `authorization: Basic ${Buffer.from("svc:pw").toString("base64")}`,
  "content-type: text/xml",
  `content-length: ${BODY.length}`,
  "",
  BODY,
].join("\r\n");

const role = process.argv[2];
if (role === "door") await serveDoor();
else if (role === "npm xmlrpc") serveNpm();
else await measure(Number(role ?? 3), Number(process.argv[3] ?? 64));

async function serveDoor(): Promise<void> {
  const gateway = createGateway({
    link: createMemoryNetwork().link("localhost"),
    services: [Examples],
    access: [{ allow: "svc@localhost", methods: "examples.*" }],
    http: { port: 0, users: [{ name: "svc", password: "pw", jid: "svc@localhost" }], domains: ["localhost"] },
  });
  await gateway.start();
  ready(gateway.http?.port ?? 0);
}

function serveNpm(): void {
  const xmlrpc = createRequire(import.meta.url)("xmlrpc") as NpmXmlRpc;
  const server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, () => ready(server.httpServer.address().port));
  server.on("examples.getStateName", (_error, [index], done) => done(null, stateNames[Number(index) - 1]));
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
  readonly sockets: readonly Socket[];
}

/** Rounds take turns, so that what else the machine does falls on both. */
async function measure(seconds: number, connections: number): Promise<void> {
  process.stdout.write(`${cpus()[0]?.model}, Node ${process.version}, ${connections} connections\n`);
  const servers = await Promise.all(SERVERS.map((name) => start(name, connections)));
  const rates = new Map<ServerName, number[]>(SERVERS.map((name) => [name, []]));
  const cpuUs = new Map<ServerName, number[]>(SERVERS.map((name) => [name, []]));
  for (const { sockets } of servers) await run(sockets, 3);
  for (let round = 0; round < 3; round++) {
    for (const { name, child, sockets } of servers) {
      const before = await cpuMs(child);
      const calls = await run(sockets, seconds);
      rates.get(name)?.push(calls / seconds);
      cpuUs.get(name)?.push((((await cpuMs(child)) - before) * 1_000) / calls);
    }
  }
  for (const name of SERVERS) {
    const [rate, cpu] = [median(rates.get(name)), median(cpuUs.get(name))];
    process.stdout.write(`${name}: ${Math.round(rate)} calls/s, ${cpu.toFixed(1)} us of its CPU a call\n`);
  }
  const ratio = (of: Map<ServerName, number[]>) => median(of.get("door")) / median(of.get("npm xmlrpc"));
  process.stdout.write(
    `door / npm xmlrpc: ${ratio(rates).toFixed(2)} in calls/s, ${(1 / ratio(cpuUs)).toFixed(2)} in CPU\n`,
  );
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
async function run(sockets: readonly Socket[], seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1_000;
  const counts = await Promise.all(sockets.map((socket) => callUntil(socket, end)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function callUntil(socket: Socket, end: number): Promise<number> {
  let answered = 0;
  let rest = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      rest += chunk.toString("latin1");
      // A small answer comes in one or two segments; npm xmlrpc's in chunks, which end after the document.
      if (!rest.includes("</methodResponse>") || !(rest.includes("content-length") || rest.endsWith("0\r\n\r\n")))
        return;
      if (!rest.includes("Colorado")) return reject(new Error(rest));
      rest = "";
      answered++;
      if (Date.now() < end) {
        socket.write(REQUEST);
        return;
      }
      socket.off("data", read);
      resolve(answered);
    };
    socket.on("data", read);
    socket.write(REQUEST);
  });
}

function median(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// A stand-alone gateway, with its requester in another process on a bare socket: calls a second and CPU time a call beside
// canned replies without any XMPP, and the memory of idle sessions.
// Run after a build: node dist/bench/standalone.bench.js. Compare ratios of one run, never absolutes.

import type { Socket } from "node:net";
import { connectBare, login } from "./bare-requester.js";
import { grpcRequester, installedPeers, natsRequester, startNatsServer } from "./peers.js";
import { publish } from "./report.js";
import { REQUESTER, startResponder } from "./responders.js";
import { COLUMNS, type Measured, measureByTurns, overCalls, overSocket } from "./side-by-side.js";

const IDLE_SESSIONS = 1_000;
/** So many come before: until then it is mostly the heap of the young process that grows. */
const SESSIONS_BEFORE = 2_000;

const canned = await startResponder("canned");
const gateway = await startResponder("gateway");
const cannedSocket = await connectBare(canned.port);
const socket = await login({ port: gateway.port, ...REQUESTER });
const sockets: Socket[] = [cannedSocket, socket];
const all: Measured[] = [
  overSocket("stand-alone gateway", gateway, socket, "localhost"),
  overSocket("canned replies on a bare socket", canned, cannedSocket, "localhost"),
];
const closePeers = await addPeers();
const rows = await measureByTurns(all);
publish([
  { title: "Stand-alone: a call and its answer, no server between", columns: COLUMNS, rows },
  {
    title: "Stand-alone: memory",
    columns: ["", "KiB"],
    rows: [[`resident for each idle session, of ${IDLE_SESSIONS}`, await idleKib()]],
  },
]);
closePeers();
for (const each of sockets) each.destroy();
canned.stop();
gateway.stop();

/** Peers as they come, each with its own requester. */
async function addPeers(): Promise<() => void> {
  const { grpc, nats } = installedPeers();
  const closing: (() => void)[] = [];
  if (grpc) {
    const responder = await startResponder("grpc");
    const requester = grpcRequester(responder.port);
    all.push(overCalls("grpc-js, both ends", responder, () => requester.call()));
    closing.push(() => requester.close(), responder.stop);
  }
  if (nats) {
    const server = await startNatsServer();
    const responder = await startResponder("nats", server.port);
    const requester = await natsRequester(server.port);
    all.push(overCalls("nats.js, both ends, through nats-server", responder, () => requester.call()));
    closing.push(
      () => requester.close(),
      responder.stop,
      () => server.process.kill(),
    );
  }
  if (!grpc || !nats) process.stdout.write("not all peers are installed: see bench/peers.ts\n");
  return () => {
    for (const close of closing) close();
  };
}

/** Of a gateway of its own: the heap of one that was under load grows and shrinks for other reasons too. */
async function idleKib(): Promise<string> {
  const idle = await startResponder("gateway");
  const open = async (resource: string): Promise<void> => {
    sockets.push(await login({ port: idle.port, ...REQUESTER, resource }));
  };
  for (let index = 0; index < SESSIONS_BEFORE; index++) await open(`before${index}`);
  const empty = await idle.residentBytes();
  for (let index = 0; index < IDLE_SESSIONS; index++) await open(`idle${index}`);
  const full = await idle.residentBytes();
  idle.stop();
  return ((full - empty) / IDLE_SESSIONS / 1_024).toFixed(1);
}

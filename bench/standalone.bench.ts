// A stand-alone gateway, with its requester in another process on a bare socket: calls a second and CPU time a call beside
// canned replies without any XMPP, and the memory of idle sessions.
// Run after a build: node dist/bench/standalone.bench.js. Compare ratios of one run, never absolutes.

import type { Socket } from "node:net";
import { connectBare, login } from "./bare-requester.js";
import { publish } from "./report.js";
import { REQUESTER, startResponder } from "./responders.js";
import { COLUMNS, measureByTurns } from "./side-by-side.js";

const IDLE_SESSIONS = 500;

const canned = await startResponder("canned");
const gateway = await startResponder("gateway");
const sockets: Socket[] = [await connectBare(canned.port), await login({ port: gateway.port, ...REQUESTER })];
const [cannedSocket, gatewaySocket] = sockets;
if (cannedSocket === undefined || gatewaySocket === undefined) throw new Error("no connection");
const rows = await measureByTurns([
  { name: "canned replies on a bare socket", responder: canned, socket: cannedSocket, address: "localhost" },
  { name: "stand-alone gateway", responder: gateway, socket: gatewaySocket, address: "localhost" },
]);
publish([
  { title: "Stand-alone: a call and its answer, no server between", columns: COLUMNS, rows },
  {
    title: "Stand-alone: memory",
    columns: ["", "KiB"],
    rows: [[`resident for each idle session, of ${IDLE_SESSIONS}`, await idleKib()]],
  },
]);
for (const socket of sockets) socket.destroy();
canned.stop();
gateway.stop();

async function idleKib(): Promise<string> {
  const open = async (resource: string): Promise<void> => {
    sockets.push(await login({ port: gateway.port, ...REQUESTER, resource }));
  };
  for (let index = 0; index < 50; index++) await open(`warm${index}`);
  const empty = await gateway.usage();
  for (let index = 0; index < IDLE_SESSIONS; index++) await open(`idle${index}`);
  const full = await gateway.usage();
  return ((full.rssBytes - empty.rssBytes) / IDLE_SESSIONS / 1_024).toFixed(1);
}

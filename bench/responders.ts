// The responders that are measured, each in a process of its own; a message asks what the process has used so far.
// Forked by startResponder: node responders.js KIND PORT

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Examples } from "../src/handlers/index.js";
import { createGateway, type GatewayOptions } from "../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../src/xmpp/index.js";
import { createAnswerCounter, login } from "./bare-requester.js";
import { serveGrpc, serveNats } from "./peers.js";

/** `canned`: constant replies on bare sockets, which is the least that a responder in Node can cost. */
export type ResponderKind = "gateway" | "canned" | "gateway-client" | "canned-client" | "grpc" | "nats";

/** The account of responders that log in, and of the requester. */
export const RESPONDER = Object.freeze({ user: "responder", password: "secret", resource: "rpc" });
export const REQUESTER = Object.freeze({ user: "alice", password: "secret", resource: "bench" });

/** A responder that runs. */
export interface Responder {
  /** Where it listens, or the port of the server it is logged in at. */
  readonly port: number;
  /** The CPU time that its process has used so far, all threads and system calls included, in microseconds. */
  cpuUs(): Promise<number>;
  /** Its resident memory in bytes, after a collection of garbage, which makes the next calls slower. */
  residentBytes(): Promise<number>;
  stop(): void;
}

/** Starts a responder; `port` is that of the server, for the kinds that log in. */
export async function startResponder(kind: ResponderKind, port = 0): Promise<Responder> {
  const child = fork(import.meta.filename, [kind, String(port)], { execArgv: ["--expose-gc"] });
  const listening = await answerOf(child);
  return {
    port: listening,
    cpuUs: () => ask(child, "cpuUs"),
    residentBytes: () => ask(child, "residentBytes"),
    stop: () => child.disconnect(),
  };
}

type Question = "cpuUs" | "residentBytes";

function ask(child: ChildProcess, question: Question): Promise<number> {
  const answered = answerOf(child);
  child.send(question);
  return answered;
}

/** The next message of our own child, which sends nothing but numbers. */
async function answerOf(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, "message")) as [number];
  return message;
}

function answerTo(question: Question): number {
  if (question === "cpuUs") {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

if (process.argv[1] === import.meta.filename) {
  const [, , kind, port] = process.argv;
  // startResponder passes nothing else.
  process.send?.(await serve(kind as ResponderKind, Number(port)));
  process.on("message", (question: Question) => process.send?.(answerTo(question)));
  process.on("disconnect", () => process.exit(0));
}

/** Starts serving; resolves with the port. */
async function serve(kind: ResponderKind, port: number): Promise<number> {
  switch (kind) {
    case "gateway":
      return serveStandalone();
    case "canned":
      return serveCanned();
    case "gateway-client":
      await serveGateway({
        service: `xmpp://127.0.0.1:${port}`,
        jid: `${RESPONDER.user}@localhost/${RESPONDER.resource}`,
        password: RESPONDER.password,
      });
      return port;
    case "canned-client":
      answerCanned(await login({ port, ...RESPONDER }));
      return port;
    case "grpc":
      return serveGrpc();
    case "nats":
      await serveNats(port);
      return port;
  }
}

async function serveStandalone(): Promise<number> {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await accounts.set(REQUESTER.user, REQUESTER.password);
  const limits = { maxResourcesPerAccount: 10_000, maxConnections: 10_000 };
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts, limits });
  await serveGateway(link);
  return link.listening?.port ?? 0;
}

async function serveGateway(link: GatewayOptions["link"]): Promise<void> {
  const access = [{ allow: `${REQUESTER.user}@localhost`, methods: "examples.*" }];
  await createGateway({ link, services: [Examples], access }).start();
}

async function serveCanned(): Promise<number> {
  const server = createServer({ noDelay: true }, answerCanned).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Answers every stanza with the same reply: it knows who asks, under which id, and what. */
function answerCanned(socket: Socket): void {
  const reply = `<iq type='result' id='call-0000001' to='${REQUESTER.user}@localhost/${REQUESTER.resource}'><query xmlns='jabber:iq:rpc'><methodResponse><params><param><value><string>Colorado</string></value></param></params></methodResponse></query></iq>`;
  const count = createAnswerCounter();
  socket.on("data", (chunk: Buffer) => {
    const calls = count(chunk);
    if (calls > 0) socket.write(reply.repeat(calls));
  });
}

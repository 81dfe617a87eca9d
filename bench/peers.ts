// The same call over other ways of calling: grpc-js directly, and nats.js through nats-server. They are not dependencies of the
// project: npm ci --ignore-scripts --prefix bench/peers, and Debian's package nats-server. What is not installed is left out.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const PATH = "/examples/getStateName";
const SUBJECT = "examples.getStateName";
const ANSWER = "Colorado";

/** The parts of grpc-js that are used here. */
interface Grpc {
  readonly Server: new () => {
    addService(service: Readonly<Record<string, unknown>>, handlers: Readonly<Record<string, unknown>>): void;
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
  };
  readonly Client: new (
    address: string,
    credentials: unknown,
  ) => {
    makeUnaryRequest(
      path: string,
      serialize: (value: unknown) => Buffer,
      deserialize: (bytes: Buffer) => unknown,
      argument: unknown,
      done: (error: Error | null, value: unknown) => void,
    ): void;
    close(): void;
  };
  readonly ServerCredentials: { createInsecure(): unknown };
  readonly credentials: { createInsecure(): unknown };
}

/** The parts of nats.js that are used here. */
interface Nats {
  connect(options: { readonly servers: string }): Promise<{
    subscribe(
      subject: string,
      options: { callback(error: Error | null, message: { respond(data: Uint8Array): boolean }): void },
    ): void;
    request(subject: string, payload: Uint8Array, options: { readonly timeout: number }): Promise<unknown>;
    flush(): Promise<void>;
    close(): Promise<void>;
  }>;
}

/** A requester of a peer. */
export interface PeerRequester {
  call(): Promise<unknown>;
  close(): void;
}

/** A package of bench/peers; undefined when it is not installed. */
function load(name: string): unknown {
  const folder = fileURLToPath(new URL("../../bench/peers/package.json", import.meta.url));
  try {
    return createRequire(folder)(name);
  } catch {
    return undefined;
  }
}

/** Which peers can be measured here. */
export function installedPeers(): { readonly grpc: boolean; readonly nats: boolean } {
  const hasServer = spawnSync("nats-server", ["--version"]).status === 0;
  return { grpc: load("@grpc/grpc-js") !== undefined, nats: hasServer && load("nats") !== undefined };
}

/** Serves the call over gRPC; resolves with the port. */
export function serveGrpc(): Promise<number> {
  const grpc = loadGrpc();
  const server = new grpc.Server();
  const method = {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: fromBytes,
    responseSerialize: toBytes,
    responseDeserialize: fromBytes,
  };
  const answer = (_call: unknown, done: (error: null, value: string) => void): void => done(null, ANSWER);
  server.addService({ getStateName: method }, { getStateName: answer });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Calls over gRPC. */
export function grpcRequester(port: number): PeerRequester {
  const grpc = loadGrpc();
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    call: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(PATH, toBytes, fromBytes, 6, (error, value) => {
          if (error === null) resolve(value);
          else reject(error);
        });
      }),
    close: () => client.close(),
  };
}

/** Starts nats-server on a free port. */
export async function startNatsServer(): Promise<{ readonly port: number; readonly process: ChildProcess }> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  probe.close();
  await once(probe, "close");
  return { port, process: spawn("nats-server", ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" }) };
}

/** Serves the call over NATS. */
export async function serveNats(port: number): Promise<void> {
  const connection = await connectNats(port);
  const answer = toBytes(ANSWER);
  connection.subscribe(SUBJECT, {
    callback: (_error, message) => {
      message.respond(answer);
    },
  });
  await connection.flush();
}

/** Calls over NATS. */
export async function natsRequester(port: number): Promise<PeerRequester> {
  const connection = await connectNats(port);
  const payload = toBytes(6);
  return {
    call: () => connection.request(SUBJECT, payload, { timeout: 10_000 }),
    close: () => void connection.close(),
  };
}

/** The server takes a moment to listen. */
async function connectNats(port: number): ReturnType<Nats["connect"]> {
  const nats = loadNats();
  for (let attempt = 1; ; attempt++) {
    try {
      return await nats.connect({ servers: `127.0.0.1:${port}` });
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function loadGrpc(): Grpc {
  // The interface names the parts that are used; the package has more.
  return present(load("@grpc/grpc-js")) as Grpc;
}

function loadNats(): Nats {
  // As above.
  return present(load("nats")) as Nats;
}

function present(peer: unknown): unknown {
  if (peer === undefined) throw new Error("npm ci --ignore-scripts --prefix bench/peers");
  return peer;
}

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function fromBytes(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}

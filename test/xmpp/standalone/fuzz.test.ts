// Broken sessions by the thousand: the endpoint lives, forgets every connection, and delivers nothing from a broken stream.
// JABBER_RPC_FUZZ_SECONDS lengthens it; a failure prints its seed, JABBER_RPC_FUZZ_SEED repeats it.

import { afterEach, expect, it } from "vitest";
import { STREAM_CASES } from "./rfc6120-cases.js";
import { HEADER, RawClient, scramClient, startGateway, type TestGateway } from "./support.js";

const seconds = Number(process.env["JABBER_RPC_FUZZ_SECONDS"] ?? 3);
const seed = Number(process.env["JABBER_RPC_FUZZ_SEED"] ?? Date.now() % 1_000_000);

let gateway: TestGateway;
afterEach(() => gateway.stop());

/** Mulberry32: small, and the same everywhere. */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Damages bytes: cuts, doubles, overwrites and swaps pieces of them. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  let result = Buffer.from(bytes);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let times = below(4); times >= 0; times--) {
    const at = below(result.length);
    const end = Math.min(result.length, at + 1 + below(20));
    switch (below(5)) {
      case 0:
        result = Buffer.concat([result.subarray(0, at), result.subarray(end)]);
        break;
      case 1:
        result = Buffer.concat([result.subarray(0, end), result.subarray(at)]);
        break;
      case 2:
        if (result.length > 0) result[at] = below(256);
        break;
      case 3:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.from("<&>\"'/\0\xff="[below(9)] ?? ""),
          result.subarray(at),
        ]);
        break;
      default:
        result = Buffer.concat([result.subarray(end), result.subarray(0, at)]);
    }
  }
  return result;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}

/** One session: some of it as it should be, then damage, in chunks of any size. */
async function attack(random: () => number, marker: string): Promise<void> {
  const client = await RawClient.connect(gateway.port);
  const depth = random();
  if (depth > 0.6) await client.login("alice", marker);
  const { auth } = scramClient("SCRAM-SHA-1", "alice", "secret");
  const cases = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    Buffer.from(pick(STREAM_CASES, random).sends),
  );
  const sound = depth > 0.3 ? Buffer.from(depth > 0.6 ? "" : HEADER + auth) : Buffer.alloc(0);
  const broken = Buffer.concat([sound, damaged(Buffer.concat(cases), random)]);
  // What follows a comment is never delivered, whatever came before it.
  const poison = Buffer.from(`<!-- --><message to='localhost' id='poison-${marker}'/>`);
  const bytes = Buffer.concat([broken, poison]);
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * random() * 400);
    client.write(bytes.subarray(at, at + size));
    at += size;
    if (random() < 0.1) await new Promise(setImmediate);
  }
  if (random() < 0.5) client.socket.end();
  else if (random() < 0.3) client.socket.resetAndDestroy();
  else client.socket.end("</stream:stream>");
  await client.closed();
}

it(
  `lives through ${seconds} seconds of damage (seed ${seed})`,
  async () => {
    gateway = await startGateway({ limits: { maxUnauthenticatedPercent: 100 } });
    const trouble: unknown[] = [];
    const note = (error: unknown) => trouble.push(error);
    process.on("uncaughtException", note);
    process.on("unhandledRejection", note);
    const random = randomOf(seed);
    const end = Date.now() + seconds * 1_000;
    let sessions = 0;
    while (Date.now() < end) {
      const wave = Array.from({ length: 16 }, () => attack(random, `s${sessions++}`));
      await Promise.all(wave);
    }
    while (gateway.link.connections > 0) await new Promise(setImmediate);
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
    expect(trouble).toEqual([]);
    expect(sessions).toBeGreaterThan(50);
    const poisoned = gateway.listener.stanzas.filter(({ attrs }) => attrs["id"]?.startsWith("poison-") === true);
    expect(poisoned).toEqual([]);
    const client = await RawClient.connect(gateway.port);
    expect(await client.login("alice", "after")).toBe("alice@localhost/after");
    client.destroy();
  },
  (seconds + 60) * 1_000,
);

// Calls a second of a stand-alone gateway, with its requester in another process on a bare socket; and memory of idle sessions.
// Run: npx tsc -b && node dist/bench/standalone.bench.js [seconds] [in flight]

import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { Examples } from "../src/handlers/index.js";
import { createGateway } from "../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../src/xmpp/index.js";
import { deriveScramKeys, hmac, xorBytes } from "../src/xmpp/scram/keys.js";

const HEADER =
  "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const IDLE_SESSIONS = 500;

/** What the gateway's process tells when asked. */
interface Usage {
  readonly rss: number;
  readonly cpuMs: number;
}

if (process.argv[2] === "gateway") await serve();
else await measure(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 64));

async function serve(): Promise<void> {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await accounts.set("alice", "secret");
  const limits = { maxResourcesPerAccount: 10_000, maxConnections: 10_000 };
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts, limits });
  const gateway = createGateway({
    link,
    services: [Examples],
    access: [{ allow: "alice@localhost", methods: "examples.*" }],
  });
  await gateway.start();
  process.send?.({ port: link.listening?.port });
  process.on("message", () => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({ rss: process.memoryUsage().rss, cpuMs: (user + system) / 1_000 } satisfies Usage);
  });
  process.on("disconnect", () => process.exit(0));
}

async function measure(seconds: number, inFlight: number): Promise<void> {
  const child = fork(import.meta.filename, ["gateway"], { execArgv: ["--expose-gc"] });
  // Our own child's first message.
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const usage = async (): Promise<Usage> => {
    child.send("usage");
    const [answer] = (await once(child, "message")) as [Usage];
    return answer;
  };
  process.stdout.write(`${cpus()[0]?.model}, Node ${process.version}\n`);

  const socket = await login(port, "bench");
  await run(socket, 1, inFlight);
  const before = await usage();
  const calls = await run(socket, seconds, inFlight);
  const after = await usage();
  const cpuUs = ((after.cpuMs - before.cpuMs) * 1_000) / calls;
  process.stdout.write(
    `${inFlight} in flight: ${Math.round(calls / seconds)} calls/s, ${cpuUs.toFixed(1)} us of the gateway's CPU a call (${Math.round(1e6 / cpuUs)} calls/s a core)\n`,
  );
  const sequential = await run(socket, 1, 1);
  process.stdout.write(`1 in flight: ${sequential} calls/s\n`);

  const idle: Socket[] = [];
  for (let index = 0; index < 50; index++) idle.push(await login(port, `warm${index}`));
  const empty = await usage();
  for (let index = 0; index < IDLE_SESSIONS; index++) idle.push(await login(port, `idle${index}`));
  const full = await usage();
  process.stdout.write(`${((full.rss - empty.rss) / IDLE_SESSIONS / 1024).toFixed(1)} KiB resident an idle session\n`);
  for (const each of [socket, ...idle]) each.destroy();
  child.disconnect();
}

/** Calls without pause, never more than `inFlight` unanswered; resolves with how many were answered. */
async function run(socket: Socket, seconds: number, inFlight: number): Promise<number> {
  const call =
    "<iq type='set' id='call-0000001' to='localhost'><query xmlns='jabber:iq:rpc'><methodCall><methodName>examples.getStateName</methodName><params><param><value><i4>6</i4></value></param></params></methodCall></query></iq>";
  const end = Date.now() + seconds * 1_000;
  let answered = 0;
  let unanswered = inFlight;
  let rest = "";
  socket.write(call.repeat(inFlight));
  return new Promise((resolve) => {
    const read = (chunk: Buffer): void => {
      const text = rest + chunk.toString("latin1");
      let count = 0;
      let at = 0;
      for (;;) {
        const found = text.indexOf("</iq>", at);
        if (found < 0) break;
        count++;
        at = found + 5;
      }
      rest = text.slice(at);
      answered += count;
      unanswered -= count;
      if (Date.now() < end) {
        socket.write(call.repeat(count));
        unanswered += count;
      } else if (unanswered === 0) {
        socket.off("data", read);
        resolve(answered);
      }
    };
    socket.on("data", read);
  });
}

async function login(port: number, resource: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  const ask = async (text: string, until: string): Promise<string> => {
    let received = "";
    const done = new Promise<string>((resolve) => {
      const read = (chunk: Buffer): void => {
        received += chunk.toString();
        if (!received.includes(until)) return;
        socket.off("data", read);
        resolve(received);
      };
      socket.on("data", read);
    });
    socket.write(text);
    return done;
  };
  const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
  const bare = "n=alice,r=nonce";
  await ask(HEADER, "</stream:features>");
  const challenge = await ask(`<auth ${sasl} mechanism='SCRAM-SHA-1'>${base64(`n,,${bare}`)}</auth>`, "</challenge>");
  const first = Buffer.from(/>([^<]*)<\/challenge>/.exec(challenge)?.[1] ?? "", "base64").toString();
  const [, nonce = "", salt = "", count = ""] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(first) ?? [];
  const keys = await deriveScramKeys("sha1", "secret", Buffer.from(salt, "base64"), Number(count));
  const withoutProof = `c=biws,r=${nonce}`;
  const proof = xorBytes(keys.clientKey, hmac("sha1", keys.storedKey, `${bare},${first},${withoutProof}`));
  await ask(`<response ${sasl}>${base64(`${withoutProof},p=${proof.toString("base64")}`)}</response>`, "</success>");
  await ask(HEADER, "</stream:features>");
  await ask(
    `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    "</iq>",
  );
  return socket;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

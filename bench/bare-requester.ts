// A requester on a bare socket that costs as little as can be: it logs in, writes one constant call and counts answers.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { deriveScramKeys, hmac, xorBytes } from "../src/xmpp/scram/keys.js";

const HEADER =
  "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

/** Where and as whom to log in. */
export interface LoginOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
}

/** The call that is written over and over. */
export function callText(to: string): string {
  return `<iq type='set' id='call-0000001' to='${to}'><query xmlns='jabber:iq:rpc'><methodCall><methodName>examples.getStateName</methodName><params><param><value><i4>6</i4></value></param></params></methodCall></query></iq>`;
}

/** A connection to a server that answers without any log-in. */
export async function connectBare(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** A connection that is logged in by SCRAM-SHA-1 and bound. */
export async function login({ port, user, password, resource }: LoginOptions): Promise<Socket> {
  const socket = await connectBare(port);
  const ask = (text: string, until: string): Promise<string> => {
    const answered = textUntil(socket, until);
    socket.write(text);
    return answered;
  };
  const bare = `n=${user},r=nonce`;
  await ask(HEADER, "</stream:features>");
  const challenge = await ask(`<auth ${SASL} mechanism='SCRAM-SHA-1'>${base64(`n,,${bare}`)}</auth>`, "</challenge>");
  const first = Buffer.from(/>([^<]*)<\/challenge>/.exec(challenge)?.[1] ?? "", "base64").toString();
  const [, nonce = "", salt = "", count = ""] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(first) ?? [];
  const keys = await deriveScramKeys("sha1", password, Buffer.from(salt, "base64"), Number(count));
  const withoutProof = `c=biws,r=${nonce}`;
  const proof = xorBytes(keys.clientKey, hmac("sha1", keys.storedKey, `${bare},${first},${withoutProof}`));
  await ask(`<response ${SASL}>${base64(`${withoutProof},p=${proof.toString("base64")}`)}</response>`, "</success>");
  await ask(HEADER, "</stream:features>");
  await ask(
    `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    "</iq>",
  );
  return socket;
}

/** Calls without pause, never more than `inFlight` unanswered; resolves with how many were answered. */
export function keepInFlight(socket: Socket, call: string, seconds: number, inFlight: number): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  const count = createAnswerCounter();
  let answered = 0;
  let unanswered = inFlight;
  return new Promise((resolve) => {
    const read = (chunk: Buffer): void => {
      const answers = count(chunk);
      answered += answers;
      unanswered -= answers;
      if (performance.now() < end) {
        if (answers > 0) socket.write(call.repeat(answers));
        unanswered += answers;
      } else if (unanswered === 0) {
        socket.off("data", read);
        resolve(answered);
      }
    };
    socket.on("data", read);
    socket.write(call.repeat(inFlight));
  });
}

/** Counts the ends of stanzas in a stream of chunks. */
export function createAnswerCounter(): (chunk: Buffer) => number {
  let rest = "";
  return (chunk) => {
    const text = rest + chunk.toString("latin1");
    let answers = 0;
    let at = 0;
    for (let found = text.indexOf("</iq>"); found >= 0; found = text.indexOf("</iq>", at)) {
      answers++;
      at = found + 5;
    }
    rest = text.slice(at);
    return answers;
  };
}

function textUntil(socket: Socket, until: string): Promise<string> {
  let received = "";
  return new Promise((resolve) => {
    const read = (chunk: Buffer): void => {
      received += chunk.toString();
      if (!received.includes(until)) return;
      socket.off("data", read);
      resolve(received);
    };
    socket.on("data", read);
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

// Some seconds of a server that says seeded junk at random points of the conversation: the process and the link survive.

import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClientLink } from "../../src/xmpp/client-link.js";
import { createComponentLink } from "../../src/xmpp/component-link.js";
import type { Link } from "../../src/xmpp/link.js";
import {
  BIND_FEATURE,
  FakeServer,
  type FakeSession,
  MANAGEMENT_FEATURE,
  mechanismsFeature,
  STARTTLS_FEATURE,
} from "../support/fake-server.js";
import { RecordingListener } from "../support/recording-listener.js";

const SCRAPS = [
  "<message from='@'/>",
  "<iq type='get' id='1' from='a@b/c'><x xmlns='y'/></iq>",
  "<iq type='error' id='1'/>",
  "<iq type='result'/>",
  "<iq type='result' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bind></iq>",
  "<presence/>",
  "<stream:features/>",
  `<stream:features>${BIND_FEATURE}</stream:features>`,
  `<stream:features>${STARTTLS_FEATURE}</stream:features>`,
  `<stream:features>${mechanismsFeature(["SCRAM-SHA-1", "PLAIN"])}</stream:features>`,
  "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
  "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj14LHM9eCxpPTE=</challenge>",
  "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<enabled xmlns='urn:xmpp:sm:3' id='1' resume='true'/>",
  "<resumed xmlns='urn:xmpp:sm:3' previd='1' h='0'/>",
  "<handshake/>",
  "<message to='evil.example'/>",
  "<enabled xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='99'/>",
  "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:1</see-other-host></stream:error>",
  "<stream:error/>",
  "</stream:stream>",
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
  "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
  "&bogus;",
  "&#0;",
  "<!-- -->",
  "<![CDATA[x]]>",
  "\u0000",
  "é",
  " \n",
  "<",
  "</a>",
];

const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);
beforeAll(() => {
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});
afterAll(() => {
  process.removeListener("uncaughtException", note);
  process.removeListener("unhandledRejection", note);
});

/** Mulberry32: small, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Step = (session: FakeSession) => Promise<unknown>;

interface Kind {
  readonly name: string;
  /** What a well-behaved server does until the link is online. */
  readonly steps: readonly Step[];
  readonly createLink: (service: string) => Link;
}

const TIMES = { onlineTimeoutMs: 500, closeTimeoutMs: 50 };
const KINDS: readonly Kind[] = [
  {
    name: "client",
    steps: [
      (session) => session.openStream(mechanismsFeature(["SCRAM-SHA-1"])),
      (session) => session.authenticate("secret"),
      (session) => session.openStream(BIND_FEATURE + MANAGEMENT_FEATURE),
      (session) => session.bind(),
    ],
    createLink: (service) =>
      createClientLink({ service, jid: "user@localhost/test", password: "secret", minScramIterations: 1, ...TIMES }),
  },
  {
    name: "component",
    steps: [(session) => session.openComponent(), async (session) => session.write("<handshake/>")],
    createLink: (service) => createComponentLink({ service, jid: "rpc.localhost", password: "hush", ...TIMES }),
  },
];

async function talkJunk(session: FakeSession, steps: readonly Step[], random: () => number): Promise<void> {
  // A third of the time it behaves until the link is online.
  const honest = random() < 0.34 ? steps.length : Math.floor(random() * steps.length);
  for (const step of steps.slice(0, honest)) await step(session);
  for (let count = 1 + Math.floor(random() * 8); count > 0; count -= 1) {
    const bytes = Buffer.from(SCRAPS[Math.floor(random() * SCRAPS.length)] ?? "");
    const cut = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
    session.write(bytes.subarray(0, cut));
    if (random() < 0.2) session.write(Uint8Array.from({ length: 4 }, () => Math.floor(random() * 256)));
    if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
  if (random() < 0.5) session.end();
  else session.reset();
}

const SEEDS = [1, 2, randomInt(2 ** 31)];

it.each(KINDS.flatMap((kind) => SEEDS.map((seed) => [kind.name, seed, kind] as const)))(
  "a %s link survives 60 connections of junk, seed %i",
  async (_name, seed, { steps, createLink }) => {
    const random = seeded(seed);
    // The scripts fail all the time: that is what they are for.
    const server = await FakeServer.listen((session) =>
      talkJunk(session, steps, random).catch(() => session.destroy()),
    );
    let online = 0;
    for (let round = 0; round < 60; round += 1) {
      const link = createLink(server.service);
      const listener = new RecordingListener();
      const started = await link.start(listener).then(
        () => true,
        () => false,
      );
      if (started) {
        online += 1;
        await listener.until(() => listener.offlines.length > 0 || listener.calls.includes("suspended"));
      }
      await link.stop();
      expect(listener.onlines.length).toBeGreaterThanOrEqual(started ? 1 : 0);
      expect(listener.offlines).toHaveLength(listener.onlines.length);
    }
    await server.close();
    expect(uncaught).toEqual([]);
    expect(online).toBeGreaterThan(5);
  },
);

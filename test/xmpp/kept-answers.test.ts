// Answers made while the link is down or full: kept within bounds, and sent when it takes stanzas again (issue 3; protocol §4.5).

import { describe, expect, it } from "vitest";
import { type LogFields, silentLogger } from "../../src/observe/index.js";
import { element, type XmlElement, type XmlText } from "../../src/xml/index.js";
import { IqRouter, type KeptAnswerLimits } from "../../src/xmpp/index.js";
import type { Link, LinkListener } from "../../src/xmpp/link.js";
import type { FakeServer } from "../support/fake-server.js";
import { useComponentServers, useServers } from "../support/link-harness.js";
import { ManualClock } from "../support/manual-clock.js";

const serveComponent = useComponentServers();
const serveClient = useServers();

/** A router whose one route answers when the test says so. */
function createHeldRouter(link: Link, limits: Partial<KeptAnswerLimits> = {}) {
  const release: (() => void)[] = [];
  const lost: LogFields[] = [];
  let nowMs = 0;
  const router = new IqRouter({
    link,
    limits: { maxSentBytes: 200_000, ...limits },
    now: () => nowMs,
    log: { ...silentLogger, warn: (event, fields) => void (event === "iq.answer-lost" && lost.push(fields ?? {})) },
    routes: [
      {
        type: "get",
        ns: "held",
        name: "x",
        handle: () => new Promise<XmlText | undefined>((resolve) => release.push(() => resolve(element("done", {})))),
      },
    ],
  });
  let calls: string[] = [];
  let wake: (() => void) | undefined;
  const note = (call: string) => {
    calls = [...calls, call];
    wake?.();
  };
  const listener: LinkListener = {
    stanza: (stanza: XmlElement) => {
      router.handle(stanza);
      note("stanza");
    },
    oversize: () => undefined,
    online: () => {
      router.sendKept();
      note("online");
    },
    offline: (reason) => {
      router.disconnect(reason);
      note("offline");
    },
  };
  return {
    router,
    listener,
    lost,
    advance: (ms: number) => {
      nowMs += ms;
    },
    /** Lets every handler answer, and the answers pass. */
    releaseAll: async () => {
      for (const each of release.splice(0)) each();
      await new Promise((resolve) => setImmediate(resolve));
    },
    until: async (call: string, times: number) => {
      while (calls.filter((each) => each === call).length < times) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function ask(server: FakeServer, ids: readonly string[], to = "rpc.localhost"): Promise<void> {
  const [session] = server.sessions;
  for (const id of ids)
    session?.write(`<iq type='get' id='${id}' from='anna@localhost/desk' to='${to}'><x xmlns='held'/></iq>`);
}

/** A component with requests in work whose connection is lost before they are answered. */
async function loseComponent(ids: readonly string[], limits: Partial<KeptAnswerLimits> = {}) {
  const clock = new ManualClock();
  const { connect, server } = await serveComponent(async (session) => void (await session.acceptComponent()));
  const { link } = connect({ clock, random: () => 0 });
  const held = createHeldRouter(link, limits);
  await link.start(held.listener);
  await ask(server, ids);
  await held.until("stanza", ids.length);
  server.sessions[0]?.destroy();
  await held.until("offline", 1);
  await held.releaseAll();
  const comeBack = async () => {
    clock.advance(0);
    await held.until("online", 2);
    link.send("<message to='last@localhost' from='rpc.localhost'/>" as XmlText);
    const received: string[] = [];
    for (;;) {
      const item = await server.sessions[1]?.next();
      if (typeof item !== "object" || item.name === "message") return received;
      received.push(item.attrs["id"] ?? "");
    }
  };
  return { ...held, comeBack };
}

describe("a component", () => {
  it("answers after it has come back, in order and from the address asked", async () => {
    const { comeBack, router, lost } = await loseComponent(["1", "2", "3"]);
    let isSent = false;
    const sent = router.whenKeptAreSent().then(() => {
      isSent = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isSent).toBe(false);
    expect(await comeBack()).toEqual(["1", "2", "3"]);
    await sent;
    expect(lost).toEqual([]);
  });

  it.each([
    ["number", { maxKeptAnswers: 2 }],
    ["size", { maxKeptAnswerCharacters: 2 * answerLength() }],
  ])("gives the oldest up at one past the limit of their %s", async (_what, limits) => {
    const atLimit = await loseComponent(["1", "2"], limits);
    expect(await atLimit.comeBack()).toEqual(["1", "2"]);
    const past = await loseComponent(["1", "2", "3"], limits);
    expect(await past.comeBack()).toEqual(["2", "3"]);
    expect(past.lost).toMatchObject([{ id: "1", to: "anna@localhost/desk" }]);
  });

  it("gives up what is too old", async () => {
    const atLimit = await loseComponent(["1"], { maxKeptAnswerAgeMs: 1_000 });
    atLimit.advance(999);
    expect(await atLimit.comeBack()).toEqual(["1"]);
    const past = await loseComponent(["1"], { maxKeptAnswerAgeMs: 1_000 });
    past.advance(1_000);
    expect(await past.comeBack()).toEqual([]);
    expect(past.lost).toHaveLength(1);
  });

  it("asks nothing of an account that it does not have", async () => {
    const { online } = await serveComponent(async (session) => void (await session.acceptComponent()));
    const { link } = await online();
    const { router } = createHeldRouter(link);
    await expect(
      router.request("get", undefined, element("query", { xmlns: "jabber:iq:roster" })),
    ).rejects.toMatchObject({
      condition: "service-unavailable",
    });
  });

  it("does not answer a request without a sender, which would end its stream", async () => {
    const { connect, server } = await serveComponent(async (session) => void (await session.acceptComponent()));
    const { link } = connect();
    const held = createHeldRouter(link);
    await link.start(held.listener);
    server.sessions[0]?.write(
      "<iq type='get' id='1'><x xmlns='nothing'/></iq><iq type='get' id='2' from='a@b'><x xmlns='nothing'/></iq>",
    );
    expect((await server.sessions[0]?.expect("iq"))?.attrs["id"]).toBe("2");
  });
});

describe("a client", () => {
  it.each([
    ["answers after it has come back under the same address", undefined, ["1"]],
    ["gives answers up that were asked of another address", "user@localhost/other", []],
  ])("%s", async (_what, jid, expected) => {
    const clock = new ManualClock();
    const { connect, server } = await serveClient(async (session) => {
      if (session.index === 0 || jid === undefined) await session.login();
      else await session.login("secret", undefined, jid);
    });
    const { link } = connect({ clock, random: () => 0 });
    const held = createHeldRouter(link);
    await link.start(held.listener);
    await ask(server, ["1"], "user@localhost/test");
    await held.until("stanza", 1);
    server.sessions[0]?.destroy();
    await held.until("offline", 1);
    await held.releaseAll();
    clock.advance(0);
    await held.until("online", 2);
    link.send("<message/>" as XmlText);
    const first = await server.sessions[1]?.next();
    expect(typeof first === "object" && first.name === "iq" ? [first.attrs["id"]] : []).toEqual(expected);
    expect(held.lost).toHaveLength(1 - expected.length);
  });
});

/** The characters of the answers above, which all have the same length. */
function answerLength(): number {
  return "<iq type='result' id='1' to='anna@localhost/desk' from='rpc.localhost'><done/></iq>".length;
}

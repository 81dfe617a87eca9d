// Component mode with real servers: Debian's Prosody and ejabberd (issue 3; field notes §2).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Examples, Validator1 } from "../../src/handlers/index.js";
import { createComponentLink, createGateway, type Gateway } from "../../src/index.js";
import { childElements, element, type XmlText } from "../../src/xml/index.js";
import { createClientLink, type Link } from "../../src/xmpp/index.js";
import { STORIES } from "../stories/stories.js";
import { startEjabberd } from "../support/ejabberd.js";
import { testCertificate } from "../support/fake-server.js";
import { startProsody } from "../support/prosody.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { RecordingListener } from "../support/recording-listener.js";
import { runStory } from "../support/run-story.js";
import type { ServerProcess } from "../support/server-process.js";

const OPTIONS = {
  users: { anna: "secret", bert: "secret" },
  components: { "rpc.localhost": "hush", "other.localhost": "hush" },
};
const SERVERS = [
  ["Prosody", startProsody],
  ["ejabberd", startEjabberd],
] as const;

describe.each(SERVERS)("with %s", (name, start) => {
  let server: ServerProcess;
  const opened: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    server = await start(OPTIONS);
  });
  afterAll(async () => {
    for (const each of opened.splice(0)) await each.stop();
    await server.stop();
  });

  const component = (jid: string, password = "hush"): Link => {
    const link = createComponentLink({ service: `xmpp://127.0.0.1:${server.componentPort}`, jid, password });
    opened.push(link);
    return link;
  };
  const account = (jid: string): Link => {
    const link = createClientLink({ service: `xmpp://127.0.0.1:${server.port}`, jid, password: "secret" });
    opened.push(link);
    return link;
  };
  const listening = async (link: Link): Promise<RecordingListener> => {
    const listener = new RecordingListener();
    await link.start(listener);
    return listener;
  };

  describe("the stories", () => {
    let gateway: Gateway;
    let peer: RawPeer;

    beforeAll(async () => {
      gateway = createGateway({
        link: component("rpc.localhost"),
        services: [Examples, Validator1],
        access: [{ allow: "anna@localhost", methods: ["examples.*", "validator1.*"] }],
      });
      await gateway.start();
      peer = await startRawPeer(account("anna@localhost/desk"));
    });
    afterAll(() => gateway.stop());

    it.each(STORIES.map((story) => [story.name, story] as const))("%s", async (_name, story) => {
      await runStory(story, peer, "rpc.localhost");
    });

    it.each(["any@rpc.localhost", "any@rpc.localhost/where/ever", "rpc.localhost/resource"])(
      "are the same at the address %s",
      async (address) => {
        for (const story of STORIES.slice(0, 3)) await runStory(story, peer, address);
      },
    );

    it("answers subscriptions and probes, and says good-bye", async () => {
      const bert = account("bert@localhost/desk");
      const listener = await listening(bert);
      bert.send(element("presence", {}));
      bert.send(element("presence", { to: "rpc.localhost", type: "subscribe" }));
      const types = () =>
        listener.stanzas
          .filter(({ name: tag, attrs }) => tag === "presence" && attrs.from?.startsWith("rpc.localhost"))
          .map(({ attrs }) => attrs.type);
      // The answer itself is for the server, which need not show it to a client that has not asked for its roster.
      await listener.until(() => types().includes(undefined));
      const shown = listener.stanzas.find(({ attrs }) => attrs.from === "rpc.localhost" && attrs.type === undefined);
      expect(shown && childElements(shown).some((child) => child.ns === "http://jabber.org/protocol/caps")).toBe(true);
      // Whoever logs in later is shown the gateway, because its server probes.
      const later = account("bert@localhost/later");
      const laterListener = await listening(later);
      later.send(element("presence", {}));
      await laterListener.until(() => laterListener.stanzas.some(({ attrs }) => attrs.from === "rpc.localhost"));
      await gateway.stop();
      await listener.until(() => types().includes("unavailable"));
    });
  });

  it("refuses a wrong secret and an unknown domain", async () => {
    const secret = component("other.localhost", "wrong").start(new RecordingListener());
    await expect(secret).rejects.toMatchObject({ code: "authentication-failed" });
    const domain = component("nosuch.localhost").start(new RecordingListener());
    await expect(domain).rejects.toMatchObject({
      code: name === "Prosody" ? "stream-error" : "authentication-failed",
    });
  });

  it("has another connection for the same domain refused by Prosody, and shared by ejabberd", async () => {
    const first = component("other.localhost");
    await first.start(new RecordingListener());
    const second = component("other.localhost");
    const started = second.start(new RecordingListener());
    if (name === "Prosody") await expect(started).rejects.toThrow(/conflict.*not dead yet/);
    else await started;
    await second.stop();
    await first.stop();
  });

  it("confirms by a ping what was sent before, in order", async () => {
    const link = component("other.localhost");
    await link.start(new RecordingListener());
    const anna = account("anna@localhost/flush");
    const listener = await listening(anna);
    const text = "x".repeat(500);
    for (let index = 0; index < 2_000; index += 1) {
      link.send(
        `<message to='anna@localhost/flush' from='other.localhost' id='m${index}'><body>${text}</body></message>` as XmlText,
      );
    }
    await link.flushed();
    await listener.until(() => listener.stanzas.length === 2_000);
    expect(listener.stanzas.map(({ attrs }) => attrs.id)).toEqual(
      Array.from({ length: 2_000 }, (_, index) => `m${index}`),
    );
    await link.stop();
  });
});

it("speaks TLS with ejabberd's port for components", async () => {
  const certificate = testCertificate("localhost");
  const server = await startEjabberd({ ...OPTIONS, componentTls: certificate });
  const service = `xmpp://localhost:${server.componentPort}`;
  const options = { service, jid: "rpc.localhost", password: "hush" };
  const untrusting = createComponentLink({ ...options, tls: true });
  await expect(untrusting.start(new RecordingListener())).rejects.toMatchObject({ code: "tls-failed" });
  const link = createComponentLink({ ...options, tls: { ca: certificate.cert } });
  await link.start(new RecordingListener());
  await link.flushed();
  await link.stop();
  await server.stop();
});

// The stories over a stand-alone link, at each of the gateway's addresses, over TCP.
import { afterAll, beforeAll, describe, it } from "vitest";
import { Examples, Validator1 } from "../../src/handlers/index.js";
import { createGateway, type Gateway } from "../../src/index.js";
import { createClientLink, createMemoryAccounts, createStandaloneLink } from "../../src/xmpp/index.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { runStory } from "../support/run-story.js";
import { STORIES } from "./stories.js";

describe("stories over a stand-alone link", () => {
  let gateway: Gateway;
  let peer: RawPeer;

  beforeAll(async () => {
    const accounts = createMemoryAccounts({ iterations: 4096 });
    await accounts.set("alice", "secret");
    const link = createStandaloneLink({ domain: "example.org", listen: { port: 0 }, accounts });
    gateway = createGateway({
      link,
      services: [Examples, Validator1],
      access: [{ allow: "alice@example.org", methods: ["examples.*", "validator1.*"] }],
    });
    await gateway.start();
    const service = `xmpp://127.0.0.1:${link.listening?.port}`;
    peer = await startRawPeer(createClientLink({ service, jid: "alice@example.org/desk", password: "secret" }));
  });
  afterAll(async () => {
    await peer.stop();
    await gateway.stop();
  });

  describe.each(["example.org", "rpc.example.org", "rpc@example.org"])("at %s", (address) => {
    it.each(STORIES.map((story) => [story.name, story] as const))("%s", async (_name, story) => {
      await runStory(story, peer, address);
    });
  });
});

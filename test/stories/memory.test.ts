// The stories over the memory link.
import { afterAll, beforeAll, describe, it } from "vitest";
import { Examples, Validator1 } from "../../src/handlers/index.js";
import { createGateway, createMemoryNetwork, type Gateway } from "../../src/index.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { runStory } from "../support/run-story.js";
import { STORIES } from "./stories.js";

describe("stories over the memory link", () => {
  let gateway: Gateway;
  let peer: RawPeer;

  beforeAll(async () => {
    const network = createMemoryNetwork();
    gateway = createGateway({
      link: network.link("rpc.example.org"),
      services: [Examples, Validator1],
      access: [{ allow: "alice@example.org", methods: ["examples.*", "validator1.*"] }],
    });
    await gateway.start();
    peer = await startRawPeer(network.link("alice@example.org/desk"));
  });
  afterAll(async () => {
    await peer.stop();
    await gateway.stop();
  });

  it.each(STORIES.map((story) => [story.name, story] as const))("%s", async (_name, story) => {
    await runStory(story, peer, "rpc.example.org");
  });
});

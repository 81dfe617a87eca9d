// The stories against a gateway that is a client of a real Prosody (issue 2 §7).

import { afterAll, beforeAll, describe, it } from "vitest";
import { createClientLink } from "../../src/xmpp/index.js";
import { STORIES } from "../stories/stories.js";
import { type GatewayProcess, RESPONDER, startGatewayProcess } from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { runStory } from "../support/run-story.js";

describe("stories through Prosody", () => {
  let prosody: Prosody;
  let gateway: GatewayProcess;
  let peer: RawPeer;

  beforeAll(async () => {
    prosody = await startProsody({ users: { responder: RESPONDER.password, alice: "secret" } });
    gateway = await startGatewayProcess(prosody);
    peer = await startRawPeer(
      createClientLink({
        service: `xmpp://127.0.0.1:${prosody.port}`,
        jid: "alice@localhost/desk",
        password: "secret",
      }),
    );
  });
  afterAll(async () => {
    await peer.stop();
    await gateway.stop();
    await prosody.stop();
  });

  it.each(STORIES.map((story) => [story.name, story] as const))("%s", async (_name, story) => {
    await runStory(story, peer, RESPONDER.jid);
  });
});

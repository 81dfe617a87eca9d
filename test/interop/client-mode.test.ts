// The stories against a gateway that is a client of a real Prosody (issue 2 §7).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { XmlElement } from "../../src/xml/index.js";
import { createClientLink } from "../../src/xmpp/index.js";
import { STORIES } from "../stories/stories.js";
import { type GatewayProcess, RESPONDER, startGatewayProcess } from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { runStory } from "../support/run-story.js";

/** Under the limit of 1,024 calls in flight per requester. */
const CALLS = 1000;

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

  it(`answers each of ${CALLS} calls that arrive at once, and none twice`, async () => {
    const ids = Array.from({ length: CALLS }, (_, index) => `call-${index}`);
    for (const id of ids) {
      peer.send(
        `<iq type='set' to='${RESPONDER.jid}' id='${id}'><query xmlns='jabber:iq:rpc'><methodCall>` +
          `<methodName>examples.wait</methodName><params><param><value><double>0.01</double></value></param></params>` +
          `</methodCall></query></iq>`,
      );
    }
    const answers: XmlElement[] = [];
    while (answers.length < CALLS) answers.push(await peer.next());
    // What is answered twice comes before the answer to a question that is asked only now.
    peer.send(`<iq type='get' to='${RESPONDER.jid}' id='last'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect((await peer.next()).attrs.id).toBe("last");
    expect(new Set(answers.map(({ attrs }) => attrs.id))).toEqual(new Set(ids));
    expect(new Set(answers.map(({ attrs }) => attrs.type))).toEqual(new Set(["result"]));
  });
});

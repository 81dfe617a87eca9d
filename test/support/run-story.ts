// Plays one story against a running gateway through a raw peer.
import { expect } from "vitest";
import { fill, type Story } from "../stories/stories.js";
import { difference } from "./match-xml.js";
import type { RawPeer } from "./raw-peer.js";

export async function runStory(story: Story, peer: RawPeer, gateway: string): Promise<void> {
  const addresses = { gateway, peer: peer.jid };
  peer.send(fill(story.send, addresses));
  if (story.receive === undefined) {
    // Nothing may come: what comes next must be the answer to a question asked after it.
    peer.send(fill("<iq type='get' to='$GATEWAY' id='after'><ping xmlns='urn:xmpp:ping'/></iq>", addresses));
    expect(
      difference(await peer.next(), fill("<iq type='result' from='$GATEWAY' id='after'/>", addresses)),
    ).toBeUndefined();
    return;
  }
  expect(difference(await peer.next(), fill(story.receive, addresses)), story.clause).toBeUndefined();
}

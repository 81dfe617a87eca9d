// Methods as ad-hoc commands, on the wire (XEP-0050; issue 5).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Examples } from "../../../src/handlers/index.js";
import { childElements } from "../../../src/xml/index.js";
import { difference } from "../../support/match-xml.js";
import { GATEWAY, type MemoryGateway, startMemoryGateway } from "../../support/memory-gateway.js";

let gateway: MemoryGateway;
beforeAll(async () => {
  gateway = await startMemoryGateway({ services: [Examples] });
});
afterAll(() => gateway.stop());

describe("a method as a command", () => {
  it("asks by the form of its parameters and shows its result", async () => {
    const { peer } = gateway;
    peer.send(
      `<iq type='set' to='${GATEWAY}' id='c1'><command xmlns='http://jabber.org/protocol/commands' node='examples.getStateName' action='execute'/></iq>`,
    );
    const asked = await peer.next();
    const sessionid = childElements(asked)[0]?.attrs["sessionid"];
    peer.send(
      `<iq type='set' to='${GATEWAY}' id='c2'><command xmlns='http://jabber.org/protocol/commands' node='examples.getStateName' sessionid='${sessionid}'>` +
        `<x xmlns='jabber:x:data' type='submit'><field var='index'><value>6</value></field></x></command></iq>`,
    );
    expect(
      difference(
        await peer.next(),
        `<iq type='result' id='c2'><command xmlns='http://jabber.org/protocol/commands' node='examples.getStateName' status='completed'
          ><x xmlns='jabber:x:data' type='result'><field var='result' label='Result' type='text-single'><value>Colorado</value></field></x></command></iq>`,
      ),
    ).toBeUndefined();
  });
});

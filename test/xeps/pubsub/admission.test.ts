// Who may subscribe to a node of the gateway's: seen, asked, told to the service; nothing on the word of others (XEP-0060 §8.6 to §8.8).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
  type SubscriptionRequest,
} from "../../../src/index.js";
import { type PubSubService, SERVICE, startPubSubService, subscriptionRequest } from "../../support/pubsub-service.js";
import { startRawPeer } from "../../support/raw-peer.js";
import { type RecordingLog, recordingLog } from "../../support/recording-log.js";

const NODE = "news";
const BOB = "bob@example.org";

describe("who may subscribe", () => {
  let network: MemoryNetwork;
  let service: PubSubService;
  let log: RecordingLog;
  let gateway: Gateway;
  const asked: SubscriptionRequest[] = [];

  const start = async (options: Partial<GatewayOptions> = {}): Promise<void> => {
    gateway = createGateway({ link: network.link("rpc.example.org"), log, ...options });
    await gateway.start();
  };
  /** What the service was told of its subscribers. */
  const told = (): string[] => service.requests.flatMap((text) => /<subscription .*?\/>/.exec(text)?.[0] ?? []);
  const isLogged = (pattern: RegExp): Promise<string> => log.until(pattern);
  /** Everything that was sent to the gateway before has been dealt with. */
  const settled = async (): Promise<void> => {
    await gateway.pubsub.features(SERVICE);
    await new Promise((resolve) => setImmediate(resolve));
  };

  beforeEach(async () => {
    network = createMemoryNetwork();
    service = await startPubSubService(network);
    service.features = ["publish", "access-authorize", "get-pending"];
    log = recordingLog();
    asked.length = 0;
  });
  afterEach(async () => {
    await gateway.stop();
    await service.stop();
  });

  it.each([
    [true, "subscribed"],
    [false, "none"],
  ])("is decided by the handler: %s", async (decision, state) => {
    await start();
    gateway.pubsub.admit(SERVICE, NODE, async (request) => {
      asked.push(request);
      return decision;
    });
    await settled();
    service.send(subscriptionRequest({}));
    await isLogged(/^pubsub\.subscription-decided/);
    expect(asked).toEqual([{ service: SERVICE, node: NODE, jid: BOB }]);
    expect(told()).toEqual([`<subscription jid="${BOB}" subscription="${state}"/>`]);
  });

  it("is asked about who waited before the gateway came", async () => {
    service.pending.set(NODE, [BOB, "carol@example.org/desk"]);
    service.pending.set("other", ["dave@example.org"]);
    await start();
    gateway.pubsub.admit(SERVICE, NODE, ({ jid }) => jid === BOB);
    await isLogged(/^pubsub\.subscription-decided.*state=none/);
    expect(told()).toEqual([
      `<subscription jid="${BOB}" subscription="subscribed"/>`,
      '<subscription jid="carol@example.org/desk" subscription="none"/>',
    ]);
  });

  it("is decided once, though a check finds again whom a form has told of", async () => {
    service.pending.set(NODE, [BOB]);
    await start();
    gateway.pubsub.admit(SERVICE, NODE, () => true);
    // The check asks for the list of subscribers last; what it has found by then was asked and decided.
    await isLogged(/^pubsub\.subscription-decided/);
    for (let turn = 0; turn < 20; turn += 1) await settled();
    expect(told()).toHaveLength(1);
  });

  it("stays open where the handler says nothing, something else, or throws", async () => {
    await start();
    gateway.pubsub.admit(SERVICE, NODE, ({ jid }) => {
      asked.push({ service: SERVICE, node: NODE, jid });
      if (jid === BOB) return undefined;
      if (jid.startsWith("carol")) throw new Error("no idea");
      // What a program without types may give.
      return "no" as unknown as boolean;
    });
    await settled();
    for (const who of [BOB, "dave@example.org", "carol@example.org"]) service.send(subscriptionRequest({ who }));
    expect(await isLogged(/^pubsub\.subscription-undecided/)).toMatch(/carol@example\.org.*no idea/);
    expect(asked).toHaveLength(3);
    expect(told()).toEqual([]);
  });

  it("can be listed, and decided by hand", async () => {
    service.pending.set(NODE, [BOB]);
    await start();
    expect(await gateway.pubsub.pending(SERVICE, NODE)).toEqual([{ service: SERVICE, node: NODE, jid: BOB }]);
    expect(await gateway.pubsub.pending(SERVICE, "nobody-waits")).toEqual([]);
    expect(await isLogged(/^pubsub\.subscription-request/)).toMatch(`service=${SERVICE} node=${NODE} jid=${BOB}`);
    await gateway.pubsub.setSubscriber(SERVICE, NODE, { jid: BOB, state: "subscribed" });
    expect(told()).toEqual([`<subscription jid="${BOB}" subscription="subscribed"/>`]);
  });

  it("is listed where a service names who waits instead of asking again", async () => {
    service.features = ["publish"];
    await start();
    service.refusals.set("subscriptions", "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    await expect(gateway.pubsub.pending(SERVICE, NODE)).rejects.toMatchObject({ code: "forbidden" });
    service.refusals.clear();
    service.subscriptions = `<subscription jid='${BOB}' subscription='pending' subid='s7'/><subscription jid='a@b' subscription='subscribed'/>`;
    expect(await gateway.pubsub.pending(SERVICE, NODE)).toEqual([
      { service: SERVICE, node: NODE, jid: BOB, subid: "s7" },
    ]);
    gateway.pubsub.admit(SERVICE, NODE, () => true);
    await isLogged(/^pubsub\.subscription-decided/);
    expect(told()).toEqual([`<subscription jid="${BOB}" subscription="subscribed" subid="s7"/>`]);
  });

  it("is not decided on the word of strangers, for other nodes, after errors, or of what was held back", async () => {
    await start();
    const mallory = await startRawPeer(network.link("mallory.example.org"));
    gateway.pubsub.admit(SERVICE, NODE, (request) => {
      asked.push(request);
      return true;
    });
    await settled();
    mallory.send(subscriptionRequest({ from: "mallory.example.org" }));
    service.send(subscriptionRequest({ node: "other" }));
    service.send(subscriptionRequest({ attrs: "type='error'" }));
    service.send(subscriptionRequest({ attrs: "type='groupchat'" }));
    service.send(
      subscriptionRequest({ more: "<delay xmlns='urn:xmpp:delay' stamp='2026-11-28T10:00:00Z' from='example.org'/>" }),
    );
    service.send(`<message from='${SERVICE}' to='rpc.example.org'><x xmlns='jabber:x:data' type='what'/></message>`);
    service.send(subscriptionRequest({ who: "" }));
    await settled();
    expect(asked).toEqual([]);
    expect(told()).toEqual([]);
    await mallory.stop();
  });

  it("is nobody's business any more once the admission is stopped", async () => {
    await start();
    const admission = gateway.pubsub.admit(SERVICE, NODE, () => true);
    await settled();
    await admission.stop();
    await admission.stop();
    service.send(subscriptionRequest({}));
    await settled();
    expect(told()).toEqual([]);
  });

  it("is asked once about who asks twice meanwhile, and later about those beyond followQueue", async () => {
    await start({ limits: { followQueue: 2 } });
    const everybody = ["a@example.org", "b@example.org", "c@example.org"];
    let decide = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      decide = resolve;
    });
    gateway.pubsub.admit(SERVICE, NODE, async ({ jid }) => {
      await held;
      service.pending.set(NODE, service.pending.get(NODE)?.filter((who) => who !== jid) ?? []);
      return true;
    });
    await settled();
    service.pending.set(NODE, [...everybody]);
    for (const who of ["a@example.org", ...everybody.slice(0, 2)]) service.send(subscriptionRequest({ who }));
    await settled();
    expect(log.lines.filter((line) => line.includes("queue-full"))).toEqual([]);
    service.send(subscriptionRequest({ who: "c@example.org" }));
    await isLogged(/^pubsub\.queue-full/);
    decide();
    await isLogged(/^pubsub\.subscription-decided.*c@example/);
    expect(told()).toEqual(everybody.map((jid) => `<subscription jid="${jid}" subscription="subscribed"/>`));
  });

  it("is looked for again when the service could not be asked", async () => {
    service.pending.set(NODE, [BOB]);
    service.refusals.set("subscriptions", "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    await start();
    gateway.pubsub.admit(SERVICE, NODE, () => undefined);
    expect(await isLogged(/^pubsub\.admission-failed/)).toMatch(/unavailable/);
    service.refusals.clear();
    log.lines.length = 0;
    await isLogged(/^pubsub\.subscription-request/);
  });
});

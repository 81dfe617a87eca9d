// A gateway on a memory network and people who write to it, for tests of notes and questions.
import { createGateway, createMemoryNetwork, type Gateway, type GatewayOptions } from "../../src/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../../src/xml/index.js";
import { type RawPeer, startRawPeer } from "./raw-peer.js";

export const GATEWAY = "rpc.example.org";
export const ALICE = "alice@example.org";

export interface NotesGateway {
  readonly gateway: Gateway;
  /** Somebody who is reached at that full address. */
  person(jid: string): Promise<RawPeer>;
  stop(): Promise<void>;
}

export async function startNotesGateway(options: Omit<GatewayOptions, "link"> = {}): Promise<NotesGateway> {
  const network = createMemoryNetwork();
  const gateway = createGateway({ ...options, link: network.link(GATEWAY) });
  await gateway.start();
  const people: RawPeer[] = [];
  return {
    gateway,
    person: async (jid) => {
      const peer = await startRawPeer(network.link(jid));
      people.push(peer);
      return peer;
    },
    stop: async () => {
      for (const peer of people) await peer.stop();
      await gateway.stop();
    },
  };
}

export const DESK = `${ALICE}/desk`;

/** A chat message to the gateway. */
export function chat(text: string, extra = "", attrs = "type='chat' id='m1'"): string {
  return `<message to='${GATEWAY}' ${attrs}><body>${text}</body>${extra}</message>`;
}

/** A submitted form in a message. */
export function submit(fields: Readonly<Record<string, string | readonly string[]>>, type = "submit"): string {
  const written = Object.entries(fields).map(
    ([name, values]) =>
      `<field var='${name}'>${[values]
        .flat()
        .map((value) => `<value>${value}</value>`)
        .join("")}</field>`,
  );
  return `<message to='${GATEWAY}' id='f1'><x xmlns='jabber:x:data' type='${type}'>${written.join("")}</x></message>`;
}

export function bodyOf(stanza: XmlElement): string {
  return textOf(findChild(stanza, "body") ?? { ...stanza, children: [] });
}

/** The fields of the form in a message: their values by their names. */
export function formIn(stanza: XmlElement): Readonly<Record<string, readonly string[]>> {
  const x = findChild(stanza, "x", "jabber:x:data");
  const fields = x === undefined ? [] : childElements(x).filter(({ name }) => name === "field");
  return Object.fromEntries(
    fields.map((field) => [
      field.attrs["var"] ?? "",
      childElements(field)
        .filter(({ name }) => name === "value")
        .map(textOf),
    ]),
  );
}

/** The hidden fields that a client gives back, from a question's form. */
export function codeIn(stanza: XmlElement): string {
  const [code] = formIn(stanza)["jabber-rpc-question"] ?? [];
  if (code === undefined) throw new Error("no form of a question");
  return code;
}

/** What arrives before the answer to a ping that is sent now: nothing, if the gateway had nothing to say. */
export async function untilPing(peer: RawPeer): Promise<XmlElement[]> {
  // What was sent before may have to be looked up first. On a memory network all of that is done before the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  peer.send(`<iq type='get' to='${GATEWAY}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`);
  const received: XmlElement[] = [];
  for (let stanza = await peer.next(); stanza.attrs["id"] !== "ping"; stanza = await peer.next()) received.push(stanza);
  return received;
}

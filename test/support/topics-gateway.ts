// A gateway that hosts topics, and people on a memory network who subscribe to them.

import { createGateway, createMemoryNetwork, type Gateway, type GatewayOptions, type Topics } from "../../src/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../../src/xml/index.js";
import { difference } from "./match-xml.js";
import { startRawPeer } from "./raw-peer.js";

export const SERVICE = "rpc.example.org";
const PUBSUB = "http://jabber.org/protocol/pubsub";

/** Somebody on the network. */
export interface Person {
  readonly jid: string;
  send(stanza: string): void;
  next(): Promise<XmlElement>;
  /** Sends a request and gives what comes next. */
  ask(
    type: "get" | "set",
    content: string,
    options?: { readonly ns?: string; readonly to?: string },
  ): Promise<XmlElement>;
  /** The same with the condition of the error: `not-allowed cancel closed-node`; `result` for none. */
  outcome(
    type: "get" | "set",
    content: string,
    options?: { readonly ns?: string; readonly to?: string },
  ): Promise<string>;
  disco(kind: "info" | "items", node?: string): Promise<XmlElement>;
}

export interface TopicsGateway {
  readonly gateway: Gateway;
  readonly topics: Topics;
  person(jid?: string): Promise<Person>;
  /** The same address on the same network, started again. */
  restart(): Promise<TopicsGateway>;
  stop(): Promise<void>;
}

const open: { stop(): Promise<void> }[] = [];

/** Stops all that was started. */
export async function stopTopicsGateways(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.stop();
}

export async function startTopicsGateway(
  options: Omit<GatewayOptions, "link">,
  network = createMemoryNetwork(),
): Promise<TopicsGateway> {
  const all = { topics: [], access: [{ allow: "*@example.org" }], ...options };
  const gateway = createGateway({ ...all, link: network.link(SERVICE) });
  await gateway.start();
  open.push(gateway);
  const { topics } = gateway;
  if (topics === undefined) throw new Error("no topics");
  return {
    gateway,
    topics,
    person: async (jid = "alice@example.org/desk") => {
      const peer = await startRawPeer(network.link(jid));
      open.push(peer);
      return personOf(peer);
    },
    restart: async () => {
      await gateway.stop();
      return startTopicsGateway(options, network);
    },
    stop: () => gateway.stop(),
  };
}

function personOf(peer: Pick<Person, "jid" | "send" | "next">): Person {
  let count = 0;
  const ask: Person["ask"] = (type, content, { ns = PUBSUB, to = SERVICE } = {}) => {
    count += 1;
    peer.send(`<iq type='${type}' to='${to}' id='q${count}'><pubsub xmlns='${ns}'>${content}</pubsub></iq>`);
    return peer.next();
  };
  return {
    jid: peer.jid,
    send: peer.send,
    next: peer.next,
    ask,
    outcome: async (type, content, options) => outcomeOf(await ask(type, content, options)),
    disco: async (kind, node) => {
      const at = node === undefined ? "" : ` node='${node}'`;
      peer.send(
        `<iq type='get' to='${SERVICE}' id='d'><query xmlns='http://jabber.org/protocol/disco#${kind}'${at}/></iq>`,
      );
      const answer = await peer.next();
      // An error repeats what was asked.
      const query =
        answer.attrs["type"] === "result"
          ? findChild(answer, "query", `http://jabber.org/protocol/disco#${kind}`)
          : undefined;
      return query ?? answer;
    },
  };
}

/** `item-not-found cancel`, with what the error says beside its condition; `result` for an answer that is none. */
export function outcomeOf(stanza: XmlElement): string {
  const error = findChild(stanza, "error");
  if (error === undefined) return stanza.attrs["type"] ?? stanza.name;
  const conditions = childElements(error).filter(({ name }) => name !== "text");
  const [condition, beside] = conditions;
  const feature = beside?.attrs["feature"];
  const words = [condition?.name, error.attrs["type"], beside?.name, feature];
  return words.filter((word) => word !== undefined).join(" ");
}

/** A notification: `headline news: +a +b -c`, what stands in the items, and whether it is delayed. */
export function notified(stanza: XmlElement): {
  readonly told: string;
  readonly texts: string[];
  readonly isLate: boolean;
} {
  const event = findChild(stanza, "event", `${PUBSUB}#event`);
  const [what] = event === undefined ? [] : childElements(event);
  if (stanza.name !== "message" || what === undefined) throw new Error(`no notification: ${stanza.name}`);
  const items = childElements(what);
  const signs = items.map(({ name, attrs }) => ` ${name === "retract" ? "-" : "+"}${attrs["id"]}`);
  const verb = what.name === "items" ? "" : ` ${what.name}`;
  return {
    told: `${stanza.attrs["type"]} ${what.attrs["node"]}:${signs.join("")}${verb}`,
    texts: items.flatMap((item) => childElements(item).map(textOf)),
    isLate: findChild(stanza, "delay", "urn:xmpp:delay") !== undefined,
  };
}

/** Undefined when the stanza is like the pattern. */
export function unlike(stanza: XmlElement, pattern: string): string | undefined {
  return difference(stanza, pattern);
}

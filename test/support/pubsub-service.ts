// A publish-subscribe service on a memory network, small enough to be seen through: what it says is written here as text.

import type { MemoryNetwork } from "../../src/index.js";
import { childElements, findChild, writeElement, type XmlElement, type XmlText } from "../../src/xml/index.js";
import type { Link } from "../../src/xmpp/index.js";

export const SERVICE = "pubsub.example.org";
const PUBSUB = "http://jabber.org/protocol/pubsub";
/** The configuration of every node. */
const CONFIG_FORM = "<x xmlns='jabber:x:data' type='form'><field var='pubsub#max_items'><value>10</value></field></x>";

export interface PubSubService {
  /** The items of every node, in the order of their publication. */
  readonly nodes: Map<string, Map<string, string>>;
  /** The ids of everything that was published, once for each time. */
  readonly published: string[];
  /** The full text of every request, without the iq around it. */
  readonly requests: string[];
  readonly subscribers: Map<string, Set<string>>;
  /** What it answers instead, by the name of what is asked: the content of `<error/>` and its type. */
  readonly refusals: Map<string, string>;
  /** When it answers, by the name of what is asked. Default: at once. */
  readonly held: Map<string, Promise<void>>;
  /** Whether notifications hold payloads. */
  payloads: boolean;
  /** Whether it notifies at all. */
  notifies: boolean;
  /** The state that it gives to who subscribes. */
  state: "subscribed" | "pending";
  /** What it can, as it says. */
  features: readonly string[];
  /** Who waits at which node, in the order of the requests. */
  readonly pending: Map<string, string[]>;
  /** Its list of every node's subscribers. */
  subscriptions: string;
  /** Called with each publication, before it is answered; false leaves it without an answer. */
  onPublish: (id: string) => boolean;
  /** Sends any stanza. */
  send(stanza: string): void;
  /** Publishes as somebody else would. */
  publish(node: string, id: string, payload: string): void;
  /** Waits until that many items were published. */
  untilPublished(count: number): Promise<void>;
  /** Waits until somebody subscribes to the node. */
  untilSubscribed(node: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startPubSubService(network: MemoryNetwork, jid = SERVICE): Promise<PubSubService> {
  const link: Link = network.link(jid);
  const waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const settle = (): void => {
    for (const one of waiting.filter(({ holds }) => holds())) {
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve();
    }
  };
  const until = (holds: () => boolean): Promise<void> =>
    holds() ? Promise.resolve() : new Promise((resolve) => waiting.push({ holds, resolve }));
  const send = (stanza: string): void => {
    if (!link.send(stanza as XmlText)) throw new Error("the service's link is down");
  };

  const service: PubSubService = {
    nodes: new Map(),
    published: [],
    requests: [],
    subscribers: new Map(),
    refusals: new Map(),
    held: new Map(),
    payloads: true,
    notifies: true,
    state: "subscribed",
    features: ["publish", "config-node-max"],
    pending: new Map(),
    subscriptions: "",
    onPublish: () => true,
    send,
    publish: (node, id, payload) => {
      const items = service.nodes.get(node) ?? new Map<string, string>();
      service.nodes.set(node, items);
      items.delete(id);
      items.set(id, payload);
      service.published.push(id);
      if (service.notifies) notify(node, `<item id='${id}'>${service.payloads ? payload : ""}</item>`);
      settle();
    },
    untilPublished: (count) => until(() => service.published.length >= count),
    untilSubscribed: (node) => until(() => (service.subscribers.get(node)?.size ?? 0) > 0),
    stop: () => link.stop(),
  };

  const notify = (node: string, content: string): void => {
    for (const to of service.subscribers.get(node) ?? [])
      send(
        `<message type='headline' to='${to}' from='${jid}'><event xmlns='${PUBSUB}#event'><items node='${node}'>${content}</items></event></message>`,
      );
  };

  /** The content of the answer; undefined gives none. Throws the content of an error. */
  const answer = (payload: XmlElement, from: string): string | undefined => {
    const node = payload.attrs["node"] ?? "";
    if (payload.ns.endsWith("disco#info"))
      return `<query xmlns='${payload.ns}'><identity category='pubsub' type='service'/>${service.features.map((name) => `<feature var='${PUBSUB}#${name}'/>`).join("")}</query>`;
    if (payload.ns.endsWith("disco#items")) {
      const ids = [...itemsOf(node).keys()].map((id) => `<item jid='${jid}' name='${id}'/>`);
      return `<query xmlns='${payload.ns}' node='${node}'>${ids.join("")}</query>`;
    }
    if (payload.name === "command") return getPending(payload, from);
    const [asked] = childElements(payload);
    if (asked === undefined) throw new Error("<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    if (asked.name === "configure" && childElements(asked).length === 0)
      return `<pubsub xmlns='${payload.ns}'><configure>${CONFIG_FORM}</configure></pubsub>`;
    const refusal = service.refusals.get(asked.name);
    if (refusal !== undefined) throw new Error(refusal);
    const at = asked.attrs["node"] ?? "";
    const within = (content: string): string => `<pubsub xmlns='${payload.ns}'>${content}</pubsub>`;
    switch (asked.name) {
      case "create":
        service.nodes.set(at, new Map());
        return within(`<create node='${at}'/>`);
      case "publish": {
        itemsOf(at);
        const item = findChild(asked, "item");
        const [content] = item === undefined ? [] : childElements(item);
        const id = item?.attrs["id"] ?? `made-${service.published.length}`;
        if (!service.onPublish(id)) return undefined;
        service.publish(at, id, content === undefined ? "" : writeElement(content));
        return within(`<publish node='${at}'><item id='${id}'/></publish>`);
      }
      case "items": {
        const items = [...itemsOf(at)];
        const ids = childElements(asked).map(({ attrs }) => attrs["id"]);
        const max = Number(asked.attrs["max_items"] ?? items.length);
        const chosen = ids.length > 0 ? items.filter(([id]) => ids.includes(id)) : items.slice(-max);
        const texts = chosen.map(([id, content]) => `<item id='${id}'>${content}</item>`);
        return within(`<items node='${at}'>${texts.join("")}</items>`);
      }
      case "subscribe": {
        itemsOf(at);
        if (service.state === "subscribed")
          service.subscribers.set(at, (service.subscribers.get(at) ?? new Set()).add(from));
        setImmediate(settle);
        return within(`<subscription node='${at}' jid='${from}' subscription='${service.state}' subid='s1'/>`);
      }
      case "subscriptions":
        return childElements(asked).length > 0
          ? ""
          : within(`<subscriptions node='${at}'>${service.subscriptions}</subscriptions>`);
      case "unsubscribe":
        service.subscribers.get(at)?.delete(from);
        return "";
      default:
        return "";
    }
  };

  /** XEP-0060 §8.7: the nodes where somebody waits, and then the questions of one of them once more. */
  const getPending = (command: XmlElement, from: string): string => {
    const [form] = childElements(command);
    const node = form && /<value>([^<#]*)<\/value>/.exec(writeElement(form))?.[1];
    const { ns } = command;
    if (node === undefined) {
      const options = [...service.pending.keys()].map((name) => `<option><value>${name}</value></option>`);
      return `<command xmlns='${ns}' node='${PUBSUB}#get-pending' sessionid='c1' status='executing'><x xmlns='jabber:x:data' type='form'><field var='pubsub#node' type='list-single'>${options.join("")}</field></x></command>`;
    }
    for (const who of service.pending.get(node) ?? []) send(subscriptionRequest({ from: jid, to: from, node, who }));
    return `<command xmlns='${ns}' node='${PUBSUB}#get-pending' sessionid='c1' status='completed'/>`;
  };

  const itemsOf = (node: string): Map<string, string> => {
    const items = service.nodes.get(node);
    if (items !== undefined) return items;
    throw new Error("<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
  };

  await link.start({
    stanza: (stanza) => {
      const { id = "", from = "", type } = stanza.attrs;
      const [payload] = childElements(stanza);
      if (stanza.name !== "iq" || payload === undefined || type === "result" || type === "error") return;
      service.requests.push(writeElement(payload));
      const reply = (): void => {
        try {
          const content = answer(payload, from);
          if (content !== undefined) send(`<iq type='result' id='${id}' to='${from}' from='${jid}'>${content}</iq>`);
        } catch (error) {
          const content = error instanceof Error ? error.message : "";
          send(`<iq type='error' id='${id}' to='${from}' from='${jid}'><error type='cancel'>${content}</error></iq>`);
        }
      };
      const held = service.held.get(childElements(payload)[0]?.name ?? "");
      if (held === undefined) reply();
      else void held.then(reply);
    },
    oversize: () => undefined,
    online: () => undefined,
    offline: () => undefined,
  });
  return service;
}

/** What an owner is asked when somebody wants to subscribe (XEP-0060 §8.6). */
export function subscriptionRequest({
  from = SERVICE,
  to = "rpc.example.org",
  node = "news",
  who = "bob@example.org",
  attrs = "",
  more = "",
}: Partial<Record<"from" | "to" | "node" | "who" | "attrs" | "more", string>>): string {
  const fields = { FORM_TYPE: `${PUBSUB}#subscribe_authorization`, "pubsub#node": node, "pubsub#subscriber_jid": who };
  const written = Object.entries(fields).map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`);
  return `<message from='${from}' to='${to}' ${attrs}><x xmlns='jabber:x:data' type='form'>${written.join("")}</x>${more}</message>`;
}

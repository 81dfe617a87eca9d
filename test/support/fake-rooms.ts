// A room service as a test plays it, beside a gateway on a memory network: it sees every stanza and may say anything.
import { EventEmitter, once } from "node:events";
import {
  createGateway,
  createMemoryNetwork,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
} from "../../src/index.js";
import { findChild, textOf, type XmlElement, type XmlText } from "../../src/xml/index.js";
import type { Link } from "../../src/xmpp/index.js";
import { createEventLog, type EventLog } from "./event-log.js";

export const GATEWAY = "rpc.example.org";
export const SERVICE = "muc.example.org";
export const ROOM = `team@${SERVICE}`;

export interface FakeRooms {
  readonly gateway: Gateway;
  readonly network: MemoryNetwork;
  readonly log: EventLog;
  /** Sends one stanza, with `from` and all. */
  send(stanza: string): void;
  /** The next stanza that arrives. */
  next(): Promise<XmlElement>;
  /** A presence of somebody in the room; `codes` as status. */
  shows(nick: string, options?: PresenceShown): void;
  /** Lets the gateway in that asks to be: itself, then the subject. */
  letIn(options?: { readonly codes?: readonly number[]; readonly nick?: string }): Promise<XmlElement>;
  /** Somebody says something. */
  says(nick: string, body: string, extra?: string): void;
  /** Everything that arrives before the answer to a ping that is sent now. */
  untilPing(): Promise<XmlElement[]>;
  stop(): Promise<void>;
}

interface PresenceShown {
  readonly type?: string;
  readonly codes?: readonly number[];
  readonly realJid?: string;
  readonly item?: string;
  readonly room?: string;
}

export async function startFakeRooms(options: Omit<GatewayOptions, "link"> = {}): Promise<FakeRooms> {
  const network = createMemoryNetwork();
  const log = createEventLog();
  const received: XmlElement[] = [];
  const arrivals = new EventEmitter();
  const link: Link = network.link(SERVICE);
  await link.start({
    stanza: (stanza) => {
      received.push(stanza);
      arrivals.emit("stanza");
    },
    oversize: () => undefined,
    online: () => undefined,
    offline: () => undefined,
  });
  const gateway = createGateway({ rooms: [{ jid: ROOM }], log, ...options, link: network.link(GATEWAY) });
  await gateway.start();
  const send = (stanza: string): void => {
    if (!link.send(stanza as XmlText)) throw new Error("the link is down");
  };
  const next = async (): Promise<XmlElement> => {
    if (received.length === 0) await once(arrivals, "stanza");
    const stanza = received.shift();
    if (stanza === undefined) throw new Error("woken without a stanza");
    return stanza;
  };
  const shows: FakeRooms["shows"] = (nick, { type, codes = [], realJid, item = "", room = ROOM } = {}) => {
    const jid = realJid === undefined ? "" : ` jid='${realJid}'`;
    const statuses = codes.map((code) => `<status code='${code}'/>`).join("");
    send(
      `<presence from='${room}/${nick}' to='${GATEWAY}'${type === undefined ? "" : ` type='${type}'`}>` +
        `<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant'${jid}${item}/>${statuses}</x></presence>`,
    );
  };
  return {
    gateway,
    network,
    log,
    send,
    next,
    shows,
    letIn: async ({ codes = [110], nick } = {}) => {
      const join = await next();
      const [room = "", asked = ""] = (join.attrs["to"] ?? "").split("/");
      shows(nick ?? asked, { codes, room });
      send(`<message type='groupchat' from='${room}' to='${GATEWAY}'><subject/></message>`);
      await log.until("room.live", { room });
      return join;
    },
    says: (nick, body, extra = "") =>
      send(
        `<message type='groupchat' from='${ROOM}/${nick}' to='${GATEWAY}' id='s1'><body>${body}</body>${extra}</message>`,
      ),
    untilPing: async () => {
      // What is being looked up is done before the next turn: all of it happens in this process.
      await new Promise((resolve) => setImmediate(resolve));
      send(`<iq type='get' from='${SERVICE}' to='${GATEWAY}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`);
      const before: XmlElement[] = [];
      for (let stanza = await next(); stanza.attrs["id"] !== "ping"; stanza = await next()) before.push(stanza);
      return before;
    },
    stop: async () => {
      await gateway.stop();
      await link.stop();
    },
  };
}

export function bodyOf(stanza: XmlElement): string {
  return textOf(findChild(stanza, "body") ?? { ...stanza, children: [] });
}

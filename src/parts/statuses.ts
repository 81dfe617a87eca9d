// The part for statuses: one text to a room, to the topic of all and to that of its author (docs/pubsub.md). To follow is to join the
// room or to subscribe to a topic; `stop`, written to the gateway, ends what one subscribes to.

import { randomUUID } from "node:crypto";
import { bareJid, type Jid, tryParseJid } from "../jid.js";
import type { Memory } from "../memory/index.js";
import { messageOf } from "../message-of.js";
import { type PublishedStatus, type PubSub, PubSubError, type Rooms, type Status, Statuses } from "../ports/index.js";
import type { AtomEntry } from "../rpc/index.js";
import { ValueError } from "../values/index.js";
import { NS } from "../xeps/index.js";
import { element, escapeText, findChild, textOf, type XmlElement } from "../xml/index.js";
import { createIdSource } from "../xmpp/index.js";
import type { Part, PartContext } from "./part.js";

/** Where statuses go. */
export interface StatusOptions {
  /** A room of `rooms`. */
  readonly room?: string;
  /** A publish-subscribe service. Default: the gateway's own topics, if it hosts any. */
  readonly service?: string;
  /** The topic of all statuses; those of authors are called `NODE/AUTHOR`. Default `statuses`. */
  readonly node?: string;
}

/** What the part stands on. */
export interface StatusesPartOptions {
  readonly options: StatusOptions;
  readonly pubsub: Pick<PubSub, "publish" | "create" | "subscribers" | "setSubscriber">;
  readonly rooms: Pick<Rooms, "notify">;
  /** Whether the gateway hosts topics. */
  readonly hostsTopics: boolean;
  readonly memory: () => Memory;
}

/** The part, and what programs use it by. */
export interface StatusesPart extends Part {
  readonly statuses: Statuses;
}

const MAX_AUTHOR_CHARS = 200;
const MAX_TITLE_CHARS = 140;
/** The memory of who has published, so that his followers can be found. */
const MEMORY = "statuses";
const AUTHORS = "authors";
/** Of more authors the oldest are forgotten; their followers unsubscribe by themselves. */
const MAX_AUTHORS = 1_000;
/** So many people are dealt with at once who write stop, since each word asks for the subscribers of every author. */
const MAX_STOPPING = 16;

/** Makes the part. Throws TypeError where statuses would go nowhere. */
export function createStatusesPart(given: StatusesPartOptions, { link, log }: PartContext): StatusesPart {
  const { pubsub, rooms, memory, hostsTopics } = given;
  const { room, node = "statuses", service } = given.options;
  if (room === undefined && service === undefined && !hostsTopics)
    throw new TypeError("statuses: a room, a service or topics of the gateway's own expected");
  const newId = createIdSource();
  const serviceNow = (): string | undefined => service ?? (hostsTopics ? link.jid?.full : undefined);
  const nodeOf = (author: string): string => `${node}/${author}`;

  /** The topics that were there in this life. */
  const made = new Set<string>();
  const make = (at: string, topic: string): Promise<string> =>
    pubsub.create(at, topic, { title: topic, persist_items: true });
  const publishTo = async (at: string, topic: string, atom: AtomEntry, itemId: string): Promise<string> => {
    const publish = (): Promise<string> => pubsub.publish(at, topic, { atom }, { itemId });
    // Not left to the first publication, at which some services make a topic by themselves, as their defaults say. Who may not make
    // topics may yet publish.
    if (!made.has(topic))
      await make(at, topic).catch((error: unknown) => {
        if (!PubSubError.is(error)) throw error;
      });
    try {
      await publish();
    } catch (error) {
      if (!PubSubError.is(error) || error.code !== "no-such-node") throw error;
      await make(at, topic);
      await publish();
    }
    if (made.size >= MAX_AUTHORS) made.clear();
    made.add(topic);
    return `${at} ${topic}`;
  };

  const authors = async (): Promise<string[]> => readAuthors((await memory().find(MEMORY, [AUTHORS])).get(AUTHORS));
  // One after the other, so that no author is lost between reading and writing.
  let remembering: Promise<void> = Promise.resolve();
  const remember = (author: string): Promise<void> => {
    remembering = remembering
      .catch(() => undefined)
      .then(async () => {
        const known = await authors();
        if (known.at(-1) === author) return;
        const list = [...known.filter((one) => one !== author), author].slice(-MAX_AUTHORS);
        await memory().put(MEMORY, AUTHORS, JSON.stringify(list));
      });
    return remembering;
  };

  /** Ends what somebody subscribes to; the number of topics. */
  const stopFor = async (follower: Jid): Promise<number> => {
    const at = serviceNow();
    if (at === undefined) return 0;
    let count = 0;
    for (const topic of [node, ...(await authors()).map(nodeOf)]) {
      const subscribers = await pubsub.subscribers(at, topic).catch((error: unknown) => {
        if (PubSubError.is(error) && error.code === "no-such-node") return [];
        throw error;
      });
      const own = subscribers.filter(({ jid }) => tryParseJid(jid)?.bare === follower.bare);
      for (const { jid, subid } of own)
        await pubsub.setSubscriber(at, topic, { jid, state: "none", ...(subid === undefined ? {} : { subid }) });
      if (own.length > 0) count += 1;
    }
    return count;
  };

  const stopping = new Set<string>();
  const message = async (stanza: XmlElement, from: Jid): Promise<boolean> => {
    // What is being done for him is answered once.
    if (stopping.has(from.bare)) return true;
    let text: string;
    try {
      if (stopping.size >= MAX_STOPPING) throw new Error(`${MAX_STOPPING} others are dealt with`);
      stopping.add(from.bare);
      const count = await stopFor(from);
      if (count === 0) return false;
      log.info("statuses.stopped", { follower: from.bare, topics: count });
      text = `You are told no more: ${count} ${count === 1 ? "topic" : "topics"} left.`;
    } catch (error) {
      log.warn("statuses.stop-failed", { follower: from.bare, cause: messageOf(error) });
      text = "That did not work; try it again later.";
    } finally {
      stopping.delete(from.bare);
    }
    const own = link.mode === "client" ? undefined : (stanza.attrs["to"] ?? link.jid?.full);
    const attrs = { type: stanza.attrs["type"], id: newId(), from: own, to: from.full };
    link.send(element("message", attrs, element("body", {}, escapeText(text))));
    return true;
  };

  const statuses = new LinkedStatuses(
    async (status) => {
      const { author, text, link: href } = readStatus(status);
      const at = serviceNow();
      const id = randomUUID();
      const atom: AtomEntry = {
        id: `urn:uuid:${id}`,
        title: titleOf(text),
        updated: new Date(),
        authors: [{ name: author }],
        content: { type: "text", text },
        ...(href === undefined ? {} : { links: [{ href }] }),
      };
      if (at !== undefined) await remember(author);
      const said = `${author}: ${text}${href === undefined ? "" : ` ${href}`}`;
      const writing = [
        ...(room === undefined ? [] : [rooms.notify(room, said).then(() => room)]),
        ...(at === undefined ? [] : [publishTo(at, node, atom, id), publishTo(at, nodeOf(author), atom, id)]),
      ];
      return outcomeOf(id, await Promise.allSettled(writing), (problem) =>
        log.warn("statuses.failed", { author, problem }),
      );
    },
    (author) => ({ service: serviceNow() ?? "", node: nodeOf(readAuthor(author)) }),
  );
  return {
    statuses,
    bind: (container) => container.bind(Statuses).toConstantValue(statuses),
    features: [
      {
        name: "statuses",
        message: (stanza) => {
          const from = stopperOf(stanza);
          return from === undefined ? false : message(stanza, from);
        },
      },
    ],
  };
}

class LinkedStatuses extends Statuses {
  readonly publishStatus: Statuses["publishStatus"];
  readonly topicOf: Statuses["topicOf"];

  constructor(publishStatus: Statuses["publishStatus"], topicOf: Statuses["topicOf"]) {
    super();
    this.publishStatus = publishStatus;
    this.topicOf = topicOf;
  }
}

/** Who writes nothing but `stop`, himself and now. */
function stopperOf(stanza: XmlElement): Jid | undefined {
  const { type } = stanza.attrs;
  const body = findChild(stanza, "body");
  const isLate = findChild(stanza, "delay", NS.delay) !== undefined;
  if ((type !== undefined && type !== "chat" && type !== "normal") || body === undefined || isLate) return undefined;
  return textOf(body).trim().toLowerCase() === "stop" ? tryParseJid(stanza.attrs["from"]) : undefined;
}

function outcomeOf(
  id: string,
  settled: readonly PromiseSettledResult<string>[],
  warn: (problem: string) => void,
): PublishedStatus {
  const places = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const errors = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const problems = errors.map(messageOf);
  problems.forEach(warn);
  if (places.length === 0 && errors.length > 0) throw errors[0];
  return { id, places, problems };
}

function readStatus({ author, text, link }: Status): Status {
  if (text.trim() === "") throw new ValueError("text: a text expected");
  if (link !== undefined && !URL.canParse(link)) throw new ValueError("link: an absolute address expected");
  return { author: readAuthor(author), text, ...(link === undefined ? {} : { link }) };
}

/** An address is taken without its resource; a name as it is. */
function readAuthor(author: string): string {
  const jid = tryParseJid(author);
  const name = jid !== undefined && jid.local !== "" ? bareJid(jid).bare : author.trim();
  if (name === "" || name.length > MAX_AUTHOR_CHARS || name.includes("/"))
    throw new ValueError(`author: an address, or a name of 1 to ${MAX_AUTHOR_CHARS} characters without /, expected`);
  return name;
}

function titleOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_TITLE_CHARS ? line : `${line.slice(0, MAX_TITLE_CHARS - 1)}…`;
}

/** What was remembered is our own, but databases are edited. */
function readAuthors(text: string | undefined): string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

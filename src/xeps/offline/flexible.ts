// Messages that the server keeps until they are read: asking for them (XEP-0013 §2).

import { OfflineError, type OfflineHeader, type OfflineMessage } from "../../ports/index.js";
import { element, findChild, joinXml, type XmlElement, type XmlText } from "../../xml/index.js";
import type { IqRouter } from "../../xmpp/index.js";
import { decodeForm, findForm } from "../data-forms/index.js";
import { readDiscoItems } from "../disco.js";
import { NS } from "../namespaces.js";
import { type Collector, tooMuch } from "./collector.js";
import type { OfflineReadLimits } from "./limits.js";
import { readOfflineMessage } from "./read-message.js";

/** What the asking side needs. */
export interface FlexibleOptions {
  readonly request: IqRouter["request"];
  readonly collector: Collector;
  readonly limits: OfflineReadLimits;
}

const VIEWED_AT_ONCE = 50;

/** The question that stops the server from sending the messages by itself, when it comes before presence (XEP-0013 §2.2). */
export function writeCountQuery(): XmlText {
  return element("query", { xmlns: NS.discoInfo, node: NS.offline });
}

/** How many messages there are. */
export async function countFlexible({ request }: FlexibleOptions): Promise<number> {
  const result = await request("get", undefined, writeCountQuery());
  const query = findChild(result, "query", NS.discoInfo);
  const form = query && findForm(query);
  const count = form && decodeForm(form).fields.find((field) => field.var === "number_of_messages")?.values[0];
  if (count === undefined || !/^\d{1,9}$/.test(count))
    throw new OfflineError("refused", "the server does not say how many messages it keeps");
  return Number(count);
}

/** What each message is. */
export async function listFlexible({ request }: FlexibleOptions): Promise<readonly OfflineHeader[]> {
  const result = await request("get", undefined, element("query", { xmlns: NS.discoItems, node: NS.offline }));
  return readDiscoItems(result).flatMap(({ jid, node, name }) =>
    node === undefined ? [] : [{ id: node, from: name ?? jid }],
  );
}

/** One message. */
export async function showFlexible(options: FlexibleOptions, id: string): Promise<OfflineMessage> {
  const [message] = await view(options, [id]);
  if (message === undefined) throw new OfflineError("not-found", `no message ${id}`);
  return message;
}

/**
 * All messages, viewed some at a time.
 *
 * COMPAT(ejabberd 23.01): what it sends for `<fetch/>` bears no nodes, so nobody could tell it from what people are writing now.
 */
export async function fetchFlexible(options: FlexibleOptions): Promise<readonly OfflineMessage[]> {
  const { limits } = options;
  const ids = (await listFlexible(options)).map(({ id }) => id);
  if (ids.length > limits.offlineReadMessages) throw tooMuch(limits);
  const messages: OfflineMessage[] = [];
  let bytes = 0;
  for (let index = 0; index < ids.length; index += VIEWED_AT_ONCE) {
    const some = await view(options, ids.slice(index, index + VIEWED_AT_ONCE));
    for (const { xml } of some) bytes += xml.length;
    if (bytes > limits.offlineReadBytes) throw tooMuch(limits);
    messages.push(...some);
  }
  return messages;
}

async function view(
  { request, collector }: FlexibleOptions,
  ids: readonly string[],
): Promise<readonly OfflineMessage[]> {
  const wanted = new Set(ids);
  const items = ids.map((node) => element("item", { action: "view", node }));
  const { stanzas } = await collector.during(
    (stanza) => wanted.has(nodeOf(stanza) ?? ""),
    () => request("get", undefined, element("offline", { xmlns: NS.offline }, joinXml(items))),
  );
  return readMarked(stanzas);
}

/**
 * Removes messages: all of them, or none.
 *
 * COMPAT(ejabberd 23.01): it removes those that it has and says that all went well, so they are looked for first.
 */
export async function removeFlexible(options: FlexibleOptions, ids: readonly string[]): Promise<void> {
  const { request } = options;
  const kept = new Set((await listFlexible(options)).map(({ id }) => id));
  const missing = ids.filter((id) => !kept.has(id));
  if (missing.length > 0) throw new OfflineError("not-found", `no message ${missing.join(", ")}`);
  const items = ids.map((node) => element("item", { action: "remove", node }));
  await request("set", undefined, element("offline", { xmlns: NS.offline }, joinXml(items)));
}

/** Removes all. */
export async function purgeFlexible({ request }: FlexibleOptions): Promise<void> {
  await request("set", undefined, element("offline", { xmlns: NS.offline }, element("purge", {})));
}

/** The node that a message is marked with. */
function nodeOf(stanza: XmlElement): string | undefined {
  const mark = findChild(stanza, "offline", NS.offline);
  return mark && findChild(mark, "item")?.attrs["node"];
}

/**
 * Anybody can send a message with a mark while we ask. It is shown with its true sender; but where two have one node, a person could
 * remove the one after reading the other.
 */
function readMarked(stanzas: readonly XmlElement[]): readonly OfflineMessage[] {
  const messages = stanzas.flatMap((stanza) => readOfflineMessage(nodeOf(stanza) ?? "", stanza) ?? []);
  if (new Set(messages.map(({ id }) => id)).size < messages.length)
    throw new OfflineError("ambiguous", "somebody sends messages that look like kept ones; ask again");
  return messages;
}

// Messages that others have written, read from the archive of a server that keeps everything (XEP-0313 §4; XEP-0059; XEP-0297).

import { type Jid, tryParseJid } from "../../jid.js";
import { OfflineError, type OfflineMessage } from "../../ports/index.js";
import { element, escapeText, findChild, textOf, type XmlElement, type XmlText } from "../../xml/index.js";
import { createIdSource, type IqRouter } from "../../xmpp/index.js";
import { NS } from "../namespaces.js";
import type { Collector } from "./collector.js";
import type { OfflineReadLimits } from "./limits.js";
import { readOfflineMessage } from "./read-message.js";

/** What reading an archive needs. */
export interface ArchiveOptions {
  readonly request: IqRouter["request"];
  readonly collector: Collector;
  readonly limits: OfflineReadLimits;
  readonly own: Jid;
}

const PAGE_MESSAGES = 50;
const newQueryId = createIdSource();

interface Page {
  /** Oldest first. */
  readonly entries: readonly XmlElement[];
  /** Where the page before begins; undefined when there is none. */
  readonly before: string | undefined;
}

/** The newest messages that others have written to the account, oldest first: page by page, backwards, until a limit is reached. */
export async function readArchive(options: ArchiveOptions): Promise<readonly OfflineMessage[]> {
  const { offlineReadMessages, offlineReadBytes } = options.limits;
  let messages: readonly OfflineMessage[] = [];
  let left = offlineReadMessages;
  let bytes = 0;
  let before: string | undefined = "";
  while (before !== undefined && left > 0 && bytes <= offlineReadBytes) {
    const page: Page = await readPage(options, before, Math.min(left, PAGE_MESSAGES));
    const read = page.entries.flatMap((entry) => readEntry(entry, options.own) ?? []);
    for (const { xml } of read) bytes += xml.length;
    messages = [...read, ...messages];
    left -= page.entries.length;
    if (page.before === before) throw new OfflineError("refused", "the archive gives the same page twice");
    before = page.before;
  }
  return messages;
}

async function readPage(
  { request, collector, own }: ArchiveOptions,
  before: string,
  maxMessages: number,
): Promise<Page> {
  const queryid = newQueryId();
  const { stanzas, result } = await collector.during(
    (stanza) => isOfQuery(stanza, queryid, own),
    () => request("set", undefined, writeQuery(queryid, before, maxMessages)),
  );
  const entries = stanzas.flatMap((stanza) => findChild(stanza, "result", NS.archive) ?? []);
  const fin = findChild(result, "fin", NS.archive);
  if (fin === undefined) throw new OfflineError("refused", "the archive's answer is without <fin/>");
  const set = findChild(fin, "set", NS.resultSet);
  const first = set && findChild(set, "first");
  const isComplete = fin.attrs["complete"] === "true" || entries.length === 0;
  return { entries, before: isComplete || first === undefined ? undefined : textOf(first) };
}

function writeQuery(queryid: string, before: string, maxMessages: number): XmlText {
  const page = element(
    "set",
    { xmlns: NS.resultSet },
    element("max", {}, escapeText(String(maxMessages))),
    element("before", {}, escapeText(before)),
  );
  return element("query", { xmlns: NS.archive, queryid }, page);
}

/** Only the own account's archive is believed, and only what bears the id of the question (XEP-0313 §4.1). */
function isOfQuery(stanza: XmlElement, queryid: string, own: Jid): boolean {
  const { from } = stanza.attrs;
  const isOwn = from === undefined || tryParseJid(from)?.full === own.bare;
  return isOwn && findChild(stanza, "result", NS.archive)?.attrs["queryid"] === queryid;
}

/** The message in an entry; undefined for what the account wrote itself, and for what is none. */
function readEntry(entry: XmlElement, own: Jid): OfflineMessage | undefined {
  const { id } = entry.attrs;
  const forwarded = findChild(entry, "forwarded", NS.forward);
  const message = forwarded && findChild(forwarded, "message", NS.client);
  const from = tryParseJid(message?.attrs["from"]);
  if (id === undefined || message === undefined || from === undefined || from.bare === own.bare) return undefined;
  return readOfflineMessage(id, message, forwarded && findChild(forwarded, "delay", NS.delay)?.attrs["stamp"]);
}

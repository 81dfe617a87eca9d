// Rows of the outbox for topics: `publish` (docs/mailbox.md, docs/pubsub.md). Their recipient is the service.

import { type OutboxKind, OutboxProblem, outboxKind, type Sending } from "../mailbox/index.js";
import { entryOfPlain, type PlainEntry, type PubSub, PubSubError, readPlainEntry } from "../ports/index.js";
import type { ItemPayload } from "../rpc/index.js";
import { describeValue, isPlainObject, ValueError } from "../values/index.js";

interface PublishRow {
  readonly node: string;
  readonly itemId: string | undefined;
  readonly holds: { readonly entry: PlainEntry } | { readonly json: unknown } | { readonly xml: string };
}

const KNOWN = ["node", "itemId", "entry", "json", "xml"];

/** The kind of rows that are published: sent once the service has answered. */
export function createPublishKind(pubsub: Pick<PubSub, "publish">): OutboxKind {
  return outboxKind<PublishRow>({
    name: "publish",
    read: readRow,
    send: async (row, { node, itemId = row.stanzaId, holds }): Promise<Sending> => {
      const service = row.recipient.full;
      const made = {
        id: `xmpp:${encodeURI(service)}?pubsub;node=${encodeURIComponent(node)};item=${encodeURIComponent(itemId)}`,
        now: new Date(row.createdAt),
      };
      const payload: ItemPayload = "entry" in holds ? { atom: entryOfPlain(holds.entry, made) } : holds;
      try {
        // A row that is tried again has the same item id, so a second item never comes of it.
        await pubsub.publish(service, node, payload, { itemId });
      } catch (error) {
        throw isHopeless(error) ? new OutboxProblem(error.message, { cause: error }) : error;
      }
      return "confirmed";
    },
  });
}

function readRow(body: unknown): PublishRow {
  if (!isPlainObject(body)) throw new OutboxProblem(`body: an object expected, got ${describeValue(body)}`);
  const unknown = Object.keys(body).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new OutboxProblem(`body.${unknown}: not known; ${KNOWN.join(", ")} expected`);
  const { node, itemId, entry, json, xml } = body as Readonly<Record<string, unknown>>;
  if (typeof node !== "string" || node === "") throw new OutboxProblem("body.node: a text expected");
  if (itemId !== undefined && itemId !== null && (typeof itemId !== "string" || itemId === ""))
    throw new OutboxProblem("body.itemId: a text expected");
  if ([entry, json, xml].filter((given) => given !== undefined).length !== 1)
    throw new OutboxProblem("body: one of entry, json and xml expected");
  if (xml !== undefined && typeof xml !== "string") throw new OutboxProblem("body.xml: a text expected");
  const holds = xml !== undefined ? { xml } : json !== undefined ? { json } : { entry: readEntry(entry) };
  return { node, itemId: itemId ?? undefined, holds };
}

function readEntry(entry: unknown): PlainEntry {
  try {
    return readPlainEntry(entry);
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    throw new OutboxProblem(`body.${error.message}`, { cause: error });
  }
}

/** What the service will say to every further try, too. */
function isHopeless(error: unknown): error is Error {
  return ValueError.is(error) || (PubSubError.is(error) && !error.mayRetry && error.code !== "unavailable");
}

// A topic over HTTP: GET /feeds/{service}/{node} is an Atom feed, for whoever may call pubsub.items.

import { type ClosedDoor, DoorError } from "../http/index.js";
import { tryParseJid } from "../jid.js";
import { type PubSub, PubSubError, type PubSubErrorCode } from "../ports/index.js";
import type { Access } from "../rpc/index.js";
import { writeFeed } from "../xeps/index.js";
import { CallTimeout, Disconnected } from "../xmpp/index.js";

const PREFIX = "/feeds/";
/** The method that the access list knows the door by. */
const METHOD = "pubsub.items";
/** As many as a reader of feeds shows. */
const MAX_ITEMS = 50;

const STATUS: Partial<Record<PubSubErrorCode, number>> = {
  "closed-node": 403,
  forbidden: 403,
  "no-such-node": 404,
  "not-in-roster-group": 403,
  "presence-subscription-required": 403,
};

/** Makes the door. */
export function createFeedDoor(pubsub: Pick<PubSub, "items">, access: Pick<Access, "mayCall">): ClosedDoor {
  return {
    path: `${PREFIX}*`,
    method: "GET",
    open: false,
    handle: async ({ requester, path }) => {
      if (!access.mayCall(requester.jid, METHOD).allowed)
        throw new DoorError(403, `${requester.jid.bare} may not read topics: ${METHOD} is not allowed`);
      const { service, node } = topicIn(path);
      try {
        const items = await pubsub.items(service, node, { max: MAX_ITEMS });
        const text = `<?xml version="1.0" encoding="utf-8"?>\n${writeFeed({ service, node, items })}\n`;
        return { type: "application/atom+xml; charset=utf-8", text };
      } catch (error) {
        throw doorErrorOf(error);
      }
    },
  };
}

function topicIn(path: string): { readonly service: string; readonly node: string } {
  const rest = path.slice(PREFIX.length);
  const slash = rest.indexOf("/");
  const [service, node] = [decoded(rest.slice(0, Math.max(0, slash))), decoded(rest.slice(slash + 1))];
  const jid = tryParseJid(service);
  if (slash > 0 && jid !== undefined && node !== undefined && node !== "") return { service: jid.full, node };
  throw new DoorError(400, "a topic such as pubsub.example.org/news expected after /feeds/");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function doorErrorOf(error: unknown): unknown {
  if (PubSubError.is(error)) return new DoorError(STATUS[error.code] ?? 502, error.message);
  if (CallTimeout.is(error)) return new DoorError(504, "the service did not answer in time");
  if (Disconnected.is(error)) return new DoorError(503, "the link to XMPP is down");
  return error;
}

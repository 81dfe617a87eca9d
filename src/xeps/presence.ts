// The presence of an entity: a client announces itself once, a component answers whoever asks (RFC 6121 §3, §4; XEP-0114 §3).

import { type Jid, tryParseJid } from "../jid.js";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import { element, type XmlElement, type XmlText } from "../xml/index.js";
import type { Link } from "../xmpp/index.js";
import type { Feature } from "./feature.js";
import { NS } from "./namespaces.js";

/**
 * Decides whether somebody may see our presence: undefined leaves the request open. A `probe` is the server of somebody who was
 * allowed before, perhaps in an earlier life.
 */
export type SubscriptionPolicy = (
  from: Jid,
  kind: "subscribe" | "probe",
) => boolean | undefined | Promise<boolean | undefined>;

/** What presence is made of. */
export interface PresenceOptions {
  readonly link: Link;
  /** Default: a component allows everybody, and a client leaves every request open. Not asked in stand-alone mode. */
  readonly subscriptions?: SubscriptionPolicy | undefined;
  readonly log: Logger;
  /** The `<c/>` of XEP-0115, as it is at that moment. */
  readonly caps: () => XmlText;
}

/** The presence of the link's mode; none where there is nobody to tell. */
export function createPresence(options: PresenceOptions): Feature[] {
  switch (options.link.mode) {
    case "client":
      return [createAccountPresence(options)];
    case "component":
      return [createDomainPresence(options)];
    case "memory":
    case "standalone":
      return createAnnouncedPresence(options);
  }
}

/** A server keeps a client's subscriptions and answers probes for it. */
function createAccountPresence({ link, log, caps, subscriptions }: PresenceOptions): Feature {
  return {
    name: "presence",
    features: [NS.caps],
    online: () => void link.send(element("presence", {}, caps())),
    presence: ({ attrs }) => {
      const from = tryParseJid(attrs["from"]);
      if (attrs["type"] !== "subscribe" || from === undefined || from.bare === link.jid?.bare) return;
      decide(subscriptions?.(from, "subscribe"), log, (isAllowed) => {
        log.info("presence.decided", { watcher: from.bare, isAllowed });
        link.send(element("presence", { to: from.bare, type: isAllowed ? "subscribed" : "unsubscribed" }));
      });
    },
  };
}

/** Acts on a decision when it is there; without one nothing is done. */
function decide(decision: ReturnType<SubscriptionPolicy>, log: Logger, act: (isAllowed: boolean) => void): void {
  if (decision instanceof Promise) {
    decision
      .then((isAllowed) => decide(isAllowed, log, act))
      .catch((error: unknown) => log.error("presence.undecided", { cause: messageOf(error) }));
  } else if (decision !== undefined) act(decision);
}

/** A link that has presence of its own only wants to know what to show. */
function createAnnouncedPresence({ link, caps }: PresenceOptions): Feature[] {
  if (link.announce === undefined) return [];
  return [{ name: "presence", features: [NS.caps], online: () => link.announce?.(caps()) }];
}

/** More watchers are answered, but not told when we come back. */
const MAX_WATCHERS = 10_000;

/**
 * Nobody keeps a roster for a component, so it answers for itself: everybody may subscribe, is shown available, and is told when the
 * gateway goes and, within one life of the process, when it is back. The same holds for every address at the domain.
 */
function createDomainPresence({ link, log, caps, subscriptions = () => true }: PresenceOptions): Feature {
  /** Our address and the watcher's, by both. */
  const watchers = new Map<string, { readonly own: string; readonly watcher: string }>();

  const show = (own: string, to: string, type?: "unavailable"): void => {
    link.send(element("presence", { from: own, to, type }, ...(type === undefined ? [caps()] : [])));
  };

  const watch = (own: Jid, watcher: Jid): void => {
    if (watchers.size >= MAX_WATCHERS) return;
    watchers.set(`${own.bare} ${watcher.bare}`, { own: own.bare, watcher: watcher.bare });
  };

  const answer = (type: string | undefined, own: Jid, from: Jid): void => {
    if (type === "subscribe" || type === "probe") {
      decide(subscriptions(from, type), log, (isAllowed) => {
        if (type === "subscribe") log.info("presence.decided", { to: own.bare, watcher: from.bare, isAllowed });
        // RFC 6121 §4.3.2.1: who is not subscribed is told so, and not only left without presence.
        const reply = isAllowed ? "subscribed" : "unsubscribed";
        if (!isAllowed || type === "subscribe")
          link.send(element("presence", { from: own.bare, to: from.bare, type: reply }));
        if (!isAllowed) return;
        show(own.bare, type === "subscribe" ? from.bare : from.full);
        watch(own, from);
      });
    } else if (type === "unsubscribe") {
      link.send(element("presence", { from: own.bare, to: from.bare, type: "unsubscribed" }));
      show(own.bare, from.bare, "unavailable");
      watchers.delete(`${own.bare} ${from.bare}`);
    } else if (type === "error") {
      watchers.delete(`${own.bare} ${from.bare}`);
    }
  };

  const showAll = (type?: "unavailable"): void => {
    for (const { own, watcher } of watchers.values()) show(own, watcher, type);
  };

  return {
    name: "presence",
    features: [NS.caps],
    presence: ({ attrs }: XmlElement) => {
      const from = tryParseJid(attrs["from"]);
      const own = link.jid;
      // Two components that asked each other for ever would be the only traffic we could cause with ourselves.
      if (from === undefined || own === undefined || from.domain === own.domain) return;
      answer(attrs["type"], tryParseJid(attrs["to"]) ?? own, from);
    },
    online: () => showAll(),
    closing: () => showAll("unavailable"),
  };
}

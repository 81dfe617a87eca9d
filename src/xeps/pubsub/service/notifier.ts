// Tells subscribers what was published: every event until the network has it for all of them, in the order of publication. What was
// sent before the link was lost is sent again, since nobody knows whether it arrived: items have ids, so that does no harm.

import { createJidReader } from "../../../jid.js";
import { messageOf } from "../../../message-of.js";
import type { Logger } from "../../../observe/index.js";
import type { Clock, Link } from "../../../xmpp/index.js";
import type { TopicLimits } from "./limits.js";
import type { TopicConfigs } from "./topic-configs.js";
import type { PendingEvent, TopicStore } from "./topic-store.js";
import { deletionOf, type Notification, notificationOf, writeNotification } from "./write-notification.js";

/** What a notifier stands on. */
export interface NotifierOptions {
  readonly link: Pick<Link, "isOnline" | "send" | "flushed" | "jid">;
  readonly store: () => TopicStore;
  readonly configs: TopicConfigs;
  readonly limits: TopicLimits & { readonly maxSentBytes: number };
  readonly newId: () => string;
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** What it does. */
export interface Notifier {
  /** There may be something to tell. */
  wake(): void;
  /** Resolves when nothing can be told at the moment. */
  idle(): Promise<void>;
  /** Tells somebody alone of the newest item of a topic, if there is one. */
  sendLast(node: string, jid: string): Promise<void>;
  /** Nothing is begun any more. */
  stop(): void;
}

/** A notification that comes so much later than its item was published says so (XEP-0203). */
const LATE_MS = 30_000;
/** Subscribers who are told that a topic is gone before the server is asked whether it has that. */
const ENDS_AT_ONCE = 500;
const TAKES_NOTHING = "the link takes nothing";

/** Makes one that does nothing until it is woken. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { link, store, configs, limits, newId, clock, now, log } = options;
  const readJid = createJidReader();
  const state = { isWorking: false, isWanted: false, isStopped: false };
  let work: Promise<void> = Promise.resolve();
  let cancelRetry: (() => void) | undefined;

  /** True once the link has taken it. */
  const send = async (notification: Notification, contentBytes: number, jid: string): Promise<boolean> => {
    const stanza = writeNotification(notification, jid, newId());
    const headBytes = 3 * (stanza.length - notification.content.length);
    if (contentBytes + headBytes > limits.maxSentBytes && Buffer.byteLength(stanza) > limits.maxSentBytes) {
      log.warn("topics.notification-too-large", { to: jid, maxSentBytes: limits.maxSentBytes });
      return true;
    }
    if (link.send(stanza)) return true;
    // It is full, or lost: what it holds has to go first.
    if (link.isOnline) await link.flushed();
    return link.isOnline && link.send(stanza);
  };
  const sendAll = async (notification: Notification, node: string, jids: readonly string[]): Promise<boolean> => {
    const bytes = Buffer.byteLength(notification.content);
    for (const jid of jids) {
      const subscriber = readJid(jid);
      // Access may have been taken away since.
      if (subscriber === undefined || !configs.stillAdmits(node, subscriber)) continue;
      if (!(await send(notification, bytes, jid))) return false;
    }
    return true;
  };

  /** Tells of topics that are gone. False when there are none. Throws when the link or the database fails. */
  const tellEnds = async (from: string): Promise<boolean> => {
    const ends = await store().ends(ENDS_AT_ONCE);
    if (ends.length === 0) return false;
    // One notification for all subscribers of a topic.
    for (const node of new Set(ends.map((end) => end.node))) {
      const jids = ends.filter((end) => end.node === node).map(({ jid }) => jid);
      if (!(await sendAll(deletionOf(node, configs.of(node), from), node, jids))) throw new Error(TAKES_NOTHING);
    }
    await link.flushed();
    await store().endsTold(ends);
    return true;
  };

  /** Tells the oldest events. False when there are none. Throws when the link or the database fails. */
  const tellSome = async (from: string): Promise<boolean> => {
    const events = await store().pending(limits.topicBatch);
    if (events.length === 0) return false;
    const subscribers = new Map<string, readonly string[]>();
    for (const event of events) await tell(event, from, subscribers);
    await link.flushed();
    await store().told(events, (node) => configs.of(node).maxItems);
    return true;
  };
  const tell = async (event: PendingEvent, from: string, known: Map<string, readonly string[]>): Promise<void> => {
    const { node, item } = event;
    const jids = known.get(node) ?? (await store().subscriptions({ node })).map(({ jid }) => jid);
    known.set(node, jids);
    const notification = notificationOf(event, configs.of(node), from, now() - item.publishedAt > LATE_MS);
    if (!(await sendAll(notification, node, jids))) throw new Error(TAKES_NOTHING);
  };

  /** An end comes first: a topic of the same name may have been made and published to since. */
  const tellNext = async (from: string): Promise<boolean> => (await tellEnds(from)) || (await tellSome(from));

  const run = async (): Promise<void> => {
    try {
      do {
        state.isWanted = false;
        while (!state.isStopped && link.isOnline && link.jid !== undefined && (await tellNext(link.jid.full)));
      } while (state.isWanted && link.isOnline && !state.isStopped);
    } catch (error) {
      state.isWanted = false;
      // A link that is down wakes us when it is back.
      if (state.isStopped || !link.isOnline) return;
      log.warn("topics.paused", { cause: messageOf(error), retryMs: limits.topicRetryMs });
      cancelRetry?.();
      cancelRetry = clock.after(limits.topicRetryMs, wake);
    }
  };
  const wake = (): void => {
    state.isWanted = true;
    if (state.isWorking || state.isStopped || !link.isOnline) return;
    state.isWorking = true;
    work = run().finally(() => {
      state.isWorking = false;
      if (state.isWanted) wake();
    });
  };

  return {
    wake,
    idle: async () => {
      while (state.isWorking) await work;
    },
    sendLast: async (node, jid) => {
      const [item] = await store().items(node, { max: 1 });
      if (item === undefined || link.jid === undefined) return;
      const event: PendingEvent = { seq: 0, kind: "item", node, item };
      await sendAll(notificationOf(event, configs.of(node), link.jid.full, true), node, [jid]);
    },
    stop: () => {
      state.isStopped = true;
      cancelRetry?.();
    },
  };
}

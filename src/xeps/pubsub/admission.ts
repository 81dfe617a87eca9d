// Who may subscribe to nodes of ours whose access model is `authorize`: the question reaches who decides, his answer the service
// (XEP-0060 §8.6 to §8.8).

import { parseJid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Admission, AdmissionHandler, PubSub, SubscriptionRequest } from "../../ports/index.js";
import { findChild, type XmlElement } from "../../xml/index.js";
import type { Clock } from "../../xmpp/index.js";
import type { CommandClient } from "../commands/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import type { PubSubClient } from "./client.js";
import { pubSubErrorOf } from "./errors.js";
import type { FollowLimits } from "./limits.js";
import { askPendingAgain, readSubscriptionRequest } from "./pending.js";
import { within } from "./within.js";

/** What admissions stand on. */
export interface AdmissionsOptions {
  readonly client: Pick<PubSubClient, "features" | "subscribers" | "setSubscriber">;
  readonly commands: CommandClient;
  readonly limits: FollowLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Decides who may subscribe. */
export interface Admissions extends Pick<PubSub, "admit" | "pending"> {
  readonly feature: Feature;
  /** Resolves when nothing is being decided; takes nothing more. */
  stop(): Promise<void>;
}

/** Somebody who wants to hear of the requests at one node. */
interface Listener {
  readonly service: string;
  readonly node: string;
  take(request: SubscriptionRequest): void;
}

interface Admitting extends Listener {
  /** Looks for all who wait, now and from time to time. */
  online(): void;
  offline(): void;
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const keyOf = ({ jid, subid }: SubscriptionRequest): string => JSON.stringify([jid, subid]);

/** Makes one that lets nobody in. */
export function createAdmissions(options: AdmissionsOptions): Admissions {
  const { client, commands, limits, log } = options;
  const listeners = new Set<Listener>();
  const admitting = new Set<Admitting>();
  let isOnline = false;

  const pending: Admissions["pending"] = async (at, node) => {
    const service = tryParseJid(at)?.full ?? at;
    const found = new Map<string, SubscriptionRequest>();
    const take = (request: SubscriptionRequest): void => {
      if (found.size < limits.followQueue) found.set(keyOf(request), request);
    };
    const listener: Listener = { service, node, take };
    listeners.add(listener);
    try {
      if ((await client.features(service)).has("get-pending"))
        await askPendingAgain(commands, service, node).catch((error: unknown) => {
          throw pubSubErrorOf(error, "other", service, node);
        });
      for (const { jid, state, subid } of await client.subscribers(service, node))
        if (state === "pending") take({ service, node, jid, ...(subid === undefined ? {} : { subid }) });
    } finally {
      listeners.delete(listener);
    }
    return [...found.values()];
  };

  const take = (message: XmlElement): boolean => {
    const from = tryParseJid(message.attrs["from"]);
    const { type } = message.attrs;
    if (from === undefined || type === "error" || type === "groupchat") return false;
    const request = readSubscriptionRequest(message, from.full);
    if (request === undefined) return false;
    // What was kept for us may have been taken back since; who still waits is asked for when we come online.
    if (findChild(message, "delay", NS.delay) !== undefined) return true;
    const [node, jid] = [request.node, request.jid].map((text) => text.slice(0, 200));
    log.info("pubsub.subscription-request", { service: from.full, node, jid });
    for (const one of [...listeners, ...admitting])
      if (one.service === from.full && one.node === request.node) one.take(request);
    return true;
  };

  return {
    feature: {
      name: "pubsub-admission",
      message: take,
      online: () => {
        isOnline = true;
        for (const one of admitting) one.online();
      },
      offline: () => {
        isOnline = false;
        for (const one of admitting) one.offline();
      },
    },
    pending,
    admit: (service, node, decide): Admission => {
      const target = { service: parseJid(service).full, node, decide };
      const one = createAdmitting(target, options, pending);
      admitting.add(one);
      if (isOnline) one.online();
      return {
        stop: () => {
          admitting.delete(one);
          return one.stop();
        },
      };
    },
    stop: async () => {
      await Promise.all([...admitting].map((one) => one.stop()));
      admitting.clear();
    },
  };
}

interface AdmissionTarget {
  readonly service: string;
  readonly node: string;
  readonly decide: AdmissionHandler;
}

/** One node: its requests are decided one after the other, each once as long as it is being decided. */
function createAdmitting(
  { service, node, decide }: AdmissionTarget,
  { client, limits, clock, log }: AdmissionsOptions,
  pending: Admissions["pending"],
): Admitting {
  const waiting = new Set<string>();
  /** Whom a form has told of while a check runs: what the check finds of them is no news. */
  let taken: Set<string> | undefined;
  let work: Promise<void> = Promise.resolve();
  let isOnline = false;
  let isStopped = false;
  let isIncomplete = false;
  let retryMs = FIRST_RETRY_MS;
  let cancelTimer = (): void => undefined;

  const decideOne = async (request: SubscriptionRequest): Promise<void> => {
    const { jid, subid } = request;
    const facts = { service, node, jid };
    try {
      const decision = await within(clock, limits.followHandlerMs, () => decide(request));
      if (isStopped || typeof decision !== "boolean") return;
      const state = decision ? "subscribed" : "none";
      await client.setSubscriber(service, node, { jid, state, ...(subid === undefined ? {} : { subid }) });
      log.info("pubsub.subscription-decided", { ...facts, state });
    } catch (error) {
      log.warn("pubsub.subscription-undecided", { ...facts, cause: messageOf(error) });
    }
  };

  const take = (request: SubscriptionRequest): void => {
    const key = keyOf(request);
    if (isStopped || waiting.has(key)) return;
    if (waiting.size >= limits.followQueue) {
      if (!isIncomplete) log.warn("pubsub.queue-full", { service, node, waiting: waiting.size });
      isIncomplete = true;
      return;
    }
    waiting.add(key);
    taken?.add(key);
    work = work.then(async () => {
      if (!isStopped) await decideOne(request);
      waiting.delete(key);
      if (waiting.size === 0 && isIncomplete) check();
    });
  };

  const check = (): void => {
    cancelTimer();
    if (isStopped || !isOnline) return;
    isIncomplete = false;
    const told = new Set<string>();
    taken = told;
    pending(service, node).then(
      (requests) => {
        retryMs = FIRST_RETRY_MS;
        if (taken === told) taken = undefined;
        for (const request of requests) if (!told.has(keyOf(request))) take(request);
        later(limits.followCheckMs);
      },
      (error: unknown) => {
        // The link is lost; `online` begins anew.
        if (!isOnline) return;
        log.warn("pubsub.admission-failed", { service, node, cause: messageOf(error) });
        later(retryMs);
        retryMs = Math.min(limits.followCheckMs, retryMs * 2);
      },
    );
  };

  const later = (ms: number): void => {
    cancelTimer();
    if (!isStopped && isOnline) cancelTimer = clock.after(ms, check);
  };

  return {
    service,
    node,
    take,
    online: () => {
      isOnline = true;
      retryMs = FIRST_RETRY_MS;
      check();
    },
    offline: () => {
      isOnline = false;
      cancelTimer();
    },
    stop: () => {
      isStopped = true;
      cancelTimer();
      return work;
    },
  };
}

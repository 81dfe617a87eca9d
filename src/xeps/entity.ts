// One XMPP entity: a link, its IQ router, and the features that live on it. Disco, caps and presence are derived here.

import type { Jid } from "../jid.js";
import type { Logger } from "../observe/index.js";
import type { XmlElement } from "../xml/index.js";
import {
  type IqRequest,
  IqRouter,
  type KeptAnswerLimits,
  type Link,
  type LinkListener,
  type LinkMode,
} from "../xmpp/index.js";
import { capsNode, writeCaps } from "./caps.js";
import { createDisco } from "./disco.js";
import type { DiscoInfo, DiscoNode, Feature, Identity } from "./feature.js";
import { createPing } from "./ping.js";
import { createPresence, type SubscriptionPolicy } from "./presence.js";
import { createVersion } from "./version.js";

/** A running entity. */
export interface Entity {
  readonly link: Link;
  readonly router: IqRouter;
  /** Connects and, where the mode has presence, announces itself. */
  start(): Promise<Jid>;
  /** Waits until all that was sent, and every answer that waits for the link, is with the server; not longer than `limitMs`. */
  flush(limitMs: number): Promise<void>;
  /** Closes the link; may be called twice. */
  stop(): Promise<void>;
  /** What disco#info says of this entity. */
  info(): DiscoInfo;
}

/** What an entity is made of. */
export interface EntityOptions {
  readonly link: Link;
  readonly features: readonly Feature[];
  readonly software: { readonly name: string; readonly version: string };
  readonly log: Logger;
  /** Whether it announces itself where the mode has presence. Default true. */
  readonly presence?: boolean | undefined;
  /** Who may see its presence. */
  readonly subscriptions?: SubscriptionPolicy | undefined;
  /** `maxSentBytes`: no answer is larger (docs/settings.md); the others bound the answers that wait for the link. */
  readonly limits: Partial<KeptAnswerLimits> & { readonly maxSentBytes: number };
}

/** Puts an entity together. Every entity answers disco, ping and version. */
export function createEntity(options: EntityOptions): Entity {
  const { link, software, log, limits } = options;
  const info = (): DiscoInfo => describe(features, link, software.name);
  const features: readonly Feature[] = [
    // First: what a feature sends when the link is up presupposes that we are available.
    ...(options.presence === false
      ? []
      : createPresence({ link, log, subscriptions: options.subscriptions, caps: () => writeCaps(info()) })),
    ...options.features,
    createPing(),
    createVersion(software),
    createDisco({
      info,
      node: async (node, iq) => (node === capsNode(info()) ? { info: info() } : nodeOf(options.features, node, iq)),
      items: async (iq) => {
        const others = (link.addresses ?? []).filter((jid) => jid !== link.jid?.full);
        const listed = await Promise.all(
          options.features.map(async (feature) => (await feature.discoItems?.(iq)) ?? []),
        );
        return [...others.map((jid) => ({ jid, name: software.name })), ...listed.flat()];
      },
    }),
  ];
  const router = new IqRouter({ link, log, limits, routes: features.flatMap((feature) => feature.routes ?? []) });
  let isStopping = false;

  const listener: LinkListener = {
    stanza: (stanza) => route(stanza, router, features, log),
    oversize: (stanza) => router.refuseOversize(stanza),
    online: (jid) => {
      log.info("link.online", { mode: link.mode, jid: jid.full });
      for (const feature of features) feature.beforePresence?.();
      for (const feature of features) feature.online?.();
      router.sendKept();
    },
    offline: (reason) => {
      if (isStopping) log.info("link.stopped", { mode: link.mode });
      else log.warn("link.offline", { mode: link.mode, reason });
      router.disconnect(reason);
      for (const feature of features) feature.offline?.();
    },
    suspended: (reason) => log.warn("link.suspended", { mode: link.mode, reason }),
    resumed: () => router.sendKept(),
  };

  return {
    link,
    router,
    info,
    start: () => link.start(listener),
    flush: (limitMs) =>
      withinMs(limitMs, async () => {
        await router.whenKeptAreSent();
        await link.flushed();
      }),
    stop: () => {
      if (!isStopping) for (const feature of features) feature.closing?.();
      isStopping = true;
      return link.stop();
    },
  };
}

/** Resolves when `work` is done, has failed, or takes too long. */
async function withinMs(limitMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work().catch(() => undefined), limit]);
  clearTimeout(timer);
}

/** A broken stanza of a peer must not reach the socket's event as an exception. */
function route(stanza: XmlElement, router: IqRouter, features: readonly Feature[], log: Logger): void {
  try {
    if (stanza.name === "iq") router.handle(stanza);
    else if (stanza.name === "presence") for (const feature of features) feature.presence?.(stanza);
    else if (stanza.name === "message") offerMessage(stanza, features, log);
  } catch (error) {
    log.error("stanza.handler-failed", { name: stanza.name, from: stanza.attrs["from"], cause: String(error) });
  }
}

/** Offers a message to one feature after the other until one takes it. */
function offerMessage(stanza: XmlElement, features: readonly Feature[], log: Logger): void {
  for (const [index, feature] of features.entries()) {
    const taken = feature.message?.(stanza);
    if (taken === true) return;
    if (taken instanceof Promise) {
      void offerLater(taken, stanza, features.slice(index + 1), log);
      return;
    }
  }
}

async function offerLater(
  taken: Promise<boolean>,
  stanza: XmlElement,
  later: readonly Feature[],
  log: Logger,
): Promise<void> {
  try {
    if (!(await taken)) offerMessage(stanza, later, log);
  } catch (error) {
    log.error("stanza.handler-failed", { name: stanza.name, from: stanza.attrs["from"], cause: String(error) });
  }
}

/** The first feature that knows the node answers. */
async function nodeOf(features: readonly Feature[], node: string, iq: IqRequest): Promise<DiscoNode | undefined> {
  for (const feature of features) {
    const known = await feature.discoNode?.(node, iq);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** What an entity is by the way it attaches (registry of service discovery identities). */
const OWN_IDENTITY: Readonly<Record<LinkMode, Identity>> = {
  client: { category: "client", type: "bot" },
  component: { category: "component", type: "generic" },
  standalone: { category: "server", type: "im" },
  memory: { category: "client", type: "bot" },
};

/** XEP-0030 §3.1: identities carry one name; features are listed once. */
function describe(features: readonly Feature[], link: Link, name: string): DiscoInfo {
  const identities = [OWN_IDENTITY[link.mode], ...features.flatMap((feature) => feature.identities ?? [])];
  const listed = new Set([...(link.features ?? []), ...features.flatMap((feature) => feature.features ?? [])]);
  return { identities: identities.map((identity) => ({ ...identity, name })), features: [...listed].sort() };
}

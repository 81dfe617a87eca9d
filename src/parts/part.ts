// A part of a gateway: something beyond calls that has a life of its own, such as rooms or the mailbox. gateway.ts makes
// the parts, gives them what they stand on, and takes them through start and stop together.

import type { ClosedDoor } from "../http/index.js";
import type { Limits } from "../limits.js";
import type { Database, OutboxKind } from "../mailbox/index.js";
import type { Logger } from "../observe/index.js";
import type { Access, Bind, Dispatcher, ForwardAccess, Forwarder, MethodTable, Services } from "../rpc/index.js";
import type { BuiltinCommand, Feature, RoomServices, SubscriptionPolicy } from "../xeps/index.js";
import type { XmlText } from "../xml/index.js";
import type { IqRouter, Link } from "../xmpp/index.js";

/** What a part stands on. The functions may be called only after `open`, when the gateway is put together. */
export interface PartContext {
  readonly link: Link;
  /** Sends an IQ request and resolves with its result, as the router does. */
  readonly request: IqRouter["request"];
  /** Runs a method under the access list. */
  readonly dispatch: Dispatcher["dispatch"];
  /** Who may have others called, by the rules of `forward`; and what calls them. */
  readonly forward: ForwardAccess;
  readonly forwarder: () => Forwarder;
  readonly table: MethodTable;
  readonly access: Access;
  readonly rooms: RoomServices;
  /** The `<c/>` that stands in every presence (XEP-0115 §4). */
  readonly caps: () => XmlText;
  /** The one database, from `open` on; undefined without `mailbox`. What a part keeps is then kept there, else in memory. */
  readonly database?: () => Database;
  readonly limits: Limits;
  readonly log: Logger;
}

/** One part. */
export interface Part {
  /** What it does on the link; its features see messages before handlers of messages do. */
  readonly features?: readonly Feature[];
  /** Ad-hoc commands beside those of methods. */
  readonly commands?: readonly BuiltinCommand[];
  /** Decides who may see the gateway's presence; one part at most does. */
  readonly subscriptions?: SubscriptionPolicy;
  /** Binds what handlers may have injected of it. */
  readonly bind?: Bind;
  /** HTTP doors behind the same log-in as the others. */
  readonly doors?: readonly ClosedDoor[];
  /** Takes what the services hold for it, before `open`. May throw, which ends the start. */
  adopt?(services: Services): void;
  /** The kinds of rows in the mailbox's outbox that it sends. */
  readonly outbox?: readonly OutboxKind[];
  /** Before the link starts: opens files and databases. A rejection ends the start. */
  open?(): Promise<void>;
  /** The link is online for the first time. A rejection ends the start. */
  start?(): Promise<void>;
  /** Calls are drained, the link is still up: the last moment to send. Must not reject. */
  stop?(): Promise<void>;
  /** The link is closed, or never came up: closes what `open` opened. Must not reject. */
  close?(): Promise<void>;
}

/** Several parts, taken through their lives together. */
export type JoinedParts = Required<Omit<Part, "bind" | "outbox" | "subscriptions">> & {
  readonly bind: readonly Bind[];
  readonly subscriptions: SubscriptionPolicy | undefined;
};

/** Parts as one: opened and started in order, stopped and closed in the opposite one. */
export function joinParts(parts: readonly Part[]): JoinedParts {
  const reversed = parts.toReversed();
  return {
    features: parts.flatMap((part) => part.features ?? []),
    commands: parts.flatMap((part) => part.commands ?? []),
    subscriptions: parts.find((part) => part.subscriptions !== undefined)?.subscriptions,
    bind: parts.flatMap((part) => part.bind ?? []),
    doors: parts.flatMap((part) => part.doors ?? []),
    adopt: (services) => {
      for (const part of parts) part.adopt?.(services);
    },
    open: async () => {
      for (const part of parts) await part.open?.();
    },
    start: async () => {
      for (const part of parts) await part.start?.();
    },
    stop: async () => {
      for (const part of reversed) await part.stop?.();
    },
    close: async () => {
      for (const part of reversed) await part.close?.();
    },
  };
}

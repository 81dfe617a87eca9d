// The mailbox as a part: sends the outbox, fills the inbox, and has the application answer calls, all through one database.

import { type Jid, parseJid, tryParseJid } from "../jid.js";
import {
  type CallDesk,
  createCallDesk,
  createCallKind,
  createCallStore,
  createInbox,
  createInboxMessages,
  createOutboxEngine,
  createOutboxStore,
  type Database,
  type Inbox,
  type OutboxEngine,
  type OutboxKind,
  type OutboxStore,
  purge,
  servedMethods,
} from "../mailbox/index.js";
import { messageOf } from "../message-of.js";
import { systemClock } from "../xmpp/index.js";
import type { DatabasePart } from "./database.js";
import type { Part, PartContext } from "./part.js";

/** What a gateway's mailbox is made of. */
export interface MailboxOptions {
  /** `sqlite:FILE`, which is made and migrated by itself; or `postgresql://…`, which `jabber-rpc mailbox migrate` prepares. */
  readonly url: string;
  /** Rows that are done are deleted after so many days; 0 keeps them for ever. Default 30. */
  readonly keepDays?: number;
  /** On whose behalf rows of kind `call` call, as the rules of `forward` know it. Default: the gateway's own address. */
  readonly requester?: string;
  /** Methods that the application serves through the table `calls`, as OpenRPC method objects. */
  readonly methods?: readonly unknown[];
  /** Further kinds of rows. */
  readonly kinds?: readonly OutboxKind[];
}

/** The parts of the mailbox that other parts may use. */
export interface MailboxPart extends Part {
  /** From `open` on. */
  opened(): OpenMailbox;
  /** A person is there: rows that waited for him are due. */
  arrived(bareJid: string): void;
}

/** What lives while the database is open. */
export interface OpenMailbox {
  readonly inbox: Inbox;
  readonly outbox: OutboxStore;
  readonly engine: OutboxEngine;
  readonly desk: CallDesk;
}

const DAY_MS = 86_400_000;
const PURGE_MS = 3_600_000;
const DEFAULT_KEEP_DAYS = 30;
const ARRIVALS_MS = 50;

/**
 * Makes the part; it stands behind the parts whose kinds it sends, and stops before them.
 *
 * @param kindsOfParts what the other parts send
 * @throws Error for a method object that cannot be used
 */
export function createMailboxPart(
  options: MailboxOptions,
  context: PartContext,
  databasePart: DatabasePart,
  kindsOfParts: readonly OutboxKind[],
): MailboxPart {
  const { link, limits, log, table } = context;
  let mailbox: OpenMailbox | undefined;
  let forgetChanges: (() => void) | undefined;
  let cancelPurge: (() => void) | undefined;
  const opened = (): OpenMailbox => {
    if (mailbox === undefined) throw new Error("the mailbox is not open");
    return mailbox;
  };
  const requester = (): Jid => {
    const jid = options.requester === undefined ? link.jid : parseJid(options.requester);
    if (jid === undefined) throw new Error("the gateway is not online yet");
    return jid;
  };
  const now = (): number => databasePart.database().now();
  const clock = { now, after: systemClock.after };
  table.add(servedMethods(options.methods ?? [], () => opened().desk, now));

  const open = (database: Database): OpenMailbox => {
    const inbox = createInbox({ database, limits, clock, log });
    const outbox = createOutboxStore(database);
    const call = createCallKind({
      access: context.forward,
      forwarder: context.forwarder,
      inbox: () => inbox,
      requester,
      timeoutMs: limits.forwardTimeoutMs,
    });
    const kinds = [...kindsOfParts, ...(options.kinds ?? []), call];
    const engine = createOutboxEngine({ store: outbox, kinds, link, limits, clock, log });
    const desk = createCallDesk({ store: createCallStore(database), clock, log });
    return { inbox, outbox, engine, desk };
  };

  const purgeLater = (database: Database, keepDays: number): void => {
    cancelPurge = systemClock.after(PURGE_MS, () => {
      void purge(database, now() - keepDays * DAY_MS)
        .then(
          (purged) => log.info("mailbox.purged", purged),
          (error: unknown) => log.warn("mailbox.purge-failed", { cause: messageOf(error) }),
        )
        .then(() => {
          if (cancelPurge !== undefined) purgeLater(database, keepDays);
        });
    });
  };

  const arrivals = createArrivals(async (people) => {
    if (mailbox === undefined) return;
    await mailbox.outbox
      .release(people)
      .catch((error: unknown) => log.warn("outbox.release-failed", { cause: messageOf(error) }));
    mailbox.engine.wake();
  });
  const messages = createInboxMessages({
    inbox: () => opened().inbox,
    bounced: async (stanzaId, from, type, problem) => {
      const isFrom = (recipient: string): boolean => isAnswerOf(tryParseJid(recipient), from, link.jid);
      const row = await opened().engine.bounced({ stanzaId, isFrom, type, problem });
      if (row === undefined) return;
      const { id: outboxId, kind, recipient, ending } = row;
      const { error } = ending;
      log.warn("outbox.bounced", { row: outboxId, kind, problem: error, becomes: ending.kind });
      if (ending.kind === "retry") return;
      const sender = from?.full ?? recipient;
      await opened().inbox.store({ kind: "error", sender, stanzaId, body: { stanzaId, error }, outboxId });
    },
    access: context.access,
    rooms: context.rooms,
    link,
    limits,
    clock: systemClock,
    log,
  });

  return {
    opened,
    arrived: arrivals.arrived,
    features: [messages, { name: "outbox", online: () => mailbox?.engine.wake() }],
    open: async () => {
      mailbox = open(databasePart.database());
    },
    start: async () => {
      const database = databasePart.database();
      const { engine, desk } = opened();
      const forgetRows = database.onChange(() => {
        engine.wake();
        desk.wake();
      });
      const forgetReplacements = database.onReplaced(desk.abandon);
      forgetChanges = () => {
        forgetRows();
        forgetReplacements();
      };
      engine.start();
      desk.start();
      const { keepDays = DEFAULT_KEEP_DAYS } = options;
      if (keepDays > 0) purgeLater(database, keepDays);
    },
    stop: async () => {
      cancelPurge?.();
      cancelPurge = undefined;
      await mailbox?.engine.stop(limits.flushMs);
    },
    close: async () => {
      forgetChanges?.();
      await mailbox?.desk.stop();
      await mailbox?.inbox.close(limits.flushMs);
    },
  };
}

/** Tells who has come online, several at a time: each of them would be a query. */
function createArrivals(tell: (bareJids: readonly string[]) => Promise<void>) {
  const arrived = new Set<string>();
  const tellAll = (): void => {
    const people = [...arrived];
    arrived.clear();
    void tell(people);
  };
  return {
    arrived: (bareJid: string): void => {
      if (arrived.size === 0) systemClock.after(ARRIVALS_MS, tellAll);
      arrived.add(bareJid);
    },
  };
}

/** Who may say that something did not arrive: the recipient, its server, or our own. */
function isAnswerOf(recipient: Jid | undefined, from: Jid | undefined, own: Jid | undefined): boolean {
  if (from === undefined) return true;
  if (recipient === undefined) return false;
  return from.bare === recipient.bare || from.full === recipient.domain || from.full === own?.domain;
}

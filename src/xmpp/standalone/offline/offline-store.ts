// Where messages for absent accounts are kept (XEP-0160): the interface, and the memory that is used without a database.

import type { StandaloneLimits } from "../limits.js";

/** A message that is to be kept. */
export interface NewOfflineMessage {
  /** The full address of the sender. */
  readonly from: string;
  /** When it came, in epoch milliseconds. */
  readonly stampMs: number;
  /** The whole stanza, in the namespace `jabber:client`. */
  readonly xml: string;
}

/** A message that is kept. Ids are unique in an account, and sort as the messages came. */
export interface OfflineMessageEntry extends Pick<NewOfflineMessage, "from" | "stampMs"> {
  readonly id: string;
  /** The size of the stanza. */
  readonly bytes: number;
}

/** One that was read. */
export interface KeptOfflineMessage extends OfflineMessageEntry {
  readonly xml: string;
}

/** Keeps messages; an account is a bare address. Every function may reject when the store cannot be reached. */
export interface OfflineStore {
  /** Forgets what is too old, then keeps a message; false when there is no room for it. */
  keep(account: string, message: NewOfflineMessage): Promise<boolean>;
  /** What is kept for an account, in the order it came. */
  list(account: string): Promise<readonly OfflineMessageEntry[]>;
  /** Messages by their ids, in the order they came; ids that are unknown are left out. */
  read(account: string, ids: readonly string[]): Promise<readonly KeptOfflineMessage[]>;
  /** Removes messages by their ids, or all, and tells how many there were. */
  remove(account: string, ids?: readonly string[]): Promise<number>;
}

/** The limits of a store. */
export type OfflineLimits = Pick<
  StandaloneLimits,
  "offlineMessagesPerAccount" | "offlineMessages" | "offlineBytes" | "offlineDays"
>;

const DAY_MS = 86_400_000;
const ID_DIGITS = 10;

/** The id of the message with that number: numbers as text of one length sort as numbers. */
export function offlineId(number: number): string {
  return String(number).padStart(ID_DIGITS, "0");
}

/** The stamp before which a message is too old. */
export function oldestKept(nowMs: number, { offlineDays }: OfflineLimits): number {
  return nowMs - offlineDays * DAY_MS;
}

/** Whether one more message has room. */
export function hasRoom(
  used: { readonly ofAccount: number; readonly messages: number; readonly bytes: number },
  bytes: number,
  limits: OfflineLimits,
): boolean {
  return (
    used.ofAccount < limits.offlineMessagesPerAccount &&
    used.messages < limits.offlineMessages &&
    used.bytes + bytes <= limits.offlineBytes
  );
}

/** A store that ends with the process. */
export function createMemoryOfflineStore(limits: OfflineLimits): OfflineStore {
  const accounts = new Map<string, Map<string, KeptOfflineMessage>>();
  let messages = 0;
  let bytes = 0;
  let last = 0;

  const drop = (account: string, message: KeptOfflineMessage): void => {
    const kept = accounts.get(account);
    if (kept?.delete(message.id) !== true) return;
    messages -= 1;
    bytes -= message.bytes;
    if (kept.size === 0) accounts.delete(account);
  };

  const forget = (before: number): void => {
    for (const [account, kept] of accounts) {
      for (const message of kept.values()) {
        if (message.stampMs >= before) break;
        drop(account, message);
      }
    }
  };

  const keep = (account: string, message: NewOfflineMessage): boolean => {
    forget(oldestKept(message.stampMs, limits));
    const size = Buffer.byteLength(message.xml);
    const kept = accounts.get(account) ?? new Map<string, KeptOfflineMessage>();
    if (!hasRoom({ ofAccount: kept.size, messages, bytes }, size, limits)) return false;
    last += 1;
    messages += 1;
    bytes += size;
    const id = offlineId(last);
    kept.set(id, { id, ...message, bytes: size });
    accounts.set(account, kept);
    return true;
  };

  return {
    keep: async (account, message) => keep(account, message),
    list: async (account) => [...(accounts.get(account)?.values() ?? [])],
    read: async (account, ids) => {
      const wanted = new Set(ids);
      return [...(accounts.get(account)?.values() ?? [])].filter(({ id }) => wanted.has(id));
    },
    remove: async (account, ids) => {
      const kept = accounts.get(account);
      const gone = [...(ids ?? kept?.keys() ?? [])].flatMap((id) => kept?.get(id) ?? []);
      for (const message of gone) drop(account, message);
      return gone.length;
    },
  };
}

// The part for messages that wait: those of the gateway's own account, and where a stand-alone gateway keeps those of others.

import { createOfflineStore } from "../mailbox/index.js";
import { OfflineMessages } from "../ports/index.js";
import { createOfflineMessages } from "../xeps/index.js";
import type { Part, PartContext } from "./part.js";

/** What the part is made of. */
export interface OfflinePartOptions {
  /**
   * Asks the server at each login to keep the messages of the gateway's account instead of sending them, so that they can be read
   * one by one. Default false.
   */
  readonly hold?: boolean | undefined;
}

/** The part, and what programs use it by. */
export interface OfflinePart extends Part {
  readonly offline: OfflineMessages;
}

/** Makes the part. */
export function createOfflinePart({ hold }: OfflinePartOptions, context: PartContext): OfflinePart {
  const { link, request, limits, database } = context;
  const { messages, feature } = createOfflineMessages({ link, request, limits, hold });
  return {
    offline: messages,
    features: [feature],
    bind: (container) => void container.bind(OfflineMessages).toConstantValue(messages),
    open: async () => {
      if (database !== undefined) link.keepOffline?.(createOfflineStore(database, limits));
    },
  };
}

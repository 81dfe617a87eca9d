// Messages that arrive as the answer to a request, before its result: collected while it runs, and kept from everybody else.

import { OfflineError } from "../../ports/index.js";
import { writeElement, type XmlElement } from "../../xml/index.js";
import type { Feature } from "../feature.js";
import type { OfflineReadLimits } from "./limits.js";

interface Collection {
  readonly belongs: (stanza: XmlElement) => boolean;
  readonly stanzas: XmlElement[];
  bytes: number;
  isOver: boolean;
}

/** Collects. */
export interface Collector extends Feature {
  /**
   * Runs a request and gives the stanzas that belong to it, with its result. Rejects with `too-much` when they are more than the
   * limits allow; those beyond are dropped as they come.
   */
  during<T>(
    belongs: (stanza: XmlElement) => boolean,
    request: () => Promise<T>,
  ): Promise<{ readonly stanzas: readonly XmlElement[]; readonly result: T }>;
}

/** Makes a collector with nothing to do. */
export function createCollector(limits: OfflineReadLimits): Collector {
  const running = new Set<Collection>();

  const take = (collection: Collection, stanza: XmlElement): void => {
    if (collection.isOver) return;
    collection.bytes += writeElement(stanza).length;
    collection.isOver =
      collection.stanzas.length >= limits.offlineReadMessages || collection.bytes > limits.offlineReadBytes;
    if (collection.isOver) collection.stanzas.length = 0;
    else collection.stanzas.push(stanza);
  };

  return {
    name: "offline-messages",
    message: (stanza) => {
      for (const collection of running) {
        if (!collection.belongs(stanza)) continue;
        take(collection, stanza);
        return true;
      }
      return false;
    },
    during: async (belongs, request) => {
      const collection: Collection = { belongs, stanzas: [], bytes: 0, isOver: false };
      running.add(collection);
      try {
        const result = await request();
        if (collection.isOver) throw tooMuch(limits);
        return { stanzas: collection.stanzas, result };
      } finally {
        running.delete(collection);
      }
    },
  };
}

/** The error for more than the limits allow. */
export function tooMuch({ offlineReadMessages, offlineReadBytes }: OfflineReadLimits): OfflineError {
  return new OfflineError(
    "too-much",
    `there are more than ${offlineReadMessages} messages or ${offlineReadBytes} bytes; read them one by one`,
  );
}

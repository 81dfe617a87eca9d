// A listener for tests of links: it keeps what it is told and lets a test wait for it.

import type { Jid } from "../../src/jid.js";
import type { XmlElement } from "../../src/xml/index.js";
import type { LinkListener, OversizeStanza } from "../../src/xmpp/link.js";

/** Keeps everything in order; `until` resolves as soon as a condition over it holds. */
export class RecordingListener implements LinkListener {
  readonly stanzas: XmlElement[] = [];
  readonly oversized: OversizeStanza[] = [];
  readonly onlines: string[] = [];
  readonly offlines: string[] = [];
  /** The calls in their order, by name. */
  readonly calls: string[] = [];
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];

  stanza(element: XmlElement): void {
    this.stanzas.push(element);
    this.#note("stanza");
  }

  oversize(stanza: OversizeStanza): void {
    this.oversized.push(stanza);
    this.#note("oversize");
  }

  online(jid: Jid): void {
    this.onlines.push(jid.full);
    this.#note("online");
  }

  offline(reason: string): void {
    this.offlines.push(reason);
    this.#note("offline");
  }

  suspended(): void {
    this.#note("suspended");
  }

  resumed(): void {
    this.#note("resumed");
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  #note(call: string): void {
    this.calls.push(call);
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}

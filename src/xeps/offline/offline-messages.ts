// The messages that wait for the own account, from whichever source its server has.

import type { Jid } from "../../jid.js";
import { OfflineError, type OfflineErrorCode, OfflineMessages, type OfflineSource } from "../../ports/index.js";
import { element } from "../../xml/index.js";
import { type IqRouter, type Link, type StanzaCondition, StanzaError } from "../../xmpp/index.js";
import { readDiscoInfo } from "../disco.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import { type ArchiveOptions, readArchive } from "./archive.js";
import { createCollector } from "./collector.js";
import {
  countFlexible,
  fetchFlexible,
  listFlexible,
  purgeFlexible,
  removeFlexible,
  showFlexible,
  writeCountQuery,
} from "./flexible.js";
import type { OfflineReadLimits } from "./limits.js";

/** What it stands on. */
export interface OfflineMessagesOptions {
  readonly link: Pick<Link, "mode" | "jid">;
  readonly request: IqRouter["request"];
  readonly limits: OfflineReadLimits;
  /** Asks the server before presence to send nothing by itself, as long as this session lives. Default false. */
  readonly hold?: boolean | undefined;
}

/** The messages, and what has to be on the link for them. */
export interface OfflineReader {
  readonly messages: OfflineMessages;
  readonly feature: Feature;
}

/** Makes the reader; it asks nothing before somebody wants to know something, unless it is to hold messages. */
export function createOfflineMessages(options: OfflineMessagesOptions): OfflineReader {
  const collector = createCollector(options.limits);
  const messages = new AskedMessages(options, { ...options, collector });
  const { hold = false, link, request } = options;
  return {
    messages,
    feature: {
      ...collector,
      beforePresence: () => {
        // A server that does not know the question has nothing to hold; its answer says no more.
        if (hold && hasAccount(link)) request("get", undefined, writeCountQuery()).catch(() => undefined);
      },
      offline: () => messages.forget(),
    },
  };
}

/** A component or a server of its own has no account for which another server could keep anything. */
function hasAccount({ mode }: Pick<Link, "mode">): boolean {
  return mode === "client" || mode === "memory";
}

type Asking = Pick<ArchiveOptions, "request" | "collector" | "limits">;

class AskedMessages extends OfflineMessages {
  readonly #link: Pick<Link, "mode" | "jid">;
  readonly #asking: Asking;
  #source: Promise<OfflineSource> | undefined;

  constructor({ link }: Pick<OfflineMessagesOptions, "link">, asking: Asking) {
    super();
    this.#link = link;
    this.#asking = asking;
  }

  /** The next server may be another one. */
  forget(): void {
    this.#source = undefined;
  }

  source(): Promise<OfflineSource> {
    const known = this.#source ?? explained(() => this.#findSource());
    this.#source = known;
    known.catch(() => this.forget());
    return known;
  }

  async count(): Promise<number> {
    if ((await this.source()) === "archive") return (await this.#archive()).length;
    return explained(() => countFlexible(this.#asking));
  }

  async list() {
    if ((await this.source()) === "offline") return explained(() => listFlexible(this.#asking));
    const messages = await this.#archive();
    return messages.map(({ id, from, stamp }) => ({ id, from, ...(stamp === undefined ? {} : { stamp }) }));
  }

  async show(id: string) {
    if ((await this.source()) === "offline") return explained(() => showFlexible(this.#asking, id), id);
    const message = (await this.#archive()).find((one) => one.id === id);
    if (message === undefined) throw new OfflineError("not-found", `no message ${id}`);
    return message;
  }

  async fetch() {
    if ((await this.source()) === "archive") return this.#archive();
    return explained(() => fetchFlexible(this.#asking));
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#refuseArchive();
    if (ids.length > 0) await explained(() => removeFlexible(this.#asking, ids), ids.join(", "));
  }

  async purge(): Promise<void> {
    await this.#refuseArchive();
    await explained(() => purgeFlexible(this.#asking));
  }

  #archive() {
    return explained(() => readArchive({ ...this.#asking, own: this.#own() }));
  }

  async #refuseArchive(): Promise<void> {
    if ((await this.source()) === "offline") return;
    throw new OfflineError(
      "unsupported",
      `${this.#own().domain} keeps no messages that can be removed (XEP-0013); its archive (XEP-0313) can only be read`,
    );
  }

  /** XEP-0013 §2.1 speaks of the server, XEP-0313 §6 of the account. */
  async #findSource(): Promise<OfflineSource> {
    const { domain } = this.#own();
    const [ofServer, ofAccount] = await Promise.all([this.#features(domain), this.#features(undefined)]);
    if (ofServer.includes(NS.offline) || ofAccount.includes(NS.offline)) return "offline";
    if (ofAccount.includes(NS.archive)) return "archive";
    throw new OfflineError("unsupported", `${domain} has neither XEP-0013 nor an archive (XEP-0313) of this account`);
  }

  async #features(to: string | undefined): Promise<readonly string[]> {
    try {
      return readDiscoInfo(await this.#asking.request("get", to, element("query", { xmlns: NS.discoInfo }))).features;
    } catch (error) {
      // Who refuses to say what it can is taken to be unable.
      if (StanzaError.is(error)) return [];
      throw error;
    }
  }

  #own(): Jid {
    const { jid, mode } = this.#link;
    if (!hasAccount(this.#link))
      throw new OfflineError("unsupported", `in ${mode} mode there is no account, so no server keeps messages for it`);
    if (jid === undefined) throw new OfflineError("refused", "not logged in yet");
    return jid;
  }
}

const CODES: Partial<Record<StanzaCondition, OfflineErrorCode>> = {
  "item-not-found": "not-found",
  "feature-not-implemented": "unsupported",
  "service-unavailable": "unsupported",
};

/** Runs a request; what the server refuses is told in the port's words. */
async function explained<T>(run: () => Promise<T>, ids?: string): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!StanzaError.is(error)) throw error;
    const code = CODES[error.condition] ?? "refused";
    const text = code === "not-found" && ids !== undefined ? `no message ${ids}` : `the server says ${error.message}`;
    throw new OfflineError(code, text, { cause: error });
  }
}

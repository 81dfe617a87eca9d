// The life of one upstream: its description is read, its methods come and go, and it stops.

import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import { type MethodSpec, type MethodTable, RpcFault } from "../rpc/index.js";
import { causeOf, UpstreamFailure } from "./failure.js";
import { someOf } from "./names.js";
import type { Offers } from "./offer.js";
import { type Selection, selectMethods } from "./select-methods.js";
import { UPSTREAM_DEFAULTS, type UpstreamSettings, UpstreamSettingsError } from "./settings.js";

/** What an {@link Upstream} is made of. */
export interface UpstreamOptions {
  readonly settings: UpstreamSettings;
  readonly table: MethodTable;
  readonly maxMethods: number;
  readonly log: Logger;
  /** What is offered now. Throws UpstreamFailure if it cannot be had, any other error if it cannot be used. */
  readonly readOffers: () => Promise<Offers>;
  /** Closes connections. */
  readonly close: () => Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** So many names stand in a log line. */
const MAX_LOGGED = 20;

/** One upstream. */
export class Upstream {
  readonly #options: UpstreamOptions;
  #methods: readonly string[] = [];
  #leftOut: ReadonlySet<string> = new Set();
  #version: string | undefined;
  #retryMs = FIRST_RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /**
   * Adds its methods. One that cannot be reached is tried again later and does not hold up the start.
   *
   * @throws UpstreamSettingsError for one that cannot be used as it is configured
   */
  async start(): Promise<void> {
    const { settings, log } = this.#options;
    try {
      await this.#read();
    } catch (error) {
      if (UpstreamSettingsError.is(error)) throw error;
      if (!(error instanceof UpstreamFailure))
        throw new UpstreamSettingsError(settings.name, placeOf(settings), messageOf(error));
      log.warn("upstream.unavailable", { upstream: settings.name, ...reasonOf(error) });
    }
    this.#schedule();
  }

  /** Reads the description again. Never rejects: what is wrong is logged, and the methods stay as they were. */
  async refresh(): Promise<void> {
    const { settings, log } = this.#options;
    try {
      await this.#read();
    } catch (error) {
      log.warn("upstream.refresh-failed", { upstream: settings.name, ...reasonOf(error) });
    }
  }

  /** Ends every request and timer. Its methods stay in the table, which ends with the gateway. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#options.close();
  }

  async #read(): Promise<void> {
    const { settings, maxMethods } = this.#options;
    const offers = await this.#options.readOffers();
    if (this.#isStopped || offers.version === this.#version) return;
    this.#replace(selectMethods(settings, offers, maxMethods));
    this.#version = offers.version;
  }

  #replace({ methods, leftOut, remarks }: Selection): void {
    const { settings, table, log } = this.#options;
    const before = this.#methods;
    for (const name of before) table.remove(name);
    const free = methods.filter(({ name }) => table.find(name) === undefined);
    const taken = methods.filter((method) => !free.includes(method)).map(({ name }) => name);
    if (taken.length > 0 && this.#version === undefined)
      throw new UpstreamSettingsError(settings.name, "names", `there is a method ${taken[0]} already`);
    table.add(free.map((method) => this.#withDeadline(method)));
    this.#methods = free.map(({ name }) => name);
    for (const remark of [...remarks, ...taken.map((name) => `there is a method ${name} already`)])
      log.warn("upstream.remark", { upstream: settings.name, remark });
    const newlyLeftOut = leftOut.filter((id) => !this.#leftOut.has(id));
    this.#leftOut = new Set(leftOut);
    log.info("upstream.methods", {
      upstream: settings.name,
      methods: this.#methods.length,
      added: listed(this.#methods.filter((name) => !before.includes(name))),
      removed: listed(before.filter((name) => !this.#methods.includes(name))),
      leftOut: listed(newlyLeftOut),
    });
  }

  /** The dispatcher's own deadline must not race the upstream's. */
  #withDeadline(spec: MethodSpec): MethodSpec {
    const { timeoutMs = UPSTREAM_DEFAULTS.timeoutMs } = this.#options.settings;
    return Object.freeze({ ...spec, deadlineMs: spec.deadlineMs ?? timeoutMs + 1_000 });
  }

  #schedule(): void {
    const { settings } = this.#options;
    const { refreshSeconds = UPSTREAM_DEFAULTS.refreshSeconds } = settings;
    if (this.#isStopped || (this.#version !== undefined && refreshSeconds === 0)) return;
    const delayMs = this.#version === undefined ? this.#retryMs : refreshSeconds * 1_000;
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#timer = setTimeout(() => void this.refresh().then(() => this.#schedule()), delayMs).unref();
  }
}

/** For the log only. */
function reasonOf(error: unknown): { readonly reason: string; readonly cause: string } {
  const reason = error instanceof UpstreamFailure ? error.code : RpcFault.is(error) ? "fault" : "unusable";
  return { reason, cause: causeOf(error) };
}

function placeOf(settings: UpstreamSettings): string {
  return settings.kind === "openapi" && settings.file !== undefined ? "file" : "url";
}

function listed(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : someOf(names, MAX_LOGGED);
}

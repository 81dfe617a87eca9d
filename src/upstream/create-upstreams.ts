// Every upstream of a gateway: web functions that become methods of its table.

import type { UpstreamContext } from "./create-upstream.js";
import { type UpstreamSettings, UpstreamSettingsError } from "./settings.js";

/** Options of {@link createUpstreams}. */
export interface UpstreamsOptions extends UpstreamContext {
  readonly settings: readonly UpstreamSettings[];
}

/** The upstreams of a gateway. */
export interface Upstreams {
  /**
   * Reads every description once and adds the methods. One that cannot be reached does not stop the start: its methods
   * appear when it is back.
   *
   * @throws UpstreamSettingsError for one that cannot be used as it is configured
   */
  start(): Promise<void>;
  /** Reads every description again: methods appear, change and disappear. */
  refresh(): Promise<void>;
  /** Ends every request. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Upstreams that are not started. The HTTP client and everything else that is large is loaded here, not before.
 *
 * @throws UpstreamSettingsError for settings that contradict each other
 */
export async function createUpstreams(options: UpstreamsOptions): Promise<Upstreams> {
  const { createUpstream } = await import("./create-upstream.js");
  const names = new Set<string>();
  const upstreams = options.settings.map((settings) => {
    if (names.has(settings.name))
      throw new UpstreamSettingsError(settings.name, "name", "two upstreams have this name");
    names.add(settings.name);
    return createUpstream(settings, options);
  });
  const stop = async (): Promise<void> => {
    await Promise.all(upstreams.map((upstream) => upstream.stop()));
  };
  return {
    start: async () => {
      const started = await Promise.allSettled(upstreams.map((upstream) => upstream.start()));
      const failed = started.find((result) => result.status === "rejected");
      if (failed === undefined) return;
      await stop();
      throw failed.reason;
    },
    refresh: async () => {
      await Promise.all(upstreams.map((upstream) => upstream.refresh()));
    },
    stop,
  };
}

// From a settings file to feeds; what is wrong is said with its line.

import type { ReadSettings, Settings } from "../config/index.js";
import type { FeedOptions } from "../feeds/index.js";
import { tryParseJid } from "../jid.js";
import { SettingsError } from "../settings-error.js";

/** The feeds of the settings. Throws {@link SettingsError}. */
export function readFeedsSettings({ settings, source }: ReadSettings): readonly FeedOptions[] {
  const seen = new Set<string>();
  return settings.feeds.map((feed, index) => {
    const fail = (key: "service" | "url", problem: string): never => {
      const line = source.lineOf(["feeds", index, key]);
      throw new SettingsError(source.file, [{ line, key: `feeds[${index}].${key}`, problem }]);
    };
    const service =
      tryParseJid(feed.service)?.full ?? fail("service", "an address such as pubsub.example.org expected");
    if (settings.topics === undefined && service === ownDomain(settings.link))
      fail("service", "the gateway's own address, which hosts topics only with `topics:`");
    const name = JSON.stringify([feed.url, service, feed.node]);
    if (seen.has(name)) fail("url", "the same feed to the same topic stands above");
    seen.add(name);
    return { ...feed, service };
  });
}

/** The address that topics would be hosted at, where the settings say it. */
function ownDomain(link: Settings["link"]): string | undefined {
  if (link.mode === "standalone") return tryParseJid(link.domain)?.full;
  return link.mode === "component" ? tryParseJid(link.jid)?.full : undefined;
}

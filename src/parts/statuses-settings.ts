// From a settings file to where statuses go; what is wrong is said with its line.

import type { ReadSettings } from "../config/index.js";
import { tryParseJid } from "../jid.js";
import { SettingsError } from "../settings-error.js";
import type { StatusOptions } from "./statuses.js";

/** The statuses of the settings; undefined without. Throws {@link SettingsError}. */
export function readStatusesSettings({ settings, source }: ReadSettings): StatusOptions | undefined {
  const { statuses, rooms, topics } = settings;
  if (statuses === undefined) return undefined;
  const fail = (key: string, problem: string): SettingsError => {
    const path = key === "" ? ["statuses"] : ["statuses", key];
    return new SettingsError(source.file, [{ line: source.lineOf(path), key: path.join("."), problem }]);
  };
  const { room, service, node } = statuses;
  const isJoined = rooms.some(({ jid }) => tryParseJid(jid)?.bare === tryParseJid(room)?.bare);
  if (room !== undefined && !isJoined) throw fail("room", "a room that stands in rooms expected");
  if (service !== undefined && tryParseJid(service) === undefined)
    throw fail("service", "an address such as pubsub.example.org expected");
  if (room === undefined && service === undefined && topics === undefined)
    throw fail("", "a room, a service, or topics that the gateway hosts expected");
  return { node, ...(room === undefined ? {} : { room }), ...(service === undefined ? {} : { service }) };
}

// From a settings file to rooms: passwords are read here, and each error has its line.

import { type ReadSettings, readSecret } from "../config/index.js";
import { messageOf } from "../message-of.js";
import type { RoomOptions } from "../ports/index.js";
import { printKey, SettingsError } from "../settings-error.js";
import { readRoom } from "../xeps/index.js";

/**
 * The rooms of the settings.
 *
 * @param secrets "skip" checks all but the passwords, which a machine that only checks need not have
 * @throws SettingsError
 */
export function readRoomsSettings(
  { settings, source, folder }: ReadSettings,
  secrets: "read" | "skip" = "read",
): readonly RoomOptions[] {
  const seen = new Set<string>();
  return settings.rooms.map(({ password, ...rest }, index) => {
    const at = <T>(key: string, run: () => T): T => {
      try {
        return run();
      } catch (error) {
        const whole = ["rooms", index, key];
        const problem = { line: source.lineOf(whole), key: printKey(whole), problem: messageOf(error) };
        throw new SettingsError(source.file, [problem]);
      }
    };
    const { jid } = at("jid", () => readRoom(rest));
    at("jid", () => {
      if (seen.has(jid.bare)) throw new Error("the same room stands above");
      seen.add(jid.bare);
    });
    const text =
      password === undefined || secrets === "skip"
        ? undefined
        : at("password", () => readSecret(password, folder, process.env));
    return text === undefined ? rest : { ...rest, password: text };
  });
}

/** The domains of room services: those that are named, and those of the rooms. */
export function roomServicesOf({ settings }: ReadSettings): readonly string[] {
  const ofRooms = settings.rooms.map(({ jid }) => jid.slice(jid.indexOf("@") + 1));
  return [...new Set([...settings.roomServices, ...ofRooms])];
}

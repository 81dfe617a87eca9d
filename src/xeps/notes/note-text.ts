// Texts of notes and questions before they are sent: what is wrong with them is said with the member's name.

import { type Jid, parseJid } from "../../jid.js";
import { describeValue, ValueError } from "../../values/index.js";
import { escapeText, XmlWriteError } from "../../xml/index.js";

/** The longest delay that a timer can hold, in milliseconds. */
export const MAX_DELAY_MS = 0x7fffffff;

/**
 * Checks a text that a person is to read.
 *
 * @throws ValueError for something else than text, an empty one, one over `maxChars`, or a character that XML cannot carry
 */
export function checkText(value: unknown, path: string, maxChars: number): string {
  if (typeof value !== "string") throw new ValueError(`text expected, got ${describeValue(value)}`).within(path);
  if (value.trim() === "") throw new ValueError("text expected, got an empty one").within(path);
  if (value.length > maxChars)
    throw new ValueError(`at most ${maxChars} characters expected, got ${value.length}`).within(path);
  try {
    escapeText(value);
  } catch (error) {
    throw error instanceof XmlWriteError ? new ValueError(error.message).within(path) : error;
  }
  return value;
}

/** {@link checkText} for what may be absent. */
export function checkOptionalText(value: unknown, path: string, maxChars: number): string | undefined {
  return value === undefined || value === null ? undefined : checkText(value, path, maxChars);
}

/** A time in milliseconds. Throws ValueError. */
export function checkDelayMs(value: unknown, path: string, byDefault: number): number {
  if (value === undefined || value === null) return byDefault;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > MAX_DELAY_MS)
    throw new ValueError(
      `a whole number of milliseconds from 1 to ${MAX_DELAY_MS} expected, got ${describeNumber(value)}`,
    ).within(path);
  return value;
}

/** One of these texts. Throws ValueError. */
export function checkOneOf<const T extends string>(value: unknown, path: string, allowed: readonly T[]): T | undefined {
  if (value === undefined || value === null) return undefined;
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  const got = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : describeValue(value);
  throw new ValueError(`${allowed.join(", ")} expected, got ${got}`).within(path);
}

/**
 * A person's address. Throws JidError for what is no address, and ValueError for a whole domain: there is nobody to read.
 */
export function checkPerson(text: unknown): Jid {
  if (typeof text !== "string")
    throw new ValueError(`an address such as name@example.org expected, got ${describeValue(text)}`).within("jid");
  const jid = parseJid(text);
  if (jid.local === "")
    throw new ValueError(`the address of a person such as name@${jid.domain} expected, got a domain`).within("jid");
  return jid;
}

function describeNumber(value: unknown): string {
  return typeof value === "number" ? String(value) : describeValue(value);
}

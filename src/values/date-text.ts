// The text of a dateTime.iso8601. XML-RPC shows one shape and no zone; peers write four (field notes §3).

import { ValueError } from "./value-error.js";

/** The zone of a dateTime that names none: "UTC", "local" (of this process), or a fixed offset such as "+02:00". */
export type DateZone = "UTC" | "local" | `${"+" | "-"}${number}:${number}`;

const SHAPE = /^(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d)(:?)(\d\d)\6(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const COMPACT = /^\d{8}T\d\d:\d\d:\d\d$/;
const OFFSET = /^([+-])(\d\d)(?::?(\d\d))?$/;

/** True for `YYYYMMDDTHH:MM:SS`, the only shape that the XML-RPC specification shows. */
export function isCompactDateTime(text: string): boolean {
  return COMPACT.test(text);
}

/**
 * Reads a dateTime: compact or with dashes, with or without colons, fraction (cut to milliseconds) and zone.
 *
 * @param zone what a text without zone means
 * @throws ValueError unless the text has one of these shapes, names a day of the calendar and falls in the years 0 to 9999 UTC
 */
export function parseDateTime(text: string, zone: DateZone = "UTC"): Date {
  const match = SHAPE.exec(text);
  if (match === null) throw new ValueError("dateTime expected, got text of another shape");
  const [, year, , month, day, hour, , minute, second, fraction, own] = match;
  const fields = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const millis = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const date = inZone(fields, millis, own ?? zone);
  const utcYear = date.getUTCFullYear();
  if (!(utcYear >= 0 && utcYear <= 9999))
    throw new ValueError("dateTime expected, got a time outside the years 0 to 9999");
  return date;
}

type Fields = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

function inZone(fields: Fields, millis: number, zone: string): Date {
  const [year, month, day, hour, minute, second] = fields;
  const utc = new Date(0);
  // Not Date.UTC, which reads the years 0 to 99 as 1900 to 1999.
  utc.setUTCFullYear(year, month, day);
  utc.setUTCHours(hour, minute, second, millis);
  const exists = utc.getUTCMonth() === month && utc.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists) throw new ValueError("dateTime expected, got a time that no calendar or clock has");
  if (zone !== "local") return new Date(utc.getTime() - offsetMs(zone));
  const local = new Date(0);
  local.setFullYear(year, month, day);
  local.setHours(hour, minute, second, millis);
  return local;
}

function offsetMs(zone: string): number {
  if (zone === "Z" || zone === "UTC") return 0;
  const match = OFFSET.exec(zone);
  const hours = Number(match?.[2]);
  const minutes = Number(match?.[3] ?? 0);
  if (!(hours < 24 && minutes < 60)) throw new ValueError("dateTime expected, got a zone that no clock has");
  return (match?.[1] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * Writes `YYYYMMDDTHH:MM:SS` in `zone`, UTC by default. Milliseconds are dropped: the one documented loss.
 *
 * @param date a valid date of the years 0 to 9999
 * @throws ValueError when the zone moves it out of these years
 */
export function formatDateTime(date: Date, zone: DateZone = "UTC"): string {
  if (zone === "UTC") return compact(date);
  const shift = zone === "local" ? -date.getTimezoneOffset() * 60_000 : offsetMs(zone);
  const moved = new Date(date.getTime() + shift);
  const year = moved.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new ValueError("dateTime expected, got a Date outside the years 0 to 9999");
  return compact(moved);
}

/** By hand: cutting the text of toISOString takes four times as long, and records are full of dates. */
function compact(date: Date): string {
  const day = `${twoDigits(date.getUTCMonth() + 1)}${twoDigits(date.getUTCDate())}`;
  const time = `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
  return `${String(date.getUTCFullYear()).padStart(4, "0")}${day}T${time}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** Writes `YYYY-MM-DDTHH:MM:SS[.mmm]Z`, the form of JSON and of the command line. */
export function formatIsoDateTime(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}

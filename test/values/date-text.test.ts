// The text of dates, at the edges of the calendar. The shapes that peers write are fixtures of the codec.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBase64, formatDateTime, formatIsoDateTime, parseBase64, parseDateTime } from "../../src/values/index.js";
import { refusal } from "./support.js";

describe("dates", () => {
  it.each([
    ["00000101T00:00:00", "0000-01-01T00:00:00Z"],
    ["00000229T00:00:00", "0000-02-29T00:00:00Z"],
    ["00991231T23:59:59", "0099-12-31T23:59:59Z"],
    ["19000228T00:00:00", "1900-02-28T00:00:00Z"],
    ["20000229T00:00:00", "2000-02-29T00:00:00Z"],
    ["99991231T23:59:59", "9999-12-31T23:59:59Z"],
  ])("%s", (text, iso) => {
    expect(formatIsoDateTime(parseDateTime(text))).toBe(iso);
    expect(formatDateTime(parseDateTime(text))).toBe(text);
  });

  it.each([
    "19000229T00:00:00",
    "20261301T00:00:00",
    "20260001T00:00:00",
    "20260101T24:00:00",
    "20260101T00:60:00",
    "20260101T00:00:60",
  ])("%s does not exist", (text) => {
    expect(refusal(() => parseDateTime(text))).toBe("dateTime expected, got a time that no calendar or clock has");
  });

  it("drops milliseconds, towards the past", () => {
    expect(formatDateTime(new Date(Date.UTC(2026, 0, 1, 0, 0, 0, 999)))).toBe("20260101T00:00:00");
    expect(formatDateTime(new Date(Date.UTC(1960, 0, 1, 0, 0, 0, 1)))).toBe("19600101T00:00:00");
  });

  it("refuses a zone that moves a date out of the years", () => {
    const message = "dateTime expected, got a Date outside the years 0 to 9999";
    expect(refusal(() => formatDateTime(parseDateTime("00000101T00:00:00"), "-01:00"))).toBe(message);
    expect(refusal(() => formatDateTime(parseDateTime("99991231T23:59:59"), "+01:00"))).toBe(message);
    expect(refusal(() => parseDateTime("20260101T00:00:00+24:00"))).toBe(
      "dateTime expected, got a zone that no clock has",
    );
  });

  it("are read as they were written, in every zone", () => {
    const zones = fc.constantFrom("UTC", "+00:00", "+14:00", "-11:30" as const);
    fc.assert(
      fc.property(fc.integer({ min: -60_000_000_000, max: 250_000_000_000 }), zones, (second, zone) => {
        const date = new Date(second * 1000);
        expect(parseDateTime(formatDateTime(date, zone), zone)).toEqual(date);
        expect(parseDateTime(formatIsoDateTime(date), zone)).toEqual(date);
      }),
    );
  });
});

describe("base64", () => {
  it("is read as it was written, in memory of its own", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = parseBase64(formatBase64(bytes));
        expect([...read]).toEqual([...bytes]);
        expect(read.buffer.byteLength).toBe(read.length);
      }),
    );
  });
});

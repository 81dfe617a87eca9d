// dateTime.iso8601: `YYYYMMDDTHH:MM:SS` without zone (XML-RPC); what peers write instead is in field notes §3.

import { formatDateTime, isCompactDateTime, parseDateTime, ValueError } from "../../values/index.js";
import { scalarText } from "../elements.js";
import type { ExactOf, WireType } from "./wire-type.js";

export const DATE_TIME: WireType<ExactOf<"dateTime.iso8601">> = {
  elements: ["dateTime.iso8601"],
  decode: (element, { lenient, options }) => {
    const text = scalarText(element);
    if (!lenient && !isCompactDateTime(text)) throw new ValueError("dateTime expected, got text that is not YYYYMMDDTHH:MM:SS");
    return { type: "dateTime.iso8601", value: parseDateTime(text, options.dates.zone), text };
  },
  encode: (value, { options }) => encodeDateText(formatDateTime(value, options.dates.zone)),
};

/** Writes a dateTime by its text, which has been checked: a relay hands on what it got. */
export function encodeDateText(text: string): string {
  return `<dateTime.iso8601>${text}</dateTime.iso8601>`;
}

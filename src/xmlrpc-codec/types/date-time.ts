// dateTime.iso8601: `YYYYMMDDTHH:MM:SS` without zone (XML-RPC); what peers write instead is in field notes §3.

import { formatDateTime, isCompactDateTime, parseDateTime, ValueError } from "../../values/index.js";
import { scalarText } from "../elements.js";
import type { ExactOf, WireType } from "./wire-type.js";

export const DATE_TIME: WireType<ExactOf<"dateTime.iso8601">> = {
  elements: ["dateTime.iso8601"],
  open: "<dateTime.iso8601>",
  close: "</dateTime.iso8601>",
  decode: (element, { lenient, options }) => {
    const text = scalarText(element);
    if (!lenient && !isCompactDateTime(text))
      throw new ValueError("dateTime expected, got text that is not YYYYMMDDTHH:MM:SS");
    return { type: "dateTime.iso8601", value: parseDateTime(text, options.dates.zone), text };
  },
  encode: (value, { options }) => formatDateTime(value, options.dates.zone),
};

// Dates of feeds: RFC 3339 as Atom has them, W3C dates of Dublin Core, and RFC 822 as RSS has them, with what people make of it.

const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?$/;
const RFC_822 =
  /^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]*[\s-]+(\d{4}|\d{2})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s*([A-Za-z]{1,5}|[+-]\d{2}:?\d{2}))?/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** RFC 822 §5.1, in minutes; what is none of these is taken for UTC (RFC 2822 §4.3). */
const ZONES: Readonly<Record<string, number>> = {
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

/** A date in any of the forms; undefined for text that is none. Without a zone it is UTC. */
export function readFeedDate(text: string | undefined): Date | undefined {
  const trimmed = text?.trim() ?? "";
  return readIso(trimmed) ?? readRfc822(trimmed);
}

function readIso(text: string): Date | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month = "1", day = "1", hour, minute, second, zone] = match;
  return dateOf([year, month, day, hour, minute, second], offsetOf(zone), 0);
}

function readRfc822(text: string): Date | undefined {
  const match = RFC_822.exec(text);
  if (match === null) return undefined;
  const [, day, monthName = "", year = "", hour, minute, second, zone] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  if (month === 0) return undefined;
  // RFC 2822 §4.3: two digits are of the years from 1950 to 2049.
  const century = year.length > 2 ? 0 : Number(year) < 50 ? 2_000 : 1_900;
  return dateOf([year, String(month), day, hour, minute, second], offsetOf(zone), century);
}

function dateOf(parts: readonly (string | undefined)[], offsetMinutes: number, century: number): Date | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year + century, month - 1, day);
  date.setUTCHours(hour, minute, 0, Math.floor(second * 1_000));
  const isDay = date.getUTCMonth() === month - 1 || hour >= 24;
  if (!isDay || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second >= 61)
    return undefined;
  const utc = new Date(date.getTime() - offsetMinutes * 60_000);
  // Others have no form in RFC 3339.
  return utc.getUTCFullYear() >= 0 && utc.getUTCFullYear() <= 9_999 ? utc : undefined;
}

function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "");
  if (match === null) return ZONES[zone?.toUpperCase() ?? ""] ?? 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

// Markup to plain text, for titles and summaries that are one line.

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "\u00a9",
  reg: "\u00ae",
  trade: "\u2122",
  hellip: "\u2026",
  mdash: "\u2014",
  ndash: "\u2013",
  laquo: "\u00ab",
  raquo: "\u00bb",
  lsquo: "\u2018",
  rsquo: "\u2019",
  ldquo: "\u201c",
  rdquo: "\u201d",
};

/**
 * The text of a piece of HTML: without tags and comments, of which the last may be open, entities decoded, blanks and line ends as
 * one blank.
 */
export function htmlText(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/div|\/li)\b[^<>]*>/gi, " ")
    .replace(/<!--(?:(?!-->).)*(?:-->|$)|<\/?[A-Za-z][^<>]*>/gs, "")
    .replace(/&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(\w{2,8}));/g, (all, digits, hex, name) =>
      decode(all, digits, hex, name),
    )
    .replace(/\s+/g, " ")
    .trim();
}

function decode(all: string, digits: string | undefined, hex: string | undefined, name: string | undefined): string {
  if (name !== undefined) return (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? all;
  const code = digits === undefined ? Number.parseInt(hex ?? "", 16) : Number(digits);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
}

// The start tag of a stanza that we wrote ourselves, read without a parser: all that routing needs (RFC 6120 §8.1).

/** The addresses and identity of a stanza; a value is unescaped. */
export interface StanzaHead {
  readonly name: string;
  to: string | undefined;
  from: string | undefined;
  type: string | undefined;
  id: string | undefined;
  /** Where attributes can be inserted. */
  readonly nameEnd: number;
}

/** Reads the head of well-formed text that begins with `<`. */
export function readHead(text: string): StanzaHead {
  let index = 1;
  while (index < text.length && !isNameEnd(text.charCodeAt(index))) index++;
  const head: StanzaHead = {
    name: text.slice(1, index),
    to: undefined,
    from: undefined,
    type: undefined,
    id: undefined,
    nameEnd: index,
  };
  for (;;) {
    while (isSpace(text.charCodeAt(index))) index++;
    const equals = text.indexOf("=", index);
    const first = text.charCodeAt(index);
    if (equals < 0 || first === GT || first === SLASH) return head;
    let open = equals + 1;
    while (isSpace(text.charCodeAt(open))) open++;
    const close = text.indexOf(text.charAt(open), open + 1);
    if (close < 0) return head;
    const name = attributeAt(text, index, equals);
    if (name !== undefined) head[name] = unescapeValue(text.slice(open + 1, close));
    index = close + 1;
  }
}

const GT = 0x3e;
const SLASH = 0x2f;

/** The attribute whose name stands there, if it is one that routing needs. Reading stanzas is hot, so nothing is sliced. */
function attributeAt(text: string, start: number, equals: number): "to" | "from" | "type" | "id" | undefined {
  let end = equals;
  while (isSpace(text.charCodeAt(end - 1))) end--;
  switch (end - start) {
    case 2:
      if (text.startsWith("to", start)) return "to";
      return text.startsWith("id", start) ? "id" : undefined;
    case 4:
      if (text.startsWith("from", start)) return "from";
      return text.startsWith("type", start) ? "type" : undefined;
    default:
      return undefined;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

function isNameEnd(code: number): boolean {
  return isSpace(code) || code === GT || code === SLASH;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeValue(value: string): string {
  if (!value.includes("&")) return value;
  return value.replace(
    /&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(\w+));/g,
    (_whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? "";
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );
}

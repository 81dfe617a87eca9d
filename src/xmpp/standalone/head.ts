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
    take(head, text.slice(index, equals).trimEnd(), text, open + 1, close);
    index = close + 1;
  }
}

const GT = 0x3e;
const SLASH = 0x2f;

function take(head: StanzaHead, name: string, text: string, start: number, end: number): void {
  if (name === "to" || name === "from" || name === "type" || name === "id")
    head[name] = unescapeValue(text.slice(start, end));
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

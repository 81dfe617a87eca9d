// Seeded random numbers (mulberry32), and a random generator and mutator of XML streams for the fuzz tests.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

type Choices = readonly [string, ...string[]];

const NAMES: Choices = ["a", "b", "iq", "value", "methodCall", "i4", "é", "x-1", "_", "名前", "n.m", "𐐷"];
const TEXTS: Choices = [
  "",
  " ",
  "hello",
  "é",
  "名前",
  "😀",
  "&amp;",
  "&lt;",
  "&#10;",
  "&#xD;",
  "&#x1F600;",
  "]]",
  "]",
  "a\r\nb",
  "\r",
  "\n",
  "\t",
  ">",
  "'",
  '"',
  "x".repeat(130),
  "\u007f\u0085",
  "\ufffd",
  "&quot;&apos;&gt;",
];
const CDATAS: Choices = ["", "x", "<b>&", "]]", "]", "]]]", "é\r\n", ">"];
const URIS: Choices = ["urn:a", "urn:b", "jabber:client", "é:"];
const PREFIXES: Choices = ["p", "q", "stream", "é"];
const SNIPPETS: Choices = [
  "<",
  ">",
  "&",
  ";",
  "'",
  '"',
  "/",
  "=",
  " ",
  "\n",
  "\r",
  "\t",
  "!",
  "?",
  "-",
  "]",
  "[",
  ":",
  "#",
  "x",
  "é",
  "😀",
  "\u0000",
  "\u0001",
  "\ufffe",
  "\uffff",
  "\u0085",
  "\u2028",
  "<a>",
  "</a>",
  "<a/>",
  "<!--",
  "-->",
  "<?",
  "?>",
  "<?xml version='1.0'?>",
  "<!DOCTYPE a>",
  "<![CDATA[",
  "]]>",
  "&foo;",
  "&amp;",
  "&amp",
  "&#0;",
  "&#x0;",
  "&#xFFFE;",
  "&#xD800;",
  "&#1114112;",
  "&#;",
  "&;",
  "&#x;",
  "&#X41;",
  "& ",
  "&a",
  "xmlns='urn:z'",
  " xmlns=''",
  " xmlns:p='urn:p'",
  " xmlns:p=''",
  " xmlns:xml='urn:x'",
  " xmlns:xmlns='urn:x'",
  " xml:lang='en'",
  " p:a='1'",
  " q:a='2'",
  " a='1'",
  " a='1' a='2'",
  "p:",
  "xml:",
  "xmlns:",
  "a:b:c",
  "<1/>",
  "<p:a/>",
  "</stream:stream>",
  "<é/>",
  "&é;",
  "0",
  "-",
  ".",
  "·",
  "‿",
  "\u0301",
];

/** A valid stream: header, stanzas with namespaces, references, CDATA and characters of every length, sometimes its end. */
export function randomStream(random: Random): string {
  let text = random.chance(30) ? "<?xml version='1.0'?>" : "";
  text += "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
  text += random.chance(30) ? " xmlns:p='urn:a'>" : ">";
  const declared = text.includes("xmlns:p=") ? ["stream", "p"] : ["stream"];
  for (let count = random.below(4); count >= 0; count--)
    text += randomElement(random, 0, declared) + (random.chance(30) ? " \n" : "");
  return random.chance(30) ? `${text}</stream:stream>` : text;
}

function randomElement(random: Random, depth: number, outer: readonly string[]): string {
  const declared = [...outer];
  const attrs: string[] = [];
  const used = new Set<string>();
  if (random.chance(25)) attrs.push(`xmlns=${quoted(random, random.pick(URIS))}`);
  if (random.chance(20)) {
    const prefix = random.pick(PREFIXES);
    declared.push(prefix);
    attrs.push(`xmlns:${prefix}=${quoted(random, random.pick(["urn:1", "urn:2"]) + prefix)}`);
  }
  const prefixOf = (): string => (random.chance(20) ? `${declared[random.below(declared.length)] ?? "stream"}:` : "");
  for (let count = random.below(4); count > 0; count--) {
    const name = prefixOf() + random.pick(NAMES);
    if (used.has(name.replace(/^.*:/, ""))) continue;
    used.add(name.replace(/^.*:/, ""));
    attrs.push(`${name}=${quoted(random, random.pick(TEXTS))}`);
  }
  const space = (): string => (random.chance(10) ? random.pick([" ", "\n", "\t\r"]) : "");
  const name = prefixOf() + random.pick(NAMES);
  const open = `<${name}${attrs.map((attr) => random.pick([" ", " ", "\n "]) + attr).join("")}${space()}`;
  if (random.chance(20)) return `${open}/>`;
  let content = "";
  for (let count = random.below(4); count > 0; count--) {
    const kind = random.below(10);
    if (kind < 4 && depth < 5) content += randomElement(random, depth + 1, declared);
    else if (kind < 5) content += `<![CDATA[${random.pick(CDATAS)}]]>`;
    else content += joinable(content, random.pick(TEXTS));
  }
  return `${open}>${content}</${name}${space()}>`;
}

/** Keeps two texts from meeting as `]]>`. */
function joinable(before: string, text: string): string {
  return before.endsWith("]") ? text.replace(">", "") : text;
}

function quoted(random: Random, value: string): string {
  return random.chance(50) ? `'${value.replaceAll("'", "&apos;")}'` : `"${value.replaceAll('"', "&#34;")}"`;
}

/** One to three random edits: characters dropped, changed, doubled, moved, and snippets put in. */
export function mutate(random: Random, text: string): string {
  let chars = Array.from(text);
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(chars.length + 1);
    const length = 1 + random.below(random.chance(20) ? 12 : 2);
    const snippet = random.pick(SNIPPETS);
    switch (random.below(5)) {
      case 0:
        chars.splice(at, length);
        break;
      case 1:
        chars.splice(at, 0, snippet);
        break;
      case 2:
        chars.splice(at, 1, snippet);
        break;
      case 3:
        chars.splice(at, 0, ...chars.slice(at, at + length));
        break;
      default: {
        const from = random.below(chars.length + 1);
        chars.splice(at, 0, ...chars.slice(from, from + length));
      }
    }
    chars = Array.from(chars.join(""));
  }
  return chars.join("");
}

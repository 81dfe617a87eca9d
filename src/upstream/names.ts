// Which operations become methods, and what they are called (contract: exposure by name).

/** True for a text that a pattern matches, in which `*` stands for any characters. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  if (parts.length === 1) return (text) => text === pattern;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** True for a name that stands in the settings as it is, not by a pattern. */
export function isNamed(id: string, include: readonly string[]): boolean {
  return include.includes(id);
}

/** An operation's name in the alphabet of method names: every other character becomes `_`. */
export function methodNameOf(id: string): string {
  return id.replace(/[^A-Za-z0-9_.:/]/g, "_");
}

/** The first so many names, and how many more there are, for a message. */
export function someOf(names: readonly string[], count: number): string {
  const shown = names.slice(0, count).join(", ");
  return names.length > count ? `${shown} and ${names.length - count} more` : shown;
}

// Names in code as people read them.

/** `unitPrice`, `unit_price` and `unit-price` as `Unit price`; abbreviations in capitals stay. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .split(" ")
    .map((word) => (/^[A-Z][a-z0-9]*$/.test(word) ? word.toLowerCase() : word));
  const text = words.join(" ");
  return text === "" ? name : text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first line of a method's documentation, without the full stop. */
export function summaryOf(doc: string | undefined): string {
  return (doc ?? "").split("\n", 1)[0]?.trim().replace(/\.$/, "") ?? "";
}

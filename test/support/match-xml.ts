// Compares received XML with what a story expects; * stands for any text in attributes and character data.
import { childElements, parseDocument, textOf, type XmlElement } from "../../src/xml/index.js";

/** The first difference, as text; undefined when `actual` is what `pattern` describes. */
export function difference(actual: XmlElement, pattern: string, at = "/"): string | undefined {
  return compare(actual, parseDocument(pattern), at);
}

function compare(actual: XmlElement, expected: XmlElement, at: string): string | undefined {
  const here = `${at}${expected.name}`;
  if (actual.name !== expected.name) return `${here}: <${actual.name}/> instead`;
  if (expected.ns !== "" && actual.ns !== expected.ns)
    return `${here}: namespace ${actual.ns} instead of ${expected.ns}`;
  for (const [name, value] of Object.entries(expected.attrs)) {
    const got = actual.attrs[name];
    if (got === undefined || !glob(value).test(got))
      return `${here}@${name}: ${JSON.stringify(got)} instead of ${value}`;
  }
  const [actualChildren, expectedChildren] = [childElements(actual), childElements(expected)];
  if (actualChildren.length !== expectedChildren.length) {
    const names = actualChildren.map((child) => child.name).join(", ");
    return `${here}: ${actualChildren.length} children (${names}) instead of ${expectedChildren.length}`;
  }
  if (expectedChildren.length === 0 && !glob(textOf(expected)).test(textOf(actual))) {
    return `${here}: text ${JSON.stringify(textOf(actual))} instead of ${JSON.stringify(textOf(expected))}`;
  }
  for (const [index, child] of expectedChildren.entries()) {
    const counterpart = actualChildren[index];
    const found = counterpart && compare(counterpart, child, `${here}/`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function glob(pattern: string): RegExp {
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]*")}$`);
}

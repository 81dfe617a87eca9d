// A settings file as text: parsed once, with the line of every key at hand for errors and for the deciding access rule.

import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument, stringify } from "yaml";
import { messageOf } from "../message-of.js";
import { printKey, SettingsError } from "../settings-error.js";

/** YAML for files that are not settings, such as accounts. */
export const yamlFormat = Object.freeze({
  parse: (text: string): unknown => parse(text),
  stringify: (value: unknown): string => stringify(value),
});

/** A parsed file. */
export interface SettingsSource {
  readonly file: string;
  /** What the file says, unchecked. */
  readonly content: unknown;
  /** The 1-based line of a key, or of the nearest thing around it that is there. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** Parses YAML, of which JSON is a part. Throws {@link SettingsError} with the line of a syntax error. */
export function parseSettingsText(file: string, text: string): SettingsSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line } = lines.linePos(syntaxError.pos[0]);
    throw new SettingsError(file, [{ line, key: "", problem: `not readable as YAML: ${syntaxError.message}` }]);
  }
  const lineOf = (path: readonly (string | number)[]): number | undefined => {
    for (let length = path.length; length > 0; length--) {
      const offset = offsetOf(document, path.slice(0, length));
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return undefined;
  };
  try {
    return { file, content: document.toJS() ?? {}, lineOf };
  } catch (error) {
    // The library refuses aliases that expand without end.
    const problem = messageOf(error);
    throw new SettingsError(file, [{ line: undefined, key: printKey([]), problem }]);
  }
}

/** Where a key stands, or an item of a list: the value of a key may begin lines below it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const step = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === step);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node: unknown = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

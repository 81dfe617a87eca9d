// The oracle of the differential fuzz: saxes 6, made as strict as an XMPP stream where it is not.

import { SaxesParser } from "saxes";
import type { XmlElement, XmlNode } from "../../src/xml/index.js";

export interface OracleRun {
  readonly stanzas: XmlElement[];
  readonly refused: string | undefined;
  /** False when saxes met something that it is known to read wrongly. */
  readonly isComparable: boolean;
}

interface Building {
  readonly element: XmlElement & { readonly children: XmlNode[] };
}

const BLANK_NAMESPACE = /xmlns:[^=\s]+\s*=\s*(?:"(?:\s|&#\w+;)+"|'(?:\s|&#\w+;)+')/;

/** What saxes makes of a stream that may end anywhere. */
export function runOracle(text: string): OracleRun {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Building[] = [];
  const stanzas: XmlElement[] = [];
  let closed = false;
  let isComparable = true;
  let pendingText = "";
  const addText = (piece: string): void => {
    if (open.length > 1) pendingText += piece;
    else if (/[^ \t\r\n]/.test(piece)) refuse("text outside a stanza");
  };
  const flush = (): void => {
    if (pendingText !== "") open[open.length - 1]?.element.children.push(pendingText);
    pendingText = "";
  };
  parser.on("error", (error) => refuse(error.message));
  parser.on("doctype", () => refuse("doctype"));
  parser.on("comment", () => refuse("comment"));
  parser.on("processinginstruction", () => refuse("processing instruction"));
  parser.on("xmldecl", (declaration) => {
    if (declaration.standalone !== undefined || (declaration.encoding ?? "UTF-8").toUpperCase() !== "UTF-8")
      refuse("declaration");
    // saxes reads 1.1 and above by other rules; XMPP knows only 1.0.
    if (declaration.version !== "1.0") refuse("version");
  });
  parser.on("text", addText);
  parser.on("cdata", (content) => (open.length > 1 ? addText(content) : refuse("CDATA outside a stanza")));
  parser.on("opentag", (tag) => {
    checkLocal(tag.local);
    const attrs: Record<string, string> = Object.create(null);
    for (const { name, prefix, local, uri, value } of Object.values(tag.attributes)) {
      checkLocal(local);
      if (prefix === "xmlns" || name === "xmlns") {
        // saxes trims namespace names, which XML does not ask for.
        isComparable &&= value === value.trim();
        continue;
      }
      attrs[prefix === "" || prefix === "xml" ? name : `{${uri}}${local}`] = value;
    }
    const element = { name: tag.local, ns: tag.uri, attrs, children: [] };
    if (open.length > 1) {
      flush();
      open[open.length - 1]?.element.children.push(element);
    }
    open.push({ element });
  });
  parser.on("closetag", () => {
    flush();
    const last = open.pop();
    if (open.length === 1 && last !== undefined) stanzas.push(last.element);
    if (open.length === 0) closed = true;
  });
  try {
    // COMPAT(go-sendxmpp): our parser lets white space before the declaration through.
    parser.write(text.replace(/^[ \t\r\n]+/, ""));
    // saxes keeps text to itself until the next tag begins.
    if (closed) parser.close();
    else parser.write("<");
    isComparable &&= closed || !isInsideReference(parser);
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error);
    // The same trimming leaves nothing of a namespace name that is only white space.
    if (refused.includes("undefine prefix") && BLANK_NAMESPACE.test(text)) isComparable = false;
    return { stanzas, refused, isComparable };
  }
  return { stanzas, refused: undefined, isComparable };
}

/** saxes swallows everything from a bare & to the next ";", so it has judged nothing of that. */
function isInsideReference(parser: { write(text: string): unknown }): boolean {
  try {
    parser.write(";");
  } catch (error) {
    return error instanceof Error && /entity/.test(error.message);
  }
  return false;
}

function refuse(what: string): never {
  throw new Error(what);
}

/** saxes checks the whole name only, so that what follows a colon may begin with what begins no name. */
function checkLocal(local: string): void {
  if (/^(?:[-.\d\u00b7\u203f\u2040]|[\u0300-\u036f])/.test(local)) refuse("local name");
}

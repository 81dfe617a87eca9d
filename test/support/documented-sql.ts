// The SQL of docs/mailbox.md, run as it stands.

import { blocksIn, readPages } from "../docs/pages.js";

/** The blocks for a database, in the order of the page, each as its statements. */
export function documentedSql(kind: "sqlite" | "postgresql"): readonly (readonly [place: string, text: string])[] {
  return blocksIn(readPages(), "sql")
    .filter(({ words }) => words.length === 0 || words.includes(kind))
    .map(({ page, line, text }) => [`${page}:${line}`, text] as const);
}

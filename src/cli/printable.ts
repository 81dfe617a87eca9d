// Text from others on a terminal: control characters and direction marks are shown, never obeyed.

/** C0, DEL, C1, line and paragraph separators, direction marks, zero-width and byte-order marks, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * `text` with what a terminal could take as a command written as an escape (`\u001b`).
 *
 * @param keep "lines" leaves line feeds and tabs alone
 */
export function printable(text: string, keep?: "lines"): string {
  return text.replace(UNSAFE, (character) =>
    keep === "lines" && (character === "\n" || character === "\t") ? character : escapeSequence(character),
  );
}

function escapeSequence(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Rows as columns, two blanks apart; every cell made safe first. */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => printable(cell)));
  const widths: number[] = [];
  for (const row of safe) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return safe
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

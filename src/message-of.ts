// The text of whatever was thrown.

/** An error's message, or its name when it has none; anything else as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

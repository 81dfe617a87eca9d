// Values to JSON text: as JSON.stringify, and a bigint as the integer that it is.

/** What {@link writeJson} writes. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The JSON text of a value. */
export function writeJson(json: Json): string {
  if (typeof json === "bigint") return json.toString();
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (isArray(json)) return `[${json.map(writeJson).join(",")}]`;
  const members = Object.entries(json).map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`);
  return `{${members.join(",")}}`;
}

/** Array.isArray does not tell readonly arrays apart. */
function isArray(json: readonly Json[] | { readonly [name: string]: Json }): json is readonly Json[] {
  return Array.isArray(json);
}

// Parameters of an operation: their types, and how each is written into a request (OpenAPI 3.1.1, "Style Values").

import {
  type Json,
  type JsonObject,
  type JsonType,
  objectAt,
  type References,
  type SchemaCompiler,
  textAt,
  writeJson,
} from "../../json-schema/index.js";
import { ValueError } from "../../values/index.js";

/** Where a parameter goes. */
export type Place = "path" | "query" | "header";

/** One parameter. */
export interface Parameter {
  readonly name: string;
  readonly place: Place;
  readonly isRequired: boolean;
  readonly type: JsonType;
  /** Names and values of a query, percent-encoded; for path and header one pair, whose value is the text that is sent. */
  readonly write: (value: unknown) => readonly (readonly [name: string, value: string])[];
}

/** OpenAPI has these ignored: they belong to the request itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);
/** What would change the framing or the addressee of the request. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "expect",
  "te",
  "trailer",
  "upgrade",
  "keep-alive",
  "proxy-authorization",
  "cookie",
]);

/**
 * The parameter that a node describes; undefined for one that callers never give.
 *
 * @param taken headers, in small letters, that the gateway writes itself
 * @throws Error for one that is required and cannot be written
 */
export function readParameter(
  node: JsonObject,
  references: References,
  schemas: SchemaCompiler,
  taken: ReadonlySet<string>,
): Parameter | undefined {
  const name = textAt(node, "name") ?? "";
  const place = textAt(node, "in");
  const isRequired = node["required"] === true;
  if (place !== "path" && place !== "query" && place !== "header") {
    if (isRequired) throw new Error(`needs the ${place ?? "nameless"} parameter ${name}, which cannot be sent`);
    return undefined;
  }
  const header = name.toLowerCase();
  if (place === "header" && (OWN_HEADERS.has(header) || taken.has(header))) return undefined;
  if (place === "header" && FORBIDDEN_HEADERS.has(header))
    throw new Error(`has the header ${name}, which callers may not set`);
  const content = objectAt(references, node, "content");
  if (content !== undefined) {
    const media = objectAt(references, content, Object.keys(content)[0] ?? "");
    const type = schemas.compile(media?.["schema"]);
    const encode = place === "header" ? (text: string) => text : percentEncoded;
    return { name, place, isRequired, type, write: (value) => [[encode(name), encode(writeJson(type.toJson(value)))]] };
  }
  const type = schemas.compile(node["schema"]);
  return { name, place, isRequired, type, write: styled(name, place, type, node) };
}

function styled(name: string, place: Place, type: JsonType, node: JsonObject): Parameter["write"] {
  const style = textAt(node, "style") ?? (place === "query" ? "form" : "simple");
  const isExploded = node["explode"] === undefined ? style === "form" : node["explode"] === true;
  // Headers are not percent-encoded. Elsewhere values are, and what stands between them is not.
  const text: TextOf = place === "header" ? plain : (json) => percentEncoded(plain(json));
  const one = (write: (json: Json) => string): Parameter["write"] => {
    return (value) => [[percentEncoded(name), write(type.toJson(value))]];
  };
  switch (style) {
    case "simple":
      return one((json) => joined(json, ",", isExploded, text));
    case "label":
      return one((json) => `.${joined(json, isExploded ? "." : ",", isExploded, text)}`);
    case "matrix":
      return one((json) => matrix(name, json, isExploded));
    case "form":
      return (value) => formPairs(name, type.toJson(value), isExploded);
    case "spaceDelimited":
    case "pipeDelimited":
      if (isExploded) return (value) => formPairs(name, type.toJson(value), true);
      return one((json) => joined(json, style === "spaceDelimited" ? "%20" : "%7C", false, text));
    case "deepObject":
      return (value) =>
        members(type.toJson(value)).map(([member, inner]) => [percentEncoded(`${name}[${member}]`), text(inner)]);
    default:
      throw new Error(`has the parameter ${name} in the style ${style}, which is not supported`);
  }
}

/** The text of a value without parts. */
type TextOf = (json: Json) => string;

function formPairs(name: string, json: Json, isExploded: boolean): (readonly [string, string])[] {
  const text: TextOf = (inner) => percentEncoded(plain(inner));
  if (!isExploded) return [[percentEncoded(name), joined(json, ",", false, text)]];
  if (Array.isArray(json)) return json.map((item: Json) => [percentEncoded(name), text(item)]);
  if (typeof json === "object" && json !== null)
    return members(json).map(([member, inner]) => [percentEncoded(member), text(inner)]);
  return [[percentEncoded(name), text(json)]];
}

function matrix(name: string, json: Json, isExploded: boolean): string {
  if (isExploded)
    return formPairs(name, json, true)
      .map(([key, value]) => `;${key}=${value}`)
      .join("");
  return `;${percentEncoded(name)}=${joined(json, ",", false, (inner) => percentEncoded(plain(inner)))}`;
}

/** A list with a separator; an object as names and values in turn, or with `=` between them. */
function joined(json: Json, separator: string, isExploded: boolean, text: TextOf): string {
  if (Array.isArray(json)) return json.map(text).join(separator);
  if (typeof json !== "object" || json === null) return text(json);
  const pairs = members(json).map(([name, inner]) => `${text(name)}${isExploded ? "=" : separator}${text(inner)}`);
  return pairs.join(separator);
}

function members(json: Json): [string, Json][] {
  return typeof json === "object" && json !== null ? Object.entries(json) : [];
}

/** A value as the text of a parameter. */
function plain(json: Json): string {
  if (typeof json === "string") return json;
  if (typeof json === "number" || typeof json === "bigint" || typeof json === "boolean") return String(json);
  throw new ValueError("a value without parts expected within a parameter");
}

/** RFC 3986 §2.1. Throws ValueError for half of a surrogate pair. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new ValueError("text without lone surrogates expected");
  }
}

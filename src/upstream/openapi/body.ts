// The body of a request: which media type is chosen, what callers give for it, and how it is written.

import { randomUUID } from "node:crypto";
import {
  BYTES,
  type JsonObject,
  type JsonType,
  objectAt,
  type References,
  type SchemaCompiler,
  STRING,
  writeJson,
} from "../../json-schema/index.js";
import { isPlainObject, ValueError } from "../../values/index.js";

/** A body that an operation takes. */
export interface Body {
  readonly isRequired: boolean;
  readonly type: JsonType;
  /** The content type and the bytes of one value. */
  readonly write: (value: unknown) => { readonly contentType: string; readonly body: string | Uint8Array };
}

/**
 * What the request body of an operation takes; undefined for none.
 *
 * JSON is chosen where it is offered, then a form, then text, then anything else as bytes.
 *
 * @throws Error for a body of nothing but XML
 */
export function readBody(node: JsonObject, references: References, schemas: SchemaCompiler): Body | undefined {
  const request = objectAt(references, node, "requestBody");
  const content = objectAt(references, request, "content");
  const offered = Object.keys(content ?? {});
  if (content === undefined || offered.length === 0) return undefined;
  const isRequired = request?.["required"] === true;
  const schemaOf = (media: string): unknown => objectAt(references, content, media)?.["schema"];
  const json = offered.find(isJson);
  if (json !== undefined) {
    const type = schemas.compile(schemaOf(json));
    return { isRequired, type, write: (value) => ({ contentType: json, body: writeJson(type.toJson(value)) }) };
  }
  const form = offered.find((media) => media === "application/x-www-form-urlencoded");
  if (form !== undefined) {
    const type = schemas.compile(schemaOf(form));
    return { isRequired, type, write: (value) => ({ contentType: form, body: urlEncoded(type.toJson(value)) }) };
  }
  if (offered.includes("multipart/form-data")) {
    const type = schemas.compile(schemaOf("multipart/form-data"));
    return { isRequired, type, write: (value) => multipart(value, type) };
  }
  const text = offered.find((media) => media.startsWith("text/"));
  if (text !== undefined)
    return {
      isRequired,
      type: STRING,
      write: (value) => ({ contentType: `${text};charset=utf-8`, body: String(value) }),
    };
  const other = offered.find((media) => !isXml(media));
  if (other === undefined) throw new Error(`takes only ${offered.join(", ")}, which is not supported`);
  const contentType = other.includes("*") ? "application/octet-stream" : other;
  return { isRequired, type: BYTES, write: (value) => ({ contentType, body: bytesOf(value) }) };
}

/** `application/json`, `application/problem+json; charset=utf-8` … */
export function isJson(media: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json(?:;|$)/i.test(media.trim());
}

/** `application/xml`, `text/xml`, `application/atom+xml` … */
function isXml(media: string): boolean {
  return /[/+]xml(?:;|$)/i.test(media.trim());
}

function urlEncoded(json: unknown): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of membersOf(json)) {
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, textOf(one));
  }
  return pairs.toString();
}

/** RFC 7578. Bytes become files; everything else is text, or JSON where it has parts. */
function multipart(value: unknown, type: JsonType): ReturnType<Body["write"]> {
  const boundary = `jabber-rpc-${randomUUID()}`;
  const json = type.toJson(value);
  const given = isPlainObject(value) ? value : {};
  const parts = membersOf(json).flatMap(([name, member]) => {
    const natural = given[name];
    const items: readonly unknown[] = Array.isArray(natural) ? natural : [natural];
    if (items.every((item) => item instanceof Uint8Array))
      return items.flatMap((bytes) => part(boundary, name, bytes, `; filename="${fieldName(name)}"`));
    return (Array.isArray(member) ? member : [member]).flatMap((one) => part(boundary, name, Buffer.from(textOf(one))));
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function part(boundary: string, name: string, bytes: Uint8Array, filename = ""): Uint8Array[] {
  const type = filename === "" ? "" : "\r\nContent-Type: application/octet-stream";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${fieldName(name)}"${filename}${type}\r\n\r\n`;
  return [Buffer.from(head), bytes, Buffer.from("\r\n")];
}

/** Names come from the document; these characters would end the header. */
function fieldName(name: string): string {
  return name.replace(/[\r\n"\\]/g, "_");
}

function membersOf(json: unknown): [string, unknown][] {
  if (isPlainObject(json)) return Object.entries(json);
  throw new ValueError("an object expected as a form");
}

function textOf(json: unknown): string {
  // What toJson gives is Json, and JSON has no undefined.
  return typeof json === "string" ? json : writeJson(json as Parameters<typeof writeJson>[0]);
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ValueError("base64 expected as the body");
}

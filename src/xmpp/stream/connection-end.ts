// Why a connection ended, in one record, whatever ended it (RFC 6120 §4.9; §6.5).

import { messageOf } from "../../message-of.js";
import { childElements, findChild, textOf, type XmlElement, type XmlError } from "../../xml/index.js";
import { LinkError } from "../link.js";
import type { RetryPace } from "./back-off.js";
import { NS_STREAM, NS_STREAM_ERRORS } from "./namespaces.js";

/** The end of one connection, and how soon another attempt makes sense. */
export interface ConnectionEnd {
  readonly error: LinkError;
  readonly pace: RetryPace;
  /** Nobody closed the stream: it may be resumed on another connection (XEP-0198 §5). */
  readonly isCut?: boolean;
}

/** True for `<stream:error/>`, after which nothing may follow. */
export function isStreamError(element: XmlElement): boolean {
  return element.name === "error" && element.ns === NS_STREAM;
}

/** A stream error in words: its condition, and the whole text for people. */
export function describeStreamError(element: XmlElement): { readonly condition: string; readonly said: string } {
  const condition =
    childElements(element).find((child) => child.ns === NS_STREAM_ERRORS && child.name !== "text")?.name ??
    "undefined-condition";
  const text = findChild(element, "text", NS_STREAM_ERRORS);
  return { condition, said: text === undefined ? condition : `${condition}: ${textOf(text).slice(0, 200)}` };
}

/** Reads the server's `<stream:error/>`. `see-other-host` is not followed: it could lead to a host that nobody configured. */
export function readStreamError(element: XmlElement): ConnectionEnd {
  const { condition, said } = describeStreamError(element);
  const meaning =
    condition === "conflict" ? " (the old connection is not dead yet, or another program uses the same address)" : "";
  return {
    error: new LinkError("stream-error", `the server ended the stream: ${said}${meaning}`),
    pace: condition === "conflict" ? "slow" : "normal",
  };
}

/** Reads SASL's `<failure/>`. */
export function readSaslFailure(element: XmlElement): ConnectionEnd {
  const condition = childElements(element).find((child) => child.name !== "text")?.name ?? "unknown reason";
  const text = findChild(element, "text");
  const said = text === undefined ? "" : `: ${textOf(text).slice(0, 200)}`;
  return thrownEnd(
    new LinkError("authentication-failed", `the server refused the authentication: ${condition}${said}`),
    "stream-error",
  );
}

/** Bytes that were not XMPP. */
export function brokenXmlEnd(error: XmlError): ConnectionEnd {
  return {
    error: new LinkError("stream-error", `the server's stream is broken: ${error.message}`, { cause: error }),
    pace: "normal",
  };
}

/** Reads the refusal of the resource binding (RFC 6120 §7.6.2, §7.7.2). */
export function readBindFailure(iq: XmlElement): ConnectionEnd {
  const error = findChild(iq, "error");
  const condition = error === undefined ? undefined : childElements(error).find((child) => child.name !== "text")?.name;
  const message = `the server refused to bind the resource: ${condition ?? "unknown reason"}`;
  return { error: new LinkError("stream-error", message), pace: condition === "conflict" ? "slow" : "normal" };
}

/** Anything that was thrown on the way; `code` is for what is no {@link LinkError} yet. */
export function thrownEnd(thrown: unknown, code: LinkError["code"]): ConnectionEnd {
  const error = LinkError.is(thrown) ? thrown : new LinkError(code, messageOf(thrown), { cause: thrown });
  return { error, pace: HARDLY_MENDED.has(error.code) ? "slow" : "normal" };
}

const HARDLY_MENDED: ReadonlySet<LinkError["code"]> = new Set(["authentication-failed", "tls-required", "tls-failed"]);

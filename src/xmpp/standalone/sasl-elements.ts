// SASL messages as XML elements (RFC 6120 §6.4).

import { element, escapeText, textOf, type XmlElement } from "../../xml/index.js";
import type { StreamOffer } from "./features.js";
import { NS_SASL } from "./namespaces.js";
import { decodeSaslMessage, isSaslMechanism, type SaslCondition, type SaslMechanismName } from "./sasl.js";

/** Why a message is refused before any mechanism sees it. */
export interface Refused {
  readonly condition: SaslCondition;
}

/** Reads `<auth/>`; without text there is no initial response. */
export function readAuth(
  auth: XmlElement,
  offer: StreamOffer,
): { readonly mechanism: SaslMechanismName; readonly message: string | undefined } | Refused {
  const mechanism = auth.attrs["mechanism"] ?? "";
  if (!isSaslMechanism(mechanism)) return { condition: "invalid-mechanism" };
  if (!offer.mechanisms.includes(mechanism)) {
    return { condition: offer.startTls ? "encryption-required" : "invalid-mechanism" };
  }
  const text = textOf(auth);
  if (text === "") return { mechanism, message: undefined };
  const message = decodeSaslMessage(text);
  return message === undefined ? { condition: "incorrect-encoding" } : { mechanism, message };
}

/** Reads what follows in an exchange: `<response/>`, `<abort/>`, or something wrong. */
export function readResponse(response: XmlElement): { readonly message: string } | Refused {
  if (response.name === "abort") return { condition: "aborted" };
  if (response.name !== "response") return { condition: "malformed-request" };
  const message = decodeSaslMessage(textOf(response));
  return message === undefined ? { condition: "incorrect-encoding" } : { message };
}

export function writeChallenge(message: string): string {
  return element("challenge", { xmlns: NS_SASL }, escapeText(base64(message)));
}

export function writeSuccess(message: string | undefined): string {
  return element("success", { xmlns: NS_SASL }, ...(message === undefined ? [] : [escapeText(base64(message))]));
}

export function writeFailure(condition: string): string {
  return element("failure", { xmlns: NS_SASL }, element(condition, {}));
}

function base64(message: string): string {
  return Buffer.from(message).toString("base64");
}

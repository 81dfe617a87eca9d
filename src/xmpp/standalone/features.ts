// What the endpoint offers after a header (RFC 6120 §4.3.2; XEP-0478).

import { element, escapeText, joinXml, type XmlText } from "../../xml/index.js";
import type { AccountStore } from "./accounts.js";
import type { Channel } from "./channel.js";
import { NS_BIND, NS_SASL, NS_SESSION, NS_STREAM_LIMITS, NS_TLS } from "./namespaces.js";
import type { SaslMechanismName } from "./sasl.js";

/** What a stranger may do on a channel as it is. */
export interface StreamOffer {
  readonly startTls: boolean;
  /** Empty where TLS has to come first (RFC 6120 §5.3.1: then nothing else is listed). */
  readonly mechanisms: readonly SaslMechanismName[];
}

/** How one may log in beyond what is safe everywhere. */
export interface LoginPolicy {
  readonly anonymous: boolean;
  /** SCRAM in clear also off loopback. */
  readonly allowPlaintext: boolean;
  /** PLAIN in clear on loopback. */
  readonly plainOnLoopback: boolean;
}

/** What is offered on a channel as it is now: nothing that sends a password in clear, unless the settings say so. */
export function offerFor(
  channel: Pick<Channel, "isEncrypted" | "isLoopback" | "canStartTls">,
  accounts: AccountStore["kind"],
  policy: LoginPolicy,
): StreamOffer {
  const mayScram = channel.isEncrypted || channel.isLoopback || policy.allowPlaintext;
  const mayPlain = channel.isEncrypted || (channel.isLoopback && policy.plainOnLoopback);
  const mechanisms: SaslMechanismName[] = [];
  if (accounts === "verifiers" && mayScram) mechanisms.push("SCRAM-SHA-256", "SCRAM-SHA-1");
  if (mayPlain) mechanisms.push("PLAIN");
  if (policy.anonymous && mayScram) mechanisms.push("ANONYMOUS");
  return { startTls: channel.canStartTls, mechanisms };
}

/** XEP-0478: what a stanza may weigh, and how long a session may be silent. */
export interface AdvertisedLimits {
  readonly maxBytes: number;
  readonly idleSeconds: number;
}

/** The content of `<stream:features/>`. */
export function writeFeatures(offer: StreamOffer | "bind", limits: AdvertisedLimits): XmlText {
  if (offer === "bind") {
    // `<optional/>` keeps old clients from the session request that RFC 3921 had (RFC 6120 has none).
    const session = element("session", { xmlns: NS_SESSION }, element("optional", {}));
    return joinXml([element("bind", { xmlns: NS_BIND }), session, writeLimits(limits)]);
  }
  const { startTls, mechanisms } = offer;
  const required = mechanisms.length === 0;
  const tls = startTls ? [element("starttls", { xmlns: NS_TLS }, ...(required ? [element("required", {})] : []))] : [];
  if (required) return joinXml(tls);
  const names = mechanisms.map((name) => element("mechanism", {}, escapeText(name)));
  return joinXml([...tls, element("mechanisms", { xmlns: NS_SASL }, ...names), writeLimits(limits)]);
}

function writeLimits({ maxBytes, idleSeconds }: AdvertisedLimits): XmlText {
  return element(
    "limits",
    { xmlns: NS_STREAM_LIMITS },
    element("max-bytes", {}, escapeText(String(maxBytes))),
    element("idle-seconds", {}, escapeText(String(idleSeconds))),
  );
}

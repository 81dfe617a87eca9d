// What to do with the features a server offers (RFC 6120 §4.3, §5, §6). A pure decision: the library never sees what is not chosen.

import { childElements, findChild, textOf, type XmlElement } from "../../xml/index.js";
import { LinkError } from "../link.js";
import { isScram } from "../scram/keys.js";
import { NS_BIND, NS_MANAGEMENT, NS_SASL, NS_STREAM, NS_TLS } from "../stream/namespaces.js";
import { MECHANISM_NAMES, type MechanismName } from "./mechanisms.js";

/** Where the connection stands when the features arrive, and what the settings allow. */
export interface FeatureContext {
  readonly isAuthenticated: boolean;
  readonly isEncrypted: boolean;
  /** The other end is this machine. */
  readonly isLoopback: boolean;
  /** The server's certificate was or will be checked. */
  readonly verifiesTls: boolean;
  /** The settings say how TLS is to be checked, so TLS is wanted also where it is not needed. */
  readonly prefersTls: boolean;
  /** Credentials may go over a connection in clear to another machine; those of PLAIN only on this one. */
  readonly allowsPlaintext: boolean;
  /** There is a session that could be resumed. */
  readonly canResume: boolean;
}

/** The next step of the negotiation. */
export type FeatureStep =
  | { readonly step: "starttls" }
  | { readonly step: "authenticate"; readonly mechanism: MechanismName }
  /** `offersManagement`: stream management can be enabled afterwards (XEP-0198 §3). */
  | { readonly step: "bind"; readonly offersManagement: boolean }
  | { readonly step: "resume" }
  | { readonly step: "fail"; readonly error: LinkError };

/** Decides the next step. Nothing that holds a credential is sent before this has decided. */
export function planFeatures(features: XmlElement, context: FeatureContext): FeatureStep {
  if (context.isAuthenticated) {
    const offersManagement = findChild(features, "sm", NS_MANAGEMENT) !== undefined;
    if (offersManagement && context.canResume) return { step: "resume" };
    if (findChild(features, "bind", NS_BIND) !== undefined) return { step: "bind", offersManagement };
    return fail("stream-error", "the server offers no resource binding after authentication");
  }
  const offered = readMechanisms(features);
  const usable = MECHANISM_NAMES.filter((name) => offered.includes(name) && (isScram(name) || allowsPlain(context)));

  if (!context.isEncrypted) {
    const startTls = findChild(features, "starttls", NS_TLS);
    const clearIsEnough = context.isLoopback && !context.prefersTls && usable.length > 0;
    if (startTls !== undefined && !(clearIsEnough && findChild(startTls, "required") === undefined))
      return { step: "starttls" };
    if (startTls === undefined && (!context.isLoopback || context.prefersTls) && !context.allowsPlaintext) {
      return fail("tls-required", "the server offers no TLS; credentials are not sent in clear");
    }
  }
  const [mechanism] = usable;
  if (mechanism !== undefined) return { step: "authenticate", mechanism };
  const listed = offered.length === 0 ? "none" : offered.join(", ");
  return fail(
    "authentication-failed",
    `no SASL mechanism in common: the server offers ${listed}; expected one of ${MECHANISM_NAMES.join(", ")} (PLAIN only over verified TLS, or in clear on loopback where plaintext is allowed)`,
  );
}

/** The features as the library may see them: one mechanism, or binding. Stream management, SASL2 and the like are ours or not used. */
export function narrowFeatures(step: FeatureStep & { step: "authenticate" | "bind" }): XmlElement {
  const child =
    step.step === "bind"
      ? make("bind", NS_BIND, [])
      : make("mechanisms", NS_SASL, [make("mechanism", NS_SASL, [step.mechanism])]);
  return make("features", NS_STREAM, [child]);
}

function readMechanisms(features: XmlElement): string[] {
  const mechanisms = findChild(features, "mechanisms", NS_SASL);
  if (mechanisms === undefined) return [];
  return childElements(mechanisms)
    .filter((child) => child.name === "mechanism" && child.ns === NS_SASL)
    .map((child) => textOf(child).trim());
}

function allowsPlain(context: FeatureContext): boolean {
  if (!context.isEncrypted) return context.isLoopback && context.allowsPlaintext;
  return context.verifiesTls || context.isLoopback;
}

function make(name: string, ns: string, children: XmlElement["children"]): XmlElement {
  return { name, ns, attrs: {}, children };
}

function fail(code: "stream-error" | "tls-required" | "authentication-failed", message: string): FeatureStep {
  return { step: "fail", error: new LinkError(code, message) };
}

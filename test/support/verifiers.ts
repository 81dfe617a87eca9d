// What a web application keeps of a password, in the form of RFC 5803.

import { createVerifiers, writeVerifier } from "../../src/xmpp/standalone/accounts.js";

/** The verifiers for SCRAM-SHA-1 and SCRAM-SHA-256. */
export async function verifiersOf(password: string): Promise<[string, string]> {
  const { "SCRAM-SHA-1": sha1, "SCRAM-SHA-256": sha256 } = await createVerifiers(password);
  if (sha1 === undefined || sha256 === undefined) throw new Error("a verifier is missing");
  return [writeVerifier("SCRAM-SHA-1", sha1), writeVerifier("SCRAM-SHA-256", sha256)];
}

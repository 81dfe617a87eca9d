// Addresses: parse, prepare, print and compare (RFC 7622). A Jid is a frozen value.

/** A prepared address. Absent parts are empty strings, so two equal addresses have equal `full`. */
export interface Jid {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  /** `local@domain`, or `domain`. */
  readonly bare: string;
  /** `bare/resource`, or `bare`. */
  readonly full: string;
}

/** Text that is no address; the message says which part and why. */
export class JidError extends Error {
  override readonly name = "JidError";
}

/** Reads an address and prepares its parts. Throws {@link JidError}. */
export function parseJid(text: string): Jid {
  const slash = text.indexOf("/");
  const bareText = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? "" : text.slice(slash + 1);
  const at = bareText.indexOf("@");
  const local = at < 0 ? "" : bareText.slice(0, at).toLowerCase();
  const domain = bareText.slice(at + 1).toLowerCase();
  const bare = local === "" ? domain : `${local}@${domain}`;
  return Object.freeze({ local, domain, resource, bare, full: resource === "" ? bare : `${bare}/${resource}` });
}

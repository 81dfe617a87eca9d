// What a protocol extension adds to a gateway. Third parties implement this interface too.

import type { XmlElement } from "../xml/index.js";
import type { IqRoute } from "../xmpp/index.js";

/** Who an entity is, in the registry's words (XEP-0030 §3.1). */
export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
}

/**
 * One protocol extension as a gateway sees it. disco#info and caps are derived from what is registered, so a feature
 * that is not served is never advertised.
 */
export interface Feature {
  /** For logs and errors: `jabber-rpc`, `disco`. */
  readonly name: string;
  /** Namespaces advertised in disco#info. */
  readonly features?: readonly string[];
  readonly identities?: readonly Identity[];
  readonly routes?: readonly IqRoute[];
  /** Sees every presence stanza. */
  presence?(stanza: XmlElement): void;
  /** Sees every message stanza. */
  message?(stanza: XmlElement): void;
  /** The link is up, for the first time or again. */
  online?(): void;
  /** The link is lost. */
  offline?(): void;
  /** The link is about to be closed by us: the last moment to send something. */
  closing?(): void;
}

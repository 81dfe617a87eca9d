// What a protocol extension adds to a gateway. Third parties implement this interface too.

import type { XmlElement, XmlText } from "../xml/index.js";
import type { IqRequest, IqRoute } from "../xmpp/index.js";

/** Who an entity is, in the registry's words (XEP-0030 §3.1). */
export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
}

/** What disco#info says about one address or node. */
export interface DiscoInfo {
  readonly identities: readonly Identity[];
  readonly features: readonly string[];
  /** Forms with more about it (XEP-0128 §2); for nodes only, since caps does not count them here. */
  readonly forms?: readonly XmlText[];
}

/** One entry of disco#items. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name?: string;
}

/** What is said about a node of the own address. */
export interface DiscoNode {
  readonly info: DiscoInfo;
  /** Default: none. */
  readonly items?: readonly DiscoItem[];
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
  /**
   * What this feature says about a node of disco to that requester; undefined for one that is not its own, which the next
   * feature is asked about. It may throw a StanzaError, so a feature that throws for unknown nodes must be the last one.
   */
  discoNode?(node: string, iq: IqRequest): DiscoNode | undefined | Promise<DiscoNode | undefined>;
  /** What this feature lists under the own address to that requester (disco#items without a node). */
  discoItems?(iq: IqRequest): readonly DiscoItem[] | Promise<readonly DiscoItem[]>;
  /** Sees every presence stanza. */
  presence?(stanza: XmlElement): void;
  /**
   * Sees the messages that no feature before it took. True takes this one: later features do not see it. A promise holds it back from
   * them until it is known.
   */
  message?(stanza: XmlElement): boolean | undefined | Promise<boolean>;
  /** The link is up, and nobody has been told yet that we are available: what a server must know before that. */
  beforePresence?(): void;
  /** The link is up, for the first time or again. */
  online?(): void;
  /** The link is lost. */
  offline?(): void;
  /** The link is about to be closed by us: the last moment to send something. */
  closing?(): void;
}

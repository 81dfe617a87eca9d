// What a handler of published items is: an item of a topic in, nothing out (XEP-0060; RFC 4287; XEP-0335).

/** Who wrote something (RFC 4287 §3.2). */
export interface AtomPerson {
  readonly name: string;
  readonly uri?: string;
  readonly email?: string;
}

/** Where something is (RFC 4287 §4.2.7). */
export interface AtomLink {
  /** An absolute address. */
  readonly href: string;
  /** Default `alternate`: the thing itself, for people. */
  readonly rel?: string;
  /** A media type. */
  readonly type?: string;
  readonly title?: string;
}

/** What an entry says (RFC 4287 §4.1.3). */
export interface AtomContent {
  /** `html` is text with markup in it; `xhtml` is one `<div/>` of XHTML, as XML. */
  readonly type: "text" | "html" | "xhtml";
  readonly text: string;
}

/** One entry, as Atom has it (RFC 4287 §4.1.2). */
export interface AtomEntry {
  /** An absolute address that is never given to anything else; it need not lead anywhere. */
  readonly id: string;
  /** Plain text. */
  readonly title: string;
  readonly updated: Date;
  readonly published?: Date;
  /** Default: whoever publishes it. */
  readonly authors?: readonly AtomPerson[];
  /** Plain text. */
  readonly summary?: string;
  readonly content?: AtomContent;
  readonly links?: readonly AtomLink[];
  readonly categories?: readonly string[];
}

/** What an item holds: an entry of Atom, a JSON value (XEP-0335), or any one element as XML text. */
export type ItemPayload = { readonly atom: AtomEntry } | { readonly json: unknown } | { readonly xml: string };

/** The kinds of {@link ItemPayload}. */
export type PayloadKind = "atom" | "json" | "xml";

/** One item of a topic. */
export interface PublishedItem {
  readonly id: string;
  /** Absent where the topic keeps none. */
  readonly payload?: ItemPayload;
  /** Who published it, where the service says so. */
  readonly publisher?: string;
}

/** An item that came from a topic which is followed. */
export interface FollowedItem extends PublishedItem {
  /** The address of the service, and its node. */
  readonly service: string;
  readonly node: string;
}

/** Takes an item. What it throws leaves the item unseen, so that it comes again. */
export type ItemHandler = (item: FollowedItem) => unknown;

/** How a topic is followed. */
export interface FollowOptions {
  /** What its memory of items is called; give one where it is to survive a restart. Two handlers of a topic need two. */
  readonly name?: string;
  /** Only payloads of this kind are handed over; others are refused with a line in the log. Default: any. */
  readonly payload?: PayloadKind;
  /** Whether an item that is published again under its id, but changed, is handed over again. Default false. */
  readonly updates?: boolean;
  /** How many of the items that a topic holds when it is followed for the first time are handed over. Default: all. */
  readonly history?: number;
}

/** A topic, and who takes its items. */
export interface ItemFollow extends FollowOptions {
  readonly service: string;
  readonly node: string;
  readonly handler: ItemHandler;
}

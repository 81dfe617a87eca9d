// What a stream parser gives out.

import type { XmlElement } from "./element.js";

/** One thing that happened on a stream, in stream order. */
export type StreamEvent =
  /** The stream header: the root's start tag, without children; `contentNs` is the default namespace it declares, or "". */
  | { readonly kind: "open"; readonly element: XmlElement; readonly contentNs: string }
  /** One complete stanza and how many bytes it had. */
  | { readonly kind: "stanza"; readonly element: XmlElement; readonly bytes: number }
  /**
   * A stanza that went past a limit and was passed over to its end. `head` is its start tag without children; when the
   * start tag itself was over the limit it has no attributes, and no name if that is unknown. `limit` is for people.
   */
  | { readonly kind: "skipped"; readonly head: XmlElement; readonly limit: string }
  /** The root's end tag. */
  | { readonly kind: "close" };

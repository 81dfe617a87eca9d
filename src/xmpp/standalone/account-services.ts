// What the endpoint answers on behalf of an account (RFC 6120 §10.3.3, §10.5.3; RFC 6121 §2): its contact list, and little else.

import { childElements, element, joinXml, type XmlElement, type XmlText } from "../../xml/index.js";
import { StanzaError } from "../stanza-error.js";
import type { Contact } from "./accounts.js";
import { NS_BIND, NS_DISCO_INFO, NS_OFFLINE, NS_PING, NS_ROSTER, NS_SESSION } from "./namespaces.js";

/** The content of the result; undefined for an empty one. Throws {@link StanzaError}. */
export function answerForAccount(stanza: XmlElement, contacts: readonly Contact[]): XmlText | undefined {
  const { type } = stanza.attrs;
  const [payload, ...more] = childElements(stanza);
  if ((type !== "get" && type !== "set") || payload === undefined || more.length > 0)
    throw new StanzaError("bad-request");
  switch (`${type} ${payload.ns}`) {
    case `get ${NS_ROSTER}`:
      return writeRoster(contacts);
    case `set ${NS_ROSTER}`:
      throw new StanzaError("not-allowed");
    // RFC 6120 §7.6.2: one stream has one resource.
    case `set ${NS_BIND}`:
      throw new StanzaError("not-allowed");
    case `get ${NS_PING}`:
      return undefined;
    // RFC 3921 §3; some clients ask although it is optional.
    case `set ${NS_SESSION}`:
      return undefined;
    case `get ${NS_DISCO_INFO}`:
      if (payload.attrs["node"] !== undefined) throw new StanzaError("item-not-found");
      return element(
        "query",
        { xmlns: NS_DISCO_INFO },
        element("identity", { category: "account", type: "registered" }),
        element("feature", { var: NS_DISCO_INFO }),
        element("feature", { var: NS_PING }),
        element("feature", { var: NS_OFFLINE }),
      );
    default:
      throw new StanzaError("service-unavailable");
  }
}

/** Everybody's contacts are the gateway and those that the accounts' owner names; nobody else can change that. */
function writeRoster(contacts: readonly Contact[]): XmlText {
  const items = contacts.map(({ jid, name }) => element("item", { jid, name, subscription: "both" }));
  return element("query", { xmlns: NS_ROSTER }, joinXml(items));
}

// Who subscribes to what, and who may what, as requests and answers have it (XEP-0060 §4.1, §4.2, §5.6, §5.7, §6.1, §8.8, §8.9).

import {
  AFFILIATIONS,
  type PubSubAffiliation,
  type PubSubSubscription,
  SUBSCRIPTION_STATES,
} from "../../ports/index.js";
import { childElements, element, type XmlElement, type XmlText } from "../../xml/index.js";

/** Reads a `<subscription/>`; undefined when it names no address or no state. */
export function readSubscription({ attrs }: XmlElement): PubSubSubscription | undefined {
  const { node, jid, subscription, subid } = attrs;
  const state = SUBSCRIPTION_STATES.find((known) => known === subscription);
  if (jid === undefined || state === undefined) return undefined;
  return { jid, state, ...(node === undefined ? {} : { node }), ...(subid === undefined ? {} : { subid }) };
}

/** The readable subscriptions in a `<subscriptions/>`; in an owner's list the node stands around them. */
export function readSubscriptions(list: XmlElement): PubSubSubscription[] {
  const { node } = list.attrs;
  return childElements(list).flatMap((child) => {
    const one = child.name === "subscription" && child.ns === list.ns ? readSubscription(child) : undefined;
    return one === undefined ? [] : [{ ...(node === undefined ? {} : { node }), ...one }];
  });
}

/** One `<subscription/>`, in the namespace around it. */
export function writeSubscription({ node, jid, state, subid }: PubSubSubscription): XmlText {
  return element("subscription", { node, jid, subscription: state, subid });
}

/** The readable affiliations in an `<affiliations/>`. */
export function readAffiliations(list: XmlElement): PubSubAffiliation[] {
  const around = list.attrs["node"];
  return childElements(list).flatMap((child) => {
    const { node = around, jid, affiliation: name } = child.attrs;
    const affiliation = AFFILIATIONS.find((known) => known === name);
    if (child.name !== "affiliation" || child.ns !== list.ns || affiliation === undefined) return [];
    return [{ affiliation, ...(node === undefined ? {} : { node }), ...(jid === undefined ? {} : { jid }) }];
  });
}

/** One `<affiliation/>`, in the namespace around it. */
export function writeAffiliation({ node, jid, affiliation }: PubSubAffiliation): XmlText {
  return element("affiliation", { node, jid, affiliation });
}

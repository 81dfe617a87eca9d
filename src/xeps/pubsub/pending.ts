// Who waits to be let in to a node: as its owner is told by a form, and asked for again (XEP-0060 §8.6, §8.7; XEP-0004).

import type { SubscriptionRequest } from "../../ports/index.js";
import { ValueError } from "../../values/index.js";
import type { XmlElement } from "../../xml/index.js";
import type { CommandClient } from "../commands/index.js";
import { decodeForm, findForm } from "../data-forms/decode-form.js";
import { FORM_TYPE, type Form } from "../data-forms/form.js";
import { PUBSUB_NS } from "./namespaces.js";

const NODE = "pubsub#node";
const JID = "pubsub#subscriber_jid";
const SUBID = "pubsub#subid";

/** The request in a message, said by the service that sent it; undefined for every other message. */
export function readSubscriptionRequest(message: XmlElement, service: string): SubscriptionRequest | undefined {
  const form = readForm(message);
  if (form?.type !== "form" || valueIn(form, FORM_TYPE) !== PUBSUB_NS.subscribeAuthorization) return undefined;
  const [node, jid, subid] = [valueIn(form, NODE), valueIn(form, JID), valueIn(form, SUBID)];
  if (node === undefined || jid === undefined) return undefined;
  return { service, node, jid, ...(subid === undefined ? {} : { subid }) };
}

/** Has the service send the forms of all who wait at a node of ours once more; they arrive before this resolves. */
export async function askPendingAgain(commands: CommandClient, service: string, node: string): Promise<void> {
  const { form, sessionId } = await commands.step(service, PUBSUB_NS.getPending);
  const nodes = form?.fields.find((field) => field.var === NODE);
  // Only nodes where somebody waits are listed.
  if (nodes?.options?.some(({ value }) => value === node) !== true) return;
  const fields = [
    { var: FORM_TYPE, type: "hidden", values: [PUBSUB_NS.subscribeAuthorization] },
    { var: NODE, values: [node] },
  ] as const;
  await commands.step(service, PUBSUB_NS.getPending, { sessionId, form: { type: "submit", fields } });
}

function readForm(message: XmlElement): Form | undefined {
  const x = findForm(message);
  try {
    return x && decodeForm(x);
  } catch (error) {
    if (ValueError.is(error)) return undefined;
    throw error;
  }
}

function valueIn({ fields }: Form, name: string): string | undefined {
  const value = fields.find((field) => field.var === name)?.values[0];
  return value === "" ? undefined : value;
}

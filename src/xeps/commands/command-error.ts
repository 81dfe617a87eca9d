// The errors of ad-hoc commands, as data (XEP-0050 §4.4).

import { element } from "../../xml/index.js";
import { type StanzaCondition, StanzaError, type StanzaErrorType } from "../../xmpp/index.js";
import { NS } from "../namespaces.js";

interface ErrorRow {
  readonly condition: StanzaCondition;
  readonly type: StanzaErrorType;
  /** The element that says more, in the namespace of commands. */
  readonly application?: string;
}

const COMMAND_ERRORS = {
  "bad-request": { condition: "bad-request", type: "modify" },
  "malformed-action": { condition: "bad-request", type: "modify", application: "malformed-action" },
  "bad-action": { condition: "bad-request", type: "modify", application: "bad-action" },
  "bad-locale": { condition: "bad-request", type: "modify", application: "bad-locale" },
  "bad-payload": { condition: "bad-request", type: "modify", application: "bad-payload" },
  "bad-sessionid": { condition: "bad-request", type: "modify", application: "bad-sessionid" },
  "session-expired": { condition: "not-allowed", type: "cancel", application: "session-expired" },
  // RFC 6120 has forbidden as type auth; the table of XEP-0050 says cancel.
  forbidden: { condition: "forbidden", type: "cancel" },
  "item-not-found": { condition: "item-not-found", type: "cancel" },
  "feature-not-implemented": { condition: "feature-not-implemented", type: "cancel" },
} as const satisfies Record<string, ErrorRow>;

/** The name of one row: its application-specific condition where it has one. */
export type CommandErrorName = keyof typeof COMMAND_ERRORS;

/** The stanza error of a row. */
export function commandError(name: CommandErrorName, text: string): StanzaError {
  const { condition, type, application }: ErrorRow = COMMAND_ERRORS[name];
  return new StanzaError(condition, {
    type,
    text,
    ...(application === undefined ? {} : { application: element(application, { xmlns: NS.commands }) }),
  });
}

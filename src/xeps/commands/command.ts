// The <command/> element, both ways: what a requester asks, and what a responder replies (XEP-0050 §3, §4).

import {
  childElements,
  element,
  escapeText,
  findChild,
  textOf,
  type XmlElement,
  type XmlText,
} from "../../xml/index.js";
import { decodeForm, encodeForm, type Form, findForm } from "../data-forms/index.js";
import { NS } from "../namespaces.js";
import { commandError } from "./command-error.js";

/** What a requester can do to a command. */
export type Action = "execute" | "cancel" | "prev" | "next" | "complete";

/** The actions that a responder can offer (XEP-0050 §4.2). */
export type OfferedAction = Exclude<Action, "execute" | "cancel">;

/** One message beside a form or a result. */
export interface Note {
  readonly type: "info" | "warn" | "error";
  readonly text: string;
}

/** What a requester sends. */
export interface CommandRequest {
  readonly node: string;
  readonly action: Action;
  readonly sessionId: string | undefined;
  /** The payload's form; of type submit, or cancel, which means the same here (XEP-0050 §3.5.1). */
  readonly form: Form | undefined;
  readonly lang: string | undefined;
}

/** What a responder replies. */
export interface CommandReply {
  readonly node: string;
  readonly sessionId: string;
  /** `executing`: more is asked. `completed` says nothing about success; an error note does (XEP-0050 §3.6). */
  readonly status: "executing" | "completed" | "canceled";
  /** What may be done next, and what `execute` stands for. */
  readonly actions?: { readonly offered: readonly OfferedAction[]; readonly execute: OfferedAction };
  readonly notes: readonly Note[];
  readonly form?: Form;
}

const ACTIONS: readonly Action[] = ["execute", "cancel", "prev", "next", "complete"];
const OFFERED: readonly OfferedAction[] = ["prev", "next", "complete"];
/** BCP 47 in outline: subtags of letters and digits. */
const LANGUAGE_TAG = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/;

/** The language of every label and text that we make. */
const OWN_LANGUAGE = "en";

/** Reads a request. Throws the errors of XEP-0050 §4.4; `status` is ignored, as it must be. */
export function decodeCommandRequest(command: XmlElement, iqLang: string | undefined): CommandRequest {
  const { node, action = "execute", sessionid } = command.attrs;
  if (node === undefined || node === "") throw commandError("bad-request", "a command needs a node");
  if (!isAction(action)) throw commandError("malformed-action", "an action is execute, cancel, prev, next or complete");
  const lang = command.attrs["xml:lang"] ?? iqLang;
  if (lang !== undefined && lang !== "" && !LANGUAGE_TAG.test(lang))
    throw commandError("bad-locale", `xml:lang is no language tag; this responder speaks ${OWN_LANGUAGE}`);
  const x = findForm(command);
  return { node, action, sessionId: sessionid, form: x === undefined ? undefined : readSubmitted(x), lang };
}

function readSubmitted(x: XmlElement): Form {
  const { type } = x.attrs;
  if (type !== "submit" && type !== "cancel") throw commandError("bad-payload", "a form of type submit expected");
  return decodeForm(x);
}

/** The `<command/>` of a request. */
export function encodeCommandRequest(request: Omit<CommandRequest, "lang">): XmlText {
  const { node, action, sessionId, form } = request;
  return element(
    "command",
    { xmlns: NS.commands, node, action, sessionid: sessionId },
    ...(form === undefined ? [] : [encodeForm(form)]),
  );
}

/** The `<command/>` of a reply, which states its language (XEP-0050 §3.7). */
export function encodeCommandReply(reply: CommandReply): XmlText {
  const { node, sessionId, status, actions, notes, form } = reply;
  const children = [
    ...(actions === undefined
      ? []
      : [element("actions", { execute: actions.execute }, ...actions.offered.map((action) => element(action, {})))]),
    ...(form === undefined ? [] : [encodeForm(form)]),
    ...notes.map((note) => element("note", { type: note.type }, escapeText(note.text))),
  ];
  return element(
    "command",
    { xmlns: NS.commands, node, sessionid: sessionId, status, "xml:lang": OWN_LANGUAGE },
    ...children,
  );
}

/** Reads the reply in a result stanza; undefined when there is none. What has no meaning in it is left out. */
export function decodeCommandReply(result: XmlElement): CommandReply | undefined {
  const command = childElements(result).find((child) => child.name === "command" && child.ns === NS.commands);
  if (command === undefined) return undefined;
  const { node = "", sessionid = "", status } = command.attrs;
  const x = findForm(command);
  const actions = findChild(command, "actions");
  return {
    node,
    sessionId: sessionid,
    status: status === "executing" || status === "canceled" ? status : "completed",
    ...(status === "executing" ? { actions: decodeActions(actions) } : {}),
    notes: childElements(command).flatMap((child) => (child.name === "note" ? [decodeNote(child)] : [])),
    ...(x === undefined ? {} : { form: decodeForm(x) }),
  };
}

/** XEP-0050 §3.4: no `<actions/>` means complete only; without `execute` it is next, if that is there. */
function decodeActions(actions: XmlElement | undefined): NonNullable<CommandReply["actions"]> {
  const offered = actions === undefined ? [] : OFFERED.filter((action) => findChild(actions, action) !== undefined);
  const execute = OFFERED.find((action) => action === actions?.attrs["execute"]);
  if (offered.length === 0) return { offered: ["complete"], execute: "complete" };
  const fallback = offered.includes("next") ? "next" : (offered.at(-1) ?? "complete");
  return { offered, execute: execute !== undefined && offered.includes(execute) ? execute : fallback };
}

function decodeNote(note: XmlElement): Note {
  const { type } = note.attrs;
  return { type: type === "warn" || type === "error" ? type : "info", text: textOf(note) };
}

function isAction(text: string): text is Action {
  return ACTIONS.some((action) => action === text);
}

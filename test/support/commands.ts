// A responder of commands on a memory network, with a clock of the test's, and peers that speak <command/> to it.

import { createMemoryNetwork } from "../../src/index.js";
import { type Limits, withDefaultLimits } from "../../src/limits.js";
import { silentLogger } from "../../src/observe/index.js";
import {
  type AccessRule,
  compileAccess,
  createDispatcher,
  createMethodTable,
  type MethodSpec,
} from "../../src/rpc/index.js";
import { decodeForm, type Form } from "../../src/xeps/data-forms/index.js";
import { createCommands, createEntity } from "../../src/xeps/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../../src/xml/index.js";
import { type RawPeer, startRawPeer } from "./raw-peer.js";

export const COMMANDS = "http://jabber.org/protocol/commands";
const RESPONDER = "rpc.example.org";

/** A reply or an error, as far as tests look at it. */
export interface Answer {
  readonly stanza: XmlElement;
  readonly status: string | undefined;
  readonly sessionId: string;
  /** `prev next*`: the default has a star. */
  readonly actions: string | undefined;
  readonly notes: readonly string[];
  readonly form: Form | undefined;
  /** `bad-request modify bad-sessionid`. */
  readonly error: string | undefined;
}

/** What a test sends. */
export interface Sent {
  readonly action?: string;
  readonly sessionId?: string | undefined;
  /** The fields of a submission. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  /** Any payload, as it is. */
  readonly payload?: string;
  readonly lang?: string;
  readonly id?: string;
  readonly to?: string;
}

/** One requester. */
export interface CommandPeer {
  readonly peer: RawPeer;
  send(node: string | undefined, sent?: Sent): void;
  next(): Promise<Answer>;
  /** {@link send}, then {@link next}. */
  run(node: string | undefined, sent?: Sent): Promise<Answer>;
}

/** A responder with nothing but commands. */
export interface CommandResponder {
  as(jid: string): Promise<CommandPeer>;
  stop(): Promise<void>;
}

export interface CommandResponderOptions {
  readonly methods: readonly MethodSpec[];
  readonly access?: readonly AccessRule[];
  readonly limits?: Partial<Limits>;
  readonly now?: () => number;
}

export async function startCommandResponder(options: CommandResponderOptions): Promise<CommandResponder> {
  const network = createMemoryNetwork();
  const limits = withDefaultLimits(options.limits);
  const table = createMethodTable();
  table.add(options.methods);
  const access = compileAccess(options.access ?? [{ anyone: true }]);
  const dispatcher = createDispatcher({ table, access, limits });
  const link = network.link(RESPONDER);
  const now = options.now === undefined ? {} : { now: options.now };
  const commands = createCommands({
    table,
    access,
    dispatcher,
    limits,
    log: silentLogger,
    ownJid: () => link.jid,
    ...now,
  });
  const software = { name: "test", version: "1" };
  const entity = createEntity({ link, features: [commands], software, log: silentLogger, limits });
  await entity.start();
  const peers: RawPeer[] = [];
  return {
    as: async (jid) => {
      const peer = await startRawPeer(network.link(jid));
      peers.push(peer);
      return commandPeer(peer);
    },
    stop: async () => {
      await Promise.all(peers.map((peer) => peer.stop()));
      await entity.stop();
    },
  };
}

/** Speaks commands through a peer. */
export function commandPeer(peer: RawPeer, to: string = RESPONDER): CommandPeer {
  const send: CommandPeer["send"] = (node, sent = {}) => peer.send(commandStanza(node, { to, ...sent }));
  const next = async () => answerOf(await peer.next());
  return {
    peer,
    send,
    next,
    run: async (node, sent) => {
      send(node, sent);
      return next();
    },
  };
}

function commandStanza(node: string | undefined, sent: Sent): string {
  const { action, sessionId, fields, payload = "", lang, id = "c1", to = RESPONDER } = sent;
  const attributes = { node, action, sessionid: sessionId, "xml:lang": lang };
  const text = Object.entries(attributes).map(([name, value]) => (value === undefined ? "" : ` ${name}='${value}'`));
  return (
    `<iq type='set' to='${to}' id='${id}'><command xmlns='${COMMANDS}'${text.join("")}>` +
    `${fields === undefined ? payload : submitXml(fields)}</command></iq>`
  );
}

/** A submission as a client writes it: without types. */
function submitXml(fields: Readonly<Record<string, string | readonly string[]>>): string {
  const content = Object.entries(fields).map(([name, given]) => {
    const values = [given].flat().map((value) => `<value>${escapeXml(value)}</value>`);
    return `<field var='${escapeXml(name)}'>${values.join("")}</field>`;
  });
  return `<x xmlns='jabber:x:data' type='submit'>${content.join("")}</x>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&#39;");
}

function answerOf(stanza: XmlElement): Answer {
  const command = childElements(stanza).find((child) => child.ns === COMMANDS);
  const actions = command && findChild(command, "actions");
  const x = command && findChild(command, "x", "jabber:x:data");
  const error = findChild(stanza, "error");
  return {
    stanza,
    status: command?.attrs["status"],
    sessionId: command?.attrs["sessionid"] ?? "",
    actions:
      actions &&
      childElements(actions)
        .map(({ name }) => (name === actions.attrs["execute"] ? `${name}*` : name))
        .join(" "),
    notes: (command === undefined ? [] : childElements(command))
      .filter(({ name }) => name === "note")
      .map((note) => `${note.attrs["type"]}: ${textOf(note)}`),
    form: x && (error === undefined ? decodeForm(x) : undefined),
    error: error && errorText(error),
  };
}

function errorText(error: XmlElement): string {
  const names = childElements(error)
    .map(({ name }) => name)
    .filter((name) => name !== "text");
  const [condition = "", application = "-"] = names;
  return `${condition} ${error.attrs["type"]} ${application}`;
}

/** The values of a form by field, hidden and fixed ones left out. */
export function valuesOf(form: Form | undefined): Record<string, string> {
  const fields = (form?.fields ?? []).filter(({ type }) => type !== "hidden" && type !== "fixed");
  return Object.fromEntries(fields.map((field) => [field.var ?? "", field.values.join("|")]));
}

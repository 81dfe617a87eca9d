// Ad-hoc commands as a feature of a gateway: every method and wizard is one, shown to and run by whoever may call it
// (XEP-0050 §2, §3).

import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import {
  type Access,
  type Dispatcher,
  isWizard,
  type MethodSpec,
  type MethodTable,
  methodNameProblem,
} from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import { type XmlText, XmlWriteError } from "../../xml/index.js";
import { createIdSource, type IqRequest, StanzaError } from "../../xmpp/index.js";
import type { DiscoItem, DiscoNode, Feature } from "../feature.js";
import { type AnswerLimits, Answers, requestKey } from "../jabber-rpc/index.js";
import { NS } from "../namespaces.js";
import type { RoomServices } from "../room-services.js";
import type { BuiltinCommand } from "./builtin.js";
import { type CommandReply, decodeCommandRequest, encodeCommandReply } from "./command.js";
import { commandError } from "./command-error.js";
import { createCommandEngine } from "./engine.js";
import { summaryOf } from "./labels.js";
import type { CommandLimits } from "./limits.js";
import { methodScript } from "./method-script.js";
import type { Script } from "./script.js";
import { wizardScript } from "./wizard-script.js";

/** What commands stand on. */
export interface CommandsOptions {
  readonly table: MethodTable;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  /** `maxSentBytes`: a result that makes a larger stanza is told in a note only. */
  readonly limits: CommandLimits & AnswerLimits & { readonly maxSentBytes: number };
  /** Finds out which domains are room services, before a rule that admits whole domains decides. */
  readonly rooms?: RoomServices;
  /** Commands that are no methods. */
  readonly builtin?: readonly BuiltinCommand[];
  readonly log: Logger;
  readonly now?: () => number;
  readonly newSessionId?: () => string;
  /** Who asks when the link stamps no sender, and the address of the items: the own one. */
  ownJid(): Jid | undefined;
}

/** Attributes and tags around a command; addresses and id come on top. */
const ENVELOPE_BYTES = 128;

/** Serves the commands of a table and lists them in disco. */
export function createCommands(options: CommandsOptions): Feature {
  const { table, access, dispatcher, limits, log, builtin = [] } = options;
  const now = options.now ?? (() => performance.now());
  const engine = createCommandEngine({ limits, now, newId: options.newSessionId ?? createIdSource() });
  const answers = new Answers(limits, now);
  /** Scripts are made when they are first asked for, and again when the method is another. */
  const scripts = new WeakMap<MethodSpec, Script>();

  const scriptOf = (spec: MethodSpec): Script => {
    let script = scripts.get(spec);
    if (script === undefined) {
      script = isWizard(spec) ? wizardScript(spec, dispatcher) : methodScript(spec, dispatcher);
      scripts.set(spec, script);
    }
    return script;
  };

  /** Does something for the requester, once it is known whether its domain is a room service. */
  const forRequester = <T>(iq: IqRequest, use: (requester: Jid) => T | Promise<T>): T | Promise<T> => {
    const requester = iq.from ?? options.ownJid();
    if (requester === undefined) throw new StanzaError("bad-request", { text: "the request has no sender" });
    const isLookedAt = access.dependsOnRooms(requester) || builtin.some((one) => one.isFor(requester));
    const looking = isLookedAt ? options.rooms?.look(requester) : undefined;
    return looking === undefined ? use(requester) : looking.then(() => use(requester));
  };

  const findBuiltin = (node: string, requester: Jid): BuiltinCommand | undefined =>
    builtin.find((one) => one.node === node && (one.mayRun?.(requester) ?? one.isFor(requester)));

  /** May it be called is asked before is it there: names do not leak. */
  const find = (node: string, requester: Jid): MethodSpec => {
    if (!access.mayCall(requester, node).allowed)
      throw commandError("forbidden", `${requester.bare} may not use this command`);
    const spec = (table.find(node) ?? table.findWizard(node))?.spec;
    if (spec === undefined || spec.command === false) throw commandError("item-not-found", "no such command");
    return spec;
  };

  const serve = (iq: IqRequest, requester: Jid): XmlText | Promise<XmlText> => {
    const own = findBuiltin(iq.payload.attrs["node"] ?? "", requester);
    if (own !== undefined) {
      const reply = engine.handle(own.script(requester), decodeCommandRequest(iq.payload, iq.lang), requester);
      return reply instanceof Promise ? reply.then((later) => write(iq, later)) : write(iq, reply);
    }
    if (!access.mayCallAny(requester).allowed)
      throw commandError("forbidden", `${requester.bare} may not use commands of this responder`);
    const request = decodeCommandRequest(iq.payload, iq.lang);
    const spec = find(request.node, requester);
    const key = spec.atMostOnce === true ? requestKey(iq) : undefined;
    return answers.once({ from: requester.full, id: iq.id, payload: iq.payload }, key, () => {
      const reply = engine.handle(scriptOf(spec), request, requester);
      return reply instanceof Promise ? reply.then((later) => write(iq, later)) : write(iq, reply);
    });
  };

  /** What cannot be sent is told instead, since a method may have run. */
  const write = (iq: IqRequest, reply: CommandReply): XmlText => {
    const instead = (problem: string): XmlText => {
      log.warn("command.result-unsendable", { node: reply.node, problem });
      const { form: _form, ...rest } = reply;
      const what = reply.status === "executing" ? "The form" : "The command ran, but its result";
      return encodeCommandReply({ ...rest, notes: [{ type: "error", text: `${what} ${problem}.` }] });
    };
    try {
      const text = encodeCommandReply(reply);
      const addresses = 6 * (iq.id.length + (iq.fromText?.length ?? 0) + (iq.toText?.length ?? 0));
      if (Buffer.byteLength(text) + addresses + ENVELOPE_BYTES <= limits.maxSentBytes) return text;
      return instead(`is over the limit of ${limits.maxSentBytes} bytes`);
    } catch (error) {
      if (error instanceof XmlWriteError || ValueError.is(error)) return instead("cannot be written as XML");
      throw error;
    }
  };

  const itemsFor = (iq: IqRequest, requester: Jid): DiscoItem[] => {
    const jid = iq.toText ?? options.ownJid()?.full ?? "";
    const own = builtin.filter((one) => one.isFor(requester)).map(({ node, name }) => ({ jid, node, name }));
    const methods = [...table.list(), ...table.listWizards()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter((spec) => spec.command !== false && access.mayCall(requester, spec.name).allowed)
      .map((spec) => ({ jid, node: spec.name, name: labelOfCommand(spec) }));
    return [...own, ...methods];
  };

  const nodeFor = (node: string, iq: IqRequest, requester: Jid): DiscoNode | undefined => {
    if (node === NS.commands) {
      const identity = { category: "automation", type: "command-list", name: "Commands" };
      const info = { identities: [identity], features: [NS.commands, NS.discoInfo] };
      return { info, items: itemsFor(iq, requester) };
    }
    if (methodNameProblem(node) !== undefined) return undefined;
    const name = findBuiltin(node, requester)?.name ?? labelOfCommand(find(node, requester));
    const identity = { category: "automation", type: "command-node", name };
    return { info: { identities: [identity], features: [NS.commands, NS.dataForms, NS.discoInfo] } };
  };

  return {
    name: "commands",
    features: [NS.commands],
    discoNode: (node, iq) => forRequester(iq, (requester) => nodeFor(node, iq, requester)),
    routes: [
      {
        type: "set",
        ns: NS.commands,
        name: "command",
        handle: (iq) => forRequester(iq, (requester) => serve(iq, requester)),
      },
      {
        type: "get",
        ns: NS.commands,
        name: "command",
        handle: () => {
          throw commandError("bad-request", "commands are requests of type set (XEP-0050 §4.1)");
        },
      },
    ],
  };
}

/** A gateway whose commands are turned off says so (XEP-0050 §4.4). */
export function createNoCommands(): Feature {
  const refuse = (): never => {
    throw commandError("feature-not-implemented", "this responder has no commands");
  };
  return {
    name: "commands",
    routes: (["set", "get"] as const).map((type) => ({ type, ns: NS.commands, name: "command", handle: refuse })),
  };
}

/** What menus show: the name, and what it does. */
function labelOfCommand({ name, doc }: MethodSpec): string {
  const summary = summaryOf(doc);
  return summary === "" ? name : `${name}: ${summary}`;
}

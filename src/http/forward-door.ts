// Calls of other responders: POST /RPC2/{jid} goes out as a Jabber-RPC call and its answer comes back as it is.

import { type Jid, tryParseJid } from "../jid.js";
import {
  type CallCounts,
  type Dispatcher,
  type FaultCodeName,
  type FaultOutcome,
  type ForwardAccess,
  type Forwarder,
  faultCodes,
  type Outcome,
  type Requester,
} from "../rpc/index.js";
import type { ExactValue } from "../values/index.js";
import type { MethodCall } from "../xmlrpc-codec/index.js";
import { type ClosedDoor, type DoorAnswer, DoorError, type DoorRequest } from "./door.js";
import type { HttpLimits } from "./limits.js";
import { XML_TYPES, type XmlRpc } from "./xml-rpc.js";

/** What a forwarding door stands on. */
export interface ForwardDoorOptions {
  readonly xmlRpc: XmlRpc;
  readonly access: ForwardAccess;
  readonly forwarder: Forwarder;
  readonly dispatcher: Pick<Dispatcher, "newCallId">;
  readonly counts: Pick<CallCounts, "record">;
  readonly limits: Pick<HttpLimits, "forwardedInFlight" | "forwardedInFlightPerRequester" | "forwardTimeoutMs">;
}

const PREFIX = "/RPC2/";
/** What calls of others count as: the names of their methods are the callers' own. */
const FORWARDED = "(forwarded)";
const MULTICALL = "system.multicall";

/** The door, and the calls that are out. */
export class ForwardDoor implements ClosedDoor {
  readonly path = `${PREFIX}*`;
  readonly method = "POST";
  readonly takes = XML_TYPES;
  readonly open = false;
  readonly #options: ForwardDoorOptions;
  readonly #running = new Set<Promise<Outcome>>();
  readonly #perRequester = new Map<string, number>();
  readonly #stopping = new AbortController();
  #isDraining = false;

  constructor(options: ForwardDoorOptions) {
    this.#options = options;
  }

  handle({ requester, body, path }: DoorRequest): DoorAnswer | Promise<DoorAnswer> {
    const to = addressIn(path);
    if (to === undefined)
      throw new DoorError(400, "an address such as responder@example.org/gateway expected after /RPC2/");
    const { xmlRpc, counts } = this.#options;
    const counted = (outcome: Outcome): Outcome => {
      counts.record({ method: FORWARDED, requester }, outcome);
      return outcome;
    };
    return xmlRpc.answer(body, (call) => {
      const outcome = this.#forward(requester, to, call);
      return outcome instanceof Promise ? outcome.then(counted) : counted(outcome);
    });
  }

  /** Forwards nothing more, and resolves when nothing waits; what waits after `graceMs` is answered with a fault. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const timer = setTimeout(() => this.#stopping.abort(new Error("the gateway is shutting down")), graceMs);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  #forward(requester: Requester, to: Jid, call: MethodCall): Outcome | Promise<Outcome> {
    if (this.#isDraining) return this.#fault("shuttingDown", "the gateway is shutting down");
    const refused = this.#problem(requester.jid, to, call);
    if (refused !== undefined) return refused;
    const { forwardedInFlight, forwardedInFlightPerRequester, forwardTimeoutMs } = this.#options.limits;
    const own = this.#perRequester.get(requester.jid.full) ?? 0;
    if (this.#running.size >= forwardedInFlight) {
      return this.#fault("overloaded", `${forwardedInFlight} forwarded calls are in flight`);
    }
    if (own >= forwardedInFlightPerRequester) {
      return this.#fault("overloaded", `${forwardedInFlightPerRequester} of your forwarded calls are in flight`);
    }
    this.#perRequester.set(requester.jid.full, own + 1);
    const outcome = this.#options.forwarder.forward({
      requester,
      to,
      method: call.methodName,
      params: call.params,
      timeoutMs: forwardTimeoutMs,
      signal: this.#stopping.signal,
    });
    this.#running.add(outcome);
    const over = (): void => {
      this.#running.delete(outcome);
      const left = (this.#perRequester.get(requester.jid.full) ?? 1) - 1;
      if (left === 0) this.#perRequester.delete(requester.jid.full);
      else this.#perRequester.set(requester.jid.full, left);
    };
    outcome.then(over, over);
    return outcome;
  }

  /** A multicall is as many calls as it has slots: each must be allowed, and one that cannot be read is not passed on. */
  #problem(requester: Jid, to: Jid, { methodName, params }: MethodCall): FaultOutcome | undefined {
    const { access } = this.#options;
    const methods = methodName === MULTICALL ? slotMethods(params) : [];
    if (methods === undefined)
      return this.#fault("invalidParams", "params[0]: an array of {methodName, params} expected");
    const forbidden = [methodName, ...methods].find((method) => !access.mayForward(requester, to, method));
    if (forbidden === undefined) return undefined;
    return this.#fault("forbidden", `${requester.bare} may not have ${forbidden.slice(0, 100)} of ${to.full} called`);
  }

  #fault(name: FaultCodeName, text: string): FaultOutcome {
    return {
      kind: "fault",
      code: faultCodes[name].code,
      string: `${text} [call ${this.#options.dispatcher.newCallId()}]`,
    };
  }
}

function addressIn(path: string): Jid | undefined {
  try {
    return tryParseJid(decodeURIComponent(path.slice(PREFIX.length)));
  } catch {
    return undefined;
  }
}

/** The methods that a multicall would run; undefined when one of its slots is no plain call. */
function slotMethods(params: readonly ExactValue[]): readonly string[] | undefined {
  const [slots, ...others] = params;
  if (slots?.type !== "array" || others.length > 0) return undefined;
  const methods: string[] = [];
  for (const slot of slots.value) {
    const name =
      slot.type === "struct" && Object.hasOwn(slot.value, "methodName") ? slot.value["methodName"] : undefined;
    if (name?.type !== "string" || name.value === MULTICALL) return undefined;
    methods.push(name.value);
  }
  return methods;
}

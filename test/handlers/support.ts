// A responder with all shipped services, as a door sees it.

import { Examples, type SystemServiceOptions, systemService, Validator1 } from "../../src/handlers/index.js";
import { parseJid } from "../../src/jid.js";
import type { Logger } from "../../src/observe/index.js";
import {
  type AccessRule,
  compileAccess,
  createDispatcher,
  createMethodTable,
  createServices,
  exactArguments,
  type MethodSpec,
  type Outcome,
} from "../../src/rpc/index.js";
import { type ExactValue, exactOf, naturalOf } from "../../src/values/index.js";

/** What {@link responder} gives. */
export interface Responder {
  /** Calls with exact or, where they are told apart from those, natural values. */
  readonly call: (method: string, params?: readonly unknown[], from?: string) => Promise<Outcome>;
  /** The same, and the result as it would be read back; a fault or refusal becomes text. */
  readonly ask: (method: string, params?: readonly unknown[], from?: string) => Promise<unknown>;
}

/** Marks an exact value among natural ones. */
export class Typed {
  readonly exact: ExactValue;
  constructor(exact: ExactValue) {
    this.exact = exact;
  }
}

/** A responder with `system`, `examples`, `validator1` and the given methods. */
export async function responder(
  options: {
    readonly methods?: readonly MethodSpec[];
    readonly rules?: readonly AccessRule[];
    readonly log?: Logger;
    readonly system?: Partial<SystemServiceOptions>;
  } = {},
): Promise<Responder> {
  const { methods = [], rules = [{ anyone: true }], log, system } = options;
  const table = createMethodTable();
  const access = compileAccess(rules);
  const services = await createServices({ services: [Examples, Validator1] });
  table.add([...services.methods, ...methods]);
  let ids = 0;
  const dispatcher = createDispatcher({
    table,
    access,
    storage: services.storage,
    ...(log === undefined ? {} : { log }),
    newCallId: () => {
      ids += 1;
      return `c${ids}`;
    },
  });
  table.addReserved(systemService({ table, access, dispatcher, ...system }));
  const call: Responder["call"] = async (method, params = [], from = "alice@example.org/desk") =>
    dispatcher.dispatch({
      method,
      args: exactArguments(params.map((param) => (param instanceof Typed ? param.exact : exactOf(param)))),
      requester: { jid: parseJid(from) },
      via: "test",
    });
  return {
    call,
    async ask(method, params, from) {
      const outcome = await call(method, params, from);
      switch (outcome.kind) {
        case "value":
          return outcome.value === undefined ? undefined : naturalOf(exactOf(outcome.value, outcome.returns));
        case "fault":
          return `fault ${outcome.code}: ${outcome.string}`;
        case "refused":
          return `${outcome.reason}: ${outcome.text}`;
      }
    },
  };
}

// The service `system`: introspection and multicall. It shows no more than what the caller may call.
// XML-RPC introspection; system.multicall (xmlrpc.com/discuss/msgReader$1208); system.getCapabilities.
import {
  type Access,
  any,
  array,
  buildMethod,
  type CallContext,
  type Dispatcher,
  describeMethod,
  exact,
  int,
  type MethodSpec,
  type MethodTable,
  named,
  record,
  serverFault,
  signaturesOf,
  string,
  struct,
  withDefaultLimits,
} from "../rpc/index.js";
import type { ExactValue } from "../values/index.js";
import { multicall } from "./multicall.js";

/** One entry of system.getCapabilities. */
export interface Capability {
  readonly specUrl: string;
  readonly specVersion: number;
}

/** Options of {@link systemService}. */
export interface SystemServiceOptions {
  readonly table: Pick<MethodTable, "find" | "list">;
  readonly access: Pick<Access, "mayCall">;
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly limits?: { readonly multicallSlots?: number };
  /** Further entries of getCapabilities. */
  readonly capabilities?: Readonly<Record<string, Capability>>;
  /** What a void method's slot of a multicall holds: the same as the doors answer. Default: an empty string. */
  readonly voidResult?: ExactValue;
}

const CAPABILITIES: Readonly<Record<string, Capability>> = Object.freeze({
  xmlrpc: { specUrl: "http://www.xmlrpc.com/spec", specVersion: 1 },
  faults_interop: { specUrl: "http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", specVersion: 20010516 },
  introspection: { specUrl: "http://scripts.incutio.com/xmlrpc/introspection.html", specVersion: 1 },
  "system.multicall": { specUrl: "http://www.xmlrpc.com/discuss/msgReader$1208", specVersion: 1 },
  nil: { specUrl: "http://www.ontosys.com/xml-rpc/extensions.php", specVersion: 20010518 },
});
const EMPTY_STRING: ExactValue = Object.freeze({ type: "string", value: "" });

/** The methods `system.*` over a table, for {@link MethodTable.addReserved}. */
export function systemService(options: SystemServiceOptions): readonly MethodSpec[] {
  const { table, access, dispatcher, capabilities, voidResult = EMPTY_STRING } = options;
  const maxSlots = options.limits?.multicallSlots ?? withDefaultLimits().multicallSlots;

  /** Answers the same for what is not there and for what is not the caller's to see. */
  const visible = (name: string, call: CallContext): MethodSpec => {
    const method = access.mayCall(call.requester.jid, name).allowed ? table.find(name) : undefined;
    if (method === undefined) throw serverFault("methodNotFound", `no method ${name.slice(0, 100)}`);
    return method.spec;
  };
  const name = named("name", string);

  return [
    buildMethod(
      "system.listMethods",
      { params: [], returns: array(string), doc: "The names of all methods that you may call, sorted." },
      (call) =>
        table
          .list()
          .map((method) => method.name)
          .filter((method) => access.mayCall(call.requester.jid, method).allowed),
    ),
    buildMethod(
      "system.methodSignature",
      {
        params: [name],
        returns: any,
        doc: "The signatures of a method, each a list: its result, then its parameters; `undef` where nothing is declared.",
      },
      (method, call) => signaturesOf(visible(method, call)),
    ),
    buildMethod(
      "system.methodHelp",
      { params: [name], returns: string, doc: "What a method does, for people." },
      (method, call) => visible(method, call).doc ?? "",
    ),
    buildMethod(
      "system.describe",
      { params: [name], returns: any, doc: "A method as an OpenRPC method object." },
      (method, call) => describeMethod(visible(method, call)),
    ),
    buildMethod(
      "system.multicall",
      {
        params: [named("calls", array(exact))],
        returns: array(exact),
        doc: "Runs calls {methodName, params} in order. Each slot is a list of one result, or a fault.",
        // A list of calls is nothing that a person types into a form.
        command: false,
      },
      (slots, call) => multicall(slots, call, { dispatcher, table, maxSlots, voidResult }),
    ),
    buildMethod(
      "system.getCapabilities",
      {
        params: [],
        returns: record(struct({ specUrl: string, specVersion: int })),
        doc: "The specifications that this responder follows.",
      },
      () => ({ ...CAPABILITIES, ...capabilities }),
    ),
    buildMethod(
      "system.whoami",
      {
        params: [],
        returns: struct({ jid: string, via: string }),
        doc: "Who you are to this responder, and by which door you came.",
      },
      (call) => ({ jid: call.requester.jid.full, via: call.via }),
    ),
  ];
}

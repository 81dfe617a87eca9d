// Helpers of the tests in this folder: a gateway's inside with one caller, over the front door of src/rpc.
import { type Jid, parseJid } from "../../src/jid.js";
import type { LogFields, Logger } from "../../src/observe/index.js";
import {
  type AccessRule,
  compileAccess,
  createDispatcher,
  createMethodTable,
  type Dispatcher,
  type DispatcherOptions,
  exactArguments,
  type MethodSpec,
  type MethodTable,
  type Outcome,
} from "../../src/rpc/index.js";
import { type ExactValue, exactOf } from "../../src/values/index.js";

/** One line that was logged. */
export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that remembers. */
export function memoryLog(): Logger & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: LoggedLine["level"]) =>
    (event: string, fields: LogFields = {}): void =>
      void lines.push({ level, event, fields });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** What {@link testDispatcher} gives. */
export interface TestDispatcher {
  readonly dispatcher: Dispatcher;
  readonly table: MethodTable;
  readonly log: ReturnType<typeof memoryLog>;
  /** Calls with natural values, or with exact ones where the type matters. */
  readonly call: (method: string, params?: readonly unknown[], from?: Jid | string) => Outcome | Promise<Outcome>;
}

/** A dispatcher that anyone may call, with call ids c1, c2 … */
export function testDispatcher(
  methods: readonly MethodSpec[],
  options: Partial<DispatcherOptions> & { readonly rules?: readonly AccessRule[] } = {},
): TestDispatcher {
  const table = options.table ?? createMethodTable();
  table.add(methods);
  const log = memoryLog();
  let ids = 0;
  const dispatcher = createDispatcher({
    table,
    access: compileAccess(options.rules ?? [{ anyone: true }]),
    log,
    newCallId: () => {
      ids += 1;
      return `c${ids}`;
    },
    ...options,
  });
  return {
    dispatcher,
    table,
    log,
    call: (method, params = [], from = "alice@example.org/desk") =>
      dispatcher.dispatch({
        method,
        args: exactArguments(params.map(toExact)),
        requester: { jid: typeof from === "string" ? parseJid(from) : from },
        via: "test",
      }),
  };
}

const EXACT = Symbol("exact");

/** Marks an exact value among natural ones. */
export function typed(value: ExactValue): unknown {
  return { [EXACT]: value };
}

function toExact(value: unknown): ExactValue {
  if (typeof value === "object" && value !== null && EXACT in value) {
    // typed() put it there.
    return value[EXACT] as ExactValue;
  }
  return exactOf(value);
}

// The parameters of a JSON-RPC call, by position or by name, read by the method's own shapes (JSON-RPC 2.0 §4.2).

import { type Arguments, type MethodSpec, type MethodTable } from "../rpc/index.js";
import { compileReader, type DateZone, exactFromJson, ValueError } from "../values/index.js";

/** Parameters in their order. */
export function positionalArguments(values: readonly unknown[], zone: DateZone): Arguments {
  return { count: values.length, read: readerOf(() => values, zone) };
}

/**
 * Parameters by name. Names are looked up only when the dispatcher reads them, which is after it has found that the
 * caller may call the method: so they tell nobody else what a method takes.
 */
export function namedArguments(
  values: Readonly<Record<string, unknown>>,
  method: string,
  table: Pick<MethodTable, "find">,
  zone: DateZone,
): Arguments {
  let ordered: readonly unknown[] | undefined;
  const inOrder = (): readonly unknown[] => {
    ordered ??= order(values, table.find(method)?.spec);
    return ordered;
  };
  return {
    get count() {
      return inOrder().length;
    },
    read: readerOf(inOrder, zone),
  };
}

function readerOf(values: () => readonly unknown[], zone: DateZone): Arguments["read"] {
  return (index, shape, reader) => {
    const value = values()[index];
    // A name that was left out before one that was given.
    if (value === undefined && shape.kind === "optional") return undefined;
    return (reader ?? compileReader(shape))(exactFromJson(value, shape, zone));
  };
}

function order(values: Readonly<Record<string, unknown>>, spec: MethodSpec | undefined): readonly unknown[] {
  const names = (spec?.params ?? []).map((param, index) => param.name ?? `param${index + 1}`);
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown !== undefined) throw problem(`no parameter is named ${JSON.stringify(unknown.slice(0, 100))}`);
  const last = names.findLastIndex((name) => Object.hasOwn(values, name));
  return names.slice(0, last + 1).map((name, index) => {
    if (Object.hasOwn(values, name)) return values[name];
    if (spec?.params[index]?.shape.kind === "optional") return undefined;
    throw problem(`${name} is missing`);
  });
}

function problem(text: string): ValueError {
  return new ValueError(text).within("params");
}

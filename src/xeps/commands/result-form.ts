// How a call ended, for people: readable fields, a table, JSON for what is neither; a fault is an error note
// (XEP-0050 §3.6; XEP-0004 §3.4).

import { type FaultOutcome, faultCodes, type ValueOutcome } from "../../rpc/index.js";
import { type ExactValue, exactOf, jsonOfValue, type Shape, unnamed, ValueError } from "../../values/index.js";
import type { Field, Form } from "../data-forms/index.js";
import { labelOf } from "./labels.js";
import type { CommandEnd } from "./script.js";

type StructValue = Extract<ExactValue, { readonly type: "struct" }>;

/** A fault. */
export function endOfFault({ code, string }: Pick<FaultOutcome, "code" | "string">): CommandEnd {
  return { notes: [{ type: "error", text: `${string} (fault ${code})` }] };
}

/** A result; one that is not of its declared type is a fault, as at every door. */
export function endOfValue({ value, returns, call }: ValueOutcome): CommandEnd {
  if (value === undefined) return { notes: [{ type: "info", text: "Done." }] };
  try {
    const exact = exactOf(value, returns);
    return { notes: [], form: formOfValue(exact, returns === undefined ? { kind: "any" } : bare(returns)) };
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    const problem = error.within("result").message;
    call.log.error("call.result-unsendable", { problem });
    return endOfFault({ code: faultCodes.internalError.code, string: `${problem} [call ${call.id}]` });
  }
}

function formOfValue(exact: ExactValue, shape: Shape): Form {
  const table = tableOf(exact, shape);
  if (table !== undefined) return { type: "result", fields: [], ...table };
  if (exact.type === "struct") {
    const members = shape.kind === "struct" ? shape.members : {};
    const fields = Object.entries(exact.value).map(([name, member]) =>
      fieldOf(name, labelOf(name), member, Object.hasOwn(members, name) ? members[name] : undefined),
    );
    if (fields.length > 0) return { type: "result", fields };
  }
  return { type: "result", fields: [fieldOf("result", "Result", exact, shape)] };
}

/** A list of structs of scalars is a table; its columns are the declared members, or all that are there. */
function tableOf(exact: ExactValue, shape: Shape): Pick<Form, "reported" | "items"> | undefined {
  if (exact.type !== "array") return undefined;
  const declared = shape.kind === "array" ? bare(shape.items) : undefined;
  const members = declared?.kind === "struct" ? declared.members : {};
  const rows = exact.value.filter((item): item is StructValue => item.type === "struct");
  if (rows.length < exact.value.length || (rows.length === 0 && declared?.kind !== "struct")) return undefined;
  const names = [...new Set([...Object.keys(members), ...rows.flatMap((row) => Object.keys(row.value))])];
  const cells = rows.map((row) => names.map((name) => (Object.hasOwn(row.value, name) ? row.value[name] : undefined)));
  if (names.length === 0 || cells.flat().some((cell) => cell !== undefined && !isScalar(cell))) return undefined;
  return {
    reported: names.map((name) => ({
      var: name,
      label: labelOf(name),
      type: isSecret(members[name]) ? "text-private" : "text-single",
      values: [],
    })),
    items: cells.map((row) =>
      row.map((cell, column) => ({
        var: names[column] ?? "",
        values: [cell !== undefined && isScalar(cell) ? textOfScalar(cell) : ""],
      })),
    ),
  };
}

function fieldOf(name: string, label: string, exact: ExactValue, shape: Shape | undefined): Field {
  const base = { var: name, label };
  if (isSecret(shape))
    return { ...base, type: "text-private", values: [isScalar(exact) ? textOfScalar(exact) : jsonText(exact)] };
  if (exact.type === "boolean") return { ...base, type: "boolean", values: [String(exact.value)] };
  if (isScalar(exact)) {
    const lines = textOfScalar(exact).split(/\r\n|\r|\n/);
    return { ...base, type: lines.length > 1 ? "text-multi" : "text-single", values: lines };
  }
  const lines = exact.type === "array" ? linesOf(exact.value) : undefined;
  if (lines !== undefined) return { ...base, type: "text-multi", values: lines };
  return { ...base, type: "text-multi", values: jsonText(exact).split("\n") };
}

/** One line for each item; undefined where that cannot be. */
function linesOf(items: readonly ExactValue[]): string[] | undefined {
  const scalars = items.filter(isScalar);
  const lines = scalars.map(textOfScalar);
  return scalars.length < items.length || lines.some((line) => /[\r\n]/.test(line)) ? undefined : lines;
}

type ScalarValue = Exclude<ExactValue, { readonly type: "array" | "struct" }>;

function isScalar(exact: ExactValue): exact is ScalarValue {
  return exact.type !== "array" && exact.type !== "struct";
}

function textOfScalar(exact: ScalarValue): string {
  if (exact.type === "nil") return "nil";
  const json = jsonOfValue(exact);
  return typeof json === "string" ? json : JSON.stringify(json);
}

function jsonText(exact: ExactValue): string {
  return JSON.stringify(jsonOfValue(exact), null, 2);
}

function isSecret(shape: Shape | undefined): boolean {
  const inner = shape === undefined ? undefined : bare(shape);
  return inner?.kind === "string" && inner.secret === true;
}

/** The shape itself, behind names and whether it may be missing. */
function bare(shape: Shape): Shape {
  const inner = unnamed(shape);
  return inner.kind === "optional" || inner.kind === "nullable" ? bare(inner.inner) : inner;
}

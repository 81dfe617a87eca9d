// What a command answered, for people and for scripts (XEP-0050 §3.6; XEP-0004 §3.4).

import type { JsonValue } from "../values/index.js";
import { type CommandReply, type Field, type Form, isMulti, typeOf } from "../xeps/index.js";
import { printable, table } from "./printable.js";

/** What stands for a value that is not to be seen. */
const HIDDEN_VALUE = "********";

/** A result as lines: its fields with their labels, or its table. Empty for one that shows nothing. */
export function textOfResult({ title, instructions = [], fields, reported, items }: Form): string {
  const lines = [title ?? "", ...instructions].filter((line) => line !== "").map((line) => printable(line));
  lines.push(...fields.flatMap(linesOfField));
  if (items !== undefined) lines.push(tableOf(reported, items));
  return lines.join("\n");
}

function linesOfField(field: Field): string[] {
  const { values } = field;
  const label = labelOfField(field);
  switch (typeOf(field)) {
    case "hidden":
      return [];
    case "fixed":
      return values.map((value) => printable(value, "lines"));
    case "text-private":
      return [`${label}: ${HIDDEN_VALUE}`];
    case "boolean":
      return [`${label}: ${isTrue(values) ? "yes" : "no"}`];
    case "jid-multi":
    case "jid-single":
    case "list-multi":
    case "list-single":
    case "text-multi":
    case "text-single": {
      const lines = values.flatMap((value) => value.split("\n")).map((line) => printable(line.replace(/\r$/, "")));
      // Texts of several lines are shown below their label, as they are.
      return lines.length > 1 ? [`${label}:`, ...lines.map((line) => `  ${line}`)] : [`${label}: ${lines[0] ?? ""}`];
    }
  }
}

/** A field's label, or else its name; others end theirs with a colon. */
export function labelOfField(field: Field): string {
  return printable(field.label ?? field.var ?? "").replace(/:\s*$/, "");
}

function tableOf(reported: readonly Field[] | undefined, items: readonly (readonly Field[])[]): string {
  const columns = reported ?? items[0] ?? [];
  const head = columns.map((column) => column.label ?? column.var ?? "");
  const rows = items.map((item) =>
    columns.map((column) =>
      typeOf(column) === "text-private"
        ? HIDDEN_VALUE
        : (item.find((field) => field.var === column.var)?.values ?? []).join(", "),
    ),
  );
  return table([head, ...rows]);
}

/** A reply as JSON: its notes, and its fields by name, or its table row by row. */
export function jsonOfReply({ status, notes, form }: CommandReply): JsonValue {
  return {
    status,
    notes: notes.map(({ type, text }) => ({ type, text })),
    ...(form === undefined || form.fields.length === 0 ? {} : { fields: jsonOfFields(form.fields) }),
    ...(form?.items === undefined ? {} : { items: form.items.map((item) => jsonOfFields(item, form.reported)) }),
  };
}

function jsonOfFields(fields: readonly Field[], columns: readonly Field[] = []): JsonValue {
  const shown = fields.filter((field) => field.var !== undefined && typeOf(field) !== "hidden");
  return Object.fromEntries(
    shown.map((field): [string, JsonValue] => {
      const column = columns.find(({ var: name }) => name === field.var);
      const type = typeOf(field.type === undefined && column !== undefined ? column : field);
      if (type === "boolean") return [field.var ?? "", isTrue(field.values)];
      return [field.var ?? "", isMulti(type) ? [...field.values] : (field.values[0] ?? "")];
    }),
  );
}

function isTrue(values: readonly string[]): boolean {
  return values[0] === "1" || values[0] === "true";
}

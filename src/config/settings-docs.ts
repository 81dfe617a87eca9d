// What is made from the settings schema: settings.schema.json for editors, and the tables of docs/settings.md.

import { z } from "zod";
import { settingsSchema } from "./settings-schema.js";

/** A JSON Schema as far as the tables need it. */
interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
}

/** One key of the settings file. */
export interface SettingsRow {
  /** `link.service`, `access[].allow`. */
  readonly key: string;
  /** Of a link: the mode that the key belongs to; else empty. */
  readonly mode: string;
  /** What is accepted, for people. */
  readonly accepted: string;
  /** As YAML; empty when the key has no default. */
  readonly byDefault: string;
  readonly doc: string;
}

/** The JSON Schema of a settings file as it is written, for editors. */
export function settingsJsonSchema(): object {
  const schema = z.toJSONSchema(settingsSchema, { io: "input" });
  return { ...schema, title: "Settings of a jabber-rpc gateway" };
}

/** Every key of the settings file, in the order of the schema. */
export function settingsRows(): readonly SettingsRow[] {
  return rowsOf(settingsNode(), "", "");
}

/** The generated part of docs/settings.md: one table for each key at the top of the file. */
export function settingsTables(): string {
  const rows = settingsRows();
  const sections = Object.entries(settingsNode().properties ?? {}).map(([key, node]) => {
    const own = rows.filter((row) => row.key === key || row.key.startsWith(`${key}.`) || row.key.startsWith(`${key}[`));
    const isWhole = own.length === 1 && own[0]?.key === key;
    const intro = isWhole ? [] : [node.description ?? "", ""];
    return [`### \`${key}\``, "", ...intro, ...tableOf(own)].join("\n");
  });
  return sections.join("\n\n");
}

function settingsNode(): SchemaNode {
  return settingsJsonSchema();
}

function tableOf(rows: readonly SettingsRow[]): string[] {
  const hasModes = rows.some((row) => row.mode !== "");
  const head = ["key", ...(hasModes ? ["mode"] : []), "accepted", "default", "what it does"];
  const cells = rows.map((row) => [
    `\`${row.key}\``,
    ...(hasModes ? [row.mode] : []),
    row.accepted,
    row.byDefault === "" ? "" : `\`${row.byDefault}\``,
    row.doc,
  ]);
  return [head, head.map(() => "---"), ...cells].map((row) => `| ${row.map(escapeCell).join(" | ")} |`);
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function rowsOf(node: SchemaNode, key: string, mode: string): SettingsRow[] {
  const alternatives = (node.oneOf ?? node.anyOf ?? []).filter((one) => one.properties !== undefined);
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([name, inner]) => {
      const innerKey = key === "" ? name : `${key}.${name}`;
      const required = node.required?.includes(name) === true ? "required" : "";
      return rowsOf(inner, innerKey, mode).map((row) => (row.key === innerKey ? withDefault(row, required) : row));
    });
  }
  if (node.items?.properties !== undefined) return rowsOf(node.items, `${key}[]`, mode);
  if (node.items?.anyOf !== undefined) return dedupe(rowsOf(node.items, `${key}[]`, mode));
  if (alternatives.length > 0 && !isSecret(node)) {
    // A key may also be a single value: `accounts: FILE` beside `accounts: {http: …}`.
    const single = node.anyOf?.find((one) => one.properties === undefined);
    const own = single === undefined ? [] : [rowOf(node, key, mode, acceptedOf(single))];
    return [...own, ...alternatives.flatMap((one) => rowsOf(one, key, modeOf(one) ?? mode))];
  }
  return [rowOf(node, key, mode, acceptedOf(node))];
}

function rowOf(node: SchemaNode, key: string, mode: string, accepted: string): SettingsRow {
  return { key, mode, accepted, byDefault: defaultOf(node), doc: node.description ?? "" };
}

/** Rules share their `methods`. */
function dedupe(rows: readonly SettingsRow[]): SettingsRow[] {
  return rows.filter((row, index) => rows.findIndex((other) => other.key === row.key) === index);
}

function withDefault(row: SettingsRow, required: string): SettingsRow {
  return row.byDefault === "" && required !== "" && !row.key.includes("[]")
    ? { ...row, accepted: `${row.accepted}, required` }
    : row;
}

function modeOf(node: SchemaNode): string | undefined {
  const mode = node.properties?.["mode"]?.const;
  return typeof mode === "string" ? mode : undefined;
}

function isSecret(node: SchemaNode): boolean {
  return (
    node.anyOf?.every(
      (one) => one.properties !== undefined && ("file" in one.properties || "env" in one.properties),
    ) === true
  );
}

function acceptedOf(node: SchemaNode): string {
  if (isSecret(node)) return "`{file: PATH}` or `{env: NAME}`";
  if (node.const !== undefined) return `\`${JSON.stringify(node.const).replaceAll('"', "")}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node.anyOf !== undefined) return node.anyOf.map(acceptedOf).join(" or ");
  if (node.items !== undefined)
    return node.items.type === "object" ? "list of objects" : `list of ${acceptedOf(node.items)}s`;
  if (typeof node.additionalProperties === "object") return `map from text to ${acceptedOf(node.additionalProperties)}`;
  if (node.type === "integer") return `whole number from ${node.minimum ?? 1}`;
  if (node.type === "string") return "text";
  return node.type ?? "";
}

function defaultOf(node: SchemaNode): string {
  const { default: value } = node;
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

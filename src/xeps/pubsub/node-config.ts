// The configuration of nodes as forms (XEP-0060 §8.2, §16.4.4, §7.1.5; XEP-0004; XEP-0068).

import type { NodeConfig } from "../../ports/index.js";
import { ValueError } from "../../values/index.js";
import { findChild, type XmlElement, type XmlText } from "../../xml/index.js";
import { decodeForm } from "../data-forms/decode-form.js";
import { encodeForm } from "../data-forms/encode-form.js";
import { type Field, FORM_TYPE } from "../data-forms/form.js";
import { NS } from "../namespaces.js";

const PREFIX = "pubsub#";
/** COMPAT(ejabberd 23.01): fields that stand in a node's form only once they have a value. */
const UNLISTED: ReadonlySet<string | undefined> = new Set(["pubsub#title", "pubsub#description", "pubsub#type"]);

/** The submitted form of a configuration, or of the conditions of a publication, by its FORM_TYPE. */
export function writeConfig(formType: string, config: NodeConfig): XmlText {
  return encodeForm({ type: "submit", fields: [formTypeField(formType), ...fieldsOf(config)] });
}

/**
 * The whole form of a node with the given fields changed: services differ in what they make of a part of it.
 *
 * @throws ValueError for a field that the form has not
 */
export function writeChangedConfig(formType: string, form: readonly Field[], config: NodeConfig): XmlText {
  const changed = new Map(fieldsOf(config).map((field) => [field.var, field] as const));
  const known = new Set(form.map((field) => field.var));
  for (const { var: name } of changed.values())
    if (!known.has(name) && !UNLISTED.has(name)) throw new ValueError(`the service's nodes have no field ${name}`);
  const kept = form.filter((field) => field.type !== "fixed" && field.var !== undefined && field.var !== FORM_TYPE);
  const fields = [
    ...kept.map((field) => changed.get(field.var) ?? withoutType(field)),
    ...[...changed.values()].filter((field) => !known.has(field.var)),
  ];
  return encodeForm({ type: "submit", fields: [formTypeField(formType), ...fields] });
}

/** The fields of the configuration form in a `<configure/>`; empty where there is none. */
export function readConfigFields(configure: XmlElement): readonly Field[] {
  const form = findChild(configure, "x", NS.dataForms);
  return form === undefined ? [] : decodeForm(form).fields;
}

/** Field by field, without those that only explain. */
export function configOf(fields: readonly Field[]): Readonly<Record<string, readonly string[]>> {
  const named = fields.filter((field) => field.type !== "fixed" && field.var !== FORM_TYPE);
  return Object.fromEntries(named.map((field) => [field.var ?? "", field.values]));
}

/** In an answer the asker knows the types. */
function withoutType({ var: name, values }: Field): Field {
  return { ...(name === undefined ? {} : { var: name }), values };
}

function formTypeField(formType: string): Field {
  return { var: FORM_TYPE, type: "hidden", values: [formType] };
}

function fieldsOf(config: NodeConfig): Field[] {
  return Object.entries(config).map(([name, value]) => ({
    var: name.startsWith(PREFIX) ? name : `${PREFIX}${name}`,
    values: valuesOf(value),
  }));
}

function valuesOf(value: NodeConfig[string]): readonly string[] {
  if (typeof value === "boolean") return [value ? "1" : "0"];
  if (typeof value === "number") return [String(value)];
  return typeof value === "string" ? [value] : value;
}

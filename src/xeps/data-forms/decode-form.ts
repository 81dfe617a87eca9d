// Elements to forms. Readers are lenient: what has no meaning is left out, since a form is shown to people (XEP-0004 §3).

import { ValueError } from "../../values/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../../xml/index.js";
import { NS } from "../namespaces.js";
import {
  FIELD_TYPES,
  type Field,
  type FieldOption,
  type FieldType,
  type Form,
  type FormType,
  type Validation,
  type ValidationMethod,
} from "./form.js";

/** The first form among the children of an element. */
export function findForm(parent: XmlElement): XmlElement | undefined {
  return findChild(parent, "x", NS.dataForms);
}

/**
 * Reads an `<x/>`.
 *
 * An unknown field type counts as text-single; a field without a name that is not fixed, a second field of a name, an
 * option without a value are left out.
 *
 * @throws ValueError when its type is missing or none that XEP-0004 defines
 */
export function decodeForm(x: XmlElement): Form {
  const { type } = x.attrs;
  if (!isFormType(type)) throw new ValueError("the form's type must be form, submit, cancel or result");
  const children = childElements(x).filter((child) => child.ns === x.ns);
  const named = (name: string): XmlElement[] => children.filter((child) => child.name === name);
  const [title] = named("title");
  const [reported] = named("reported");
  const items = named("item");
  return {
    type,
    ...(title === undefined ? {} : { title: textOf(title) }),
    instructions: named("instructions").map(textOf),
    fields: decodeFields(named("field")),
    ...(reported === undefined ? {} : { reported: fieldsIn(reported) }),
    // COMPAT(XEP-0004 §3.4): rows are read wherever they stand, and without a head.
    ...(items.length === 0 && reported === undefined ? {} : { items: items.map(fieldsIn) }),
  };
}

function fieldsIn(parent: XmlElement): Field[] {
  return decodeFields(childElements(parent).filter((child) => child.name === "field" && child.ns === parent.ns));
}

function decodeFields(elements: readonly XmlElement[]): Field[] {
  const fields: Field[] = [];
  const names = new Set<string>();
  for (const one of elements) {
    const field = decodeField(one);
    if (field.var === undefined ? field.type !== "fixed" : names.has(field.var)) continue;
    if (field.var !== undefined) names.add(field.var);
    fields.push(field);
  }
  return fields;
}

function decodeField(field: XmlElement): Field {
  const { type, label } = field.attrs;
  const desc = findChild(field, "desc");
  const validate = findChild(field, "validate", NS.dataValidate);
  const own = childElements(field).filter((child) => child.ns === field.ns);
  const options = own.filter((child) => child.name === "option").flatMap(decodeOption);
  return {
    ...(type === undefined ? {} : { type: isFieldType(type) ? type : "text-single" }),
    ...(field.attrs["var"] === undefined ? {} : { var: field.attrs["var"] }),
    ...(label === undefined ? {} : { label }),
    ...(desc === undefined ? {} : { desc: textOf(desc) }),
    ...(findChild(field, "required") === undefined ? {} : { isRequired: true }),
    values: own.filter((child) => child.name === "value").map(textOf),
    ...(options.length === 0 ? {} : { options: uniqueOptions(options) }),
    ...(validate === undefined ? {} : { validation: decodeValidation(validate) }),
  };
}

function decodeOption(option: XmlElement): FieldOption[] {
  const value = findChild(option, "value");
  const { label } = option.attrs;
  if (value === undefined) return [];
  return [{ ...(label === undefined ? {} : { label }), value: textOf(value) }];
}

function uniqueOptions(options: readonly FieldOption[]): FieldOption[] {
  const byValue = new Map<string, FieldOption>();
  for (const option of options) if (!byValue.has(option.value)) byValue.set(option.value, option);
  return [...byValue.values()];
}

function decodeValidation(validate: XmlElement): Validation {
  const listRange = findChild(validate, "list-range");
  return {
    datatype: validate.attrs["datatype"] ?? "xs:string",
    method: decodeMethod(validate),
    ...(listRange === undefined ? {} : { listRange: { ...bound("min", listRange), ...bound("max", listRange) } }),
  };
}

/** XEP-0122 §4.1: a method that is not known counts as basic. */
function decodeMethod(validate: XmlElement): ValidationMethod {
  const method = childElements(validate).find((child) => child.ns === validate.ns && child.name !== "list-range");
  if (method === undefined) return { kind: "basic" };
  switch (method.name) {
    case "open":
      return { kind: "open" };
    case "range": {
      const { min, max } = method.attrs;
      return { kind: "range", ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
    case "regex":
      return { kind: "regex", pattern: textOf(method) };
    default:
      return { kind: "basic" };
  }
}

function bound<Name extends "min" | "max">(name: Name, listRange: XmlElement): { [N in Name]?: number } {
  const text = listRange.attrs[name] ?? "";
  // The computed key is Name.
  return /^\d{1,9}$/.test(text) ? ({ [name]: Number(text) } as { [N in Name]?: number }) : {};
}

function isFormType(type: string | undefined): type is FormType {
  return type === "form" || type === "submit" || type === "cancel" || type === "result";
}

function isFieldType(type: string): type is FieldType {
  return FIELD_TYPES.some((known) => known === type);
}

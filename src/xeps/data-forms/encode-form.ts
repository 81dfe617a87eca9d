// Forms to elements. A form that breaks a rule is our own mistake and is refused (XEP-0004 §3; XEP-0122 §3; XEP-0068).

import { ValueError } from "../../values/index.js";
import { element, escapeText, type XmlText } from "../../xml/index.js";
import { NS } from "../namespaces.js";
import { type Field, FORM_TYPE, type Form, isList, isMulti, typeOf, type Validation } from "./form.js";

/**
 * The `<x/>` of a form.
 *
 * @throws ValueError for a field without a name, a name that stands twice, several values where one is allowed, options
 * outside of lists, options that are not unique, a table whose rows lack a column
 * @throws XmlWriteError for text that XML cannot carry
 */
export function encodeForm(form: Form): XmlText {
  checkForm(form);
  const children = [
    ...(form.title === undefined ? [] : [textElement("title", oneLine(form.title))]),
    ...(form.instructions ?? []).map((line) => textElement("instructions", oneLine(line))),
  ];
  if (form.reported !== undefined) {
    children.push(element("reported", {}, ...form.reported.map((field) => encodeField(field, form.type))));
    for (const item of form.items ?? [])
      children.push(element("item", {}, ...item.map((field) => encodeField(field, "submit"))));
  }
  for (const field of form.fields) children.push(encodeField(field, form.type));
  return element("x", { xmlns: NS.dataForms, type: form.type }, ...children);
}

function encodeField(field: Field, formType: Form["type"]): XmlText {
  const { label, desc, isRequired, options = [], validation } = field;
  const children = [
    ...(desc === undefined ? [] : [textElement("desc", desc)]),
    ...(isRequired === true ? [element("required", {})] : []),
    ...(validation === undefined ? [] : [encodeValidation(validation)]),
    ...field.values.map((value) => textElement("value", value)),
    ...options.map((option) => element("option", { label: option.label }, textElement("value", option.value))),
  ];
  // XEP-0004 §3.2: a form says every type; in an answer the asker knows them.
  const type = field.type ?? (formType === "form" ? typeOf(field) : undefined);
  return element("field", { var: field.var, type, label }, ...children);
}

function encodeValidation({ datatype, method, listRange }: Validation): XmlText {
  const children = [];
  switch (method.kind) {
    case "basic":
    case "open":
      children.push(element(method.kind, {}));
      break;
    case "range":
      children.push(element("range", { min: method.min, max: method.max }));
      break;
    case "regex":
      children.push(textElement("regex", method.pattern));
      break;
  }
  if (listRange !== undefined)
    children.push(element("list-range", { min: listRange.min?.toString(), max: listRange.max?.toString() }));
  return element("validate", { xmlns: NS.dataValidate, datatype }, ...children);
}

function checkForm(form: Form): void {
  const { reported, items } = form;
  checkFields(form.fields, form.type);
  if (items !== undefined && reported === undefined) throw new ValueError("items without reported");
  if (reported === undefined) return;
  // XEP-0004 §3.4: beside a table there are no other fields, but the one that names the form's kind (XEP-0068).
  if (form.fields.some((field) => field.var !== FORM_TYPE)) throw new ValueError("fields beside a table");
  if (reported.length === 0) throw new ValueError("reported: a table has at least one column");
  checkFields(reported, form.type);
  for (const item of items ?? []) {
    const names = new Set(item.map((field) => field.var));
    const missing = reported.find((column) => !names.has(column.var));
    if (missing !== undefined) throw new ValueError(`a row lacks the column ${missing.var}`);
  }
}

function checkFields(fields: readonly Field[], formType: Form["type"]): void {
  const names = new Set<string>();
  for (const field of fields) {
    const type = typeOf(field);
    if (field.var === undefined && type !== "fixed") throw new ValueError(`a ${type} field without a name`);
    if (field.var !== undefined && names.has(field.var)) throw new ValueError(`the field ${field.var} stands twice`);
    if (field.var !== undefined) names.add(field.var);
    // In an answer a field without a type is of that of the form, which the asker knows.
    const isTyped = field.type !== undefined || formType === "form";
    if (field.values.length > 1 && isTyped && !isMulti(type))
      throw new ValueError(`the ${type} field ${field.var} has ${field.values.length} values`);
    checkOptions(field);
  }
}

function checkOptions(field: Field): void {
  const { options = [] } = field;
  if (options.length > 0 && !isList(typeOf(field)))
    throw new ValueError(`options in the ${typeOf(field)} field ${field.var}`);
  const labels = options.flatMap((option) => option.label ?? []);
  if (new Set(options.map((option) => option.value)).size < options.length || new Set(labels).size < labels.length)
    throw new ValueError(`the options of ${field.var} are not unique`);
}

function textElement(name: string, text: string): XmlText {
  return element(name, {}, escapeText(text));
}

/** XEP-0004 §3.1: a title and an instruction hold no line breaks. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ");
}

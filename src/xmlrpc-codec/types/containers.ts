// array: one `<data>` of values. struct: members of one name and one value (XML-RPC); doubled names are refused.

import { type ExactValue, setOwn, tooDeep, ValueError } from "../../values/index.js";
import type { XmlElement } from "../../xml/index.js";
import { isStructural, nameOf, onlyChild, scalarText, structuralChildren } from "../elements.js";
import { encodeText } from "./text.js";
import type { DecodeScope, ExactOf, WireType } from "./wire-type.js";

export const ARRAY: WireType<ExactOf<"array">> = {
  elements: ["array"],
  open: "<array><data>",
  close: "</data></array>",
  decode: (element, scope, depth) => {
    if (depth >= scope.options.limits.maxValueDepth) throw tooDeep(scope.options.limits.maxValueDepth);
    const data = onlyChild(element, "data", scope);
    const items: ExactValue[] = [];
    try {
      for (const child of data.children) {
        if (!isStructural(child, data, scope)) continue;
        if (child.name !== "value") throw new ValueError(`<value> expected in <data>, got ${nameOf(child)}`);
        items.push(scope.decodeValue(child, depth + 1));
      }
    } catch (error) {
      throw ValueError.is(error) ? error.within(items.length) : error;
    }
    return { type: "array", value: items };
  },
  encode: (value, scope) => {
    let text = "";
    let index = 0;
    try {
      for (const item of value) {
        text += `<value>${scope.encodeExact(item)}</value>`;
        index++;
      }
    } catch (error) {
      throw ValueError.is(error) ? error.within(index) : error;
    }
    return text;
  },
};

export const STRUCT: WireType<ExactOf<"struct">> = {
  elements: ["struct"],
  open: "<struct>",
  close: "</struct>",
  decode: (element, scope, depth) => {
    const { maxValueDepth: maxDepth, maxMembers } = scope.options.limits;
    if (depth >= maxDepth) throw tooDeep(maxDepth);
    const members: Record<string, ExactValue> = {};
    let count = 0;
    for (const child of element.children) {
      if (!isStructural(child, element, scope)) continue;
      if (child.name !== "member") throw new ValueError(`<member> expected in <struct>, got ${nameOf(child)}`);
      if (++count > maxMembers) throw new ValueError(`struct of more than ${maxMembers} members (maxMembers)`);
      decodeMember(child, members, scope, depth);
    }
    return { type: "struct", value: members };
  },
  encode: (value, scope) => {
    let text = "";
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === undefined) continue;
      try {
        text += openMember(name) + scope.encodeExact(member) + CLOSE_MEMBER;
      } catch (error) {
        throw ValueError.is(error) ? error.within(name) : error;
      }
    }
    return text;
  },
};

/** The end of every written member. */
export const CLOSE_MEMBER = "</value></member>";

/** `<member><name>x</name><value>`, the start of every written member. */
export function openMember(name: string): string {
  return `<member><name>${encodeText(name)}</name><value>`;
}

function decodeMember(member: XmlElement, into: Record<string, ExactValue>, scope: DecodeScope, depth: number): void {
  const { nameElement, valueElement } = memberParts(member, scope);
  const name = scalarText(nameElement);
  if (Object.hasOwn(into, name)) throw new ValueError("the member is there twice").within(name);
  try {
    setOwn(into, name, scope.decodeValue(valueElement, depth + 1));
  } catch (error) {
    throw ValueError.is(error) ? error.within(name) : error;
  }
}

function memberParts(member: XmlElement, scope: DecodeScope): { nameElement: XmlElement; valueElement: XmlElement } {
  const [first, second, third] = structuralChildren(member, scope);
  if (third !== undefined) throw new ValueError(`unexpected ${nameOf(third)} in <member>, after its name and value`);
  if (first?.name === "name" && second?.name === "value") return { nameElement: first, valueElement: second };
  if (first?.name === "value" && second?.name === "name") {
    if (scope.lenient) return { nameElement: second, valueElement: first };
    throw new ValueError("<name> expected in <member> before its <value>");
  }
  const odd = [first, second].find((child) => child !== undefined && child.name !== "name" && child.name !== "value");
  if (odd !== undefined) throw new ValueError(`<name> and <value> expected in <member>, got ${nameOf(odd)}`);
  if (second !== undefined) throw new ValueError(`${nameOf(second)} twice in <member>`);
  throw new ValueError(`${first?.name === "name" ? "<value>" : "<name>"} missing in <member>`);
}

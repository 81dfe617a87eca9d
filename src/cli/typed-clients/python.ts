// A typed client in Python. Every text of the responder stands in a string literal of ASCII; no comment holds any.

import { createIdentifiers } from "./identifiers.js";
import type { TypedMethod } from "./read-methods.js";
import type { ClientSource } from "./typescript.js";
import type { ValueType } from "./value-type.js";

/** Words that cannot be names (Python 3.13, "Keywords" and "Soft Keywords"), and what the generated module uses itself. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "False None True and as assert async await break case class continue def del elif else except finally for from global if " +
    "import in is lambda match nonlocal not or pass raise return try type while with yield " +
    "self cls Any Callable Client Dict List Literal Optional Sequence TypedDict Union bool bytes connect datetime dict float int list object " +
    "print range str super tuple xmlrpc"
  ).split(" "),
);

/** Writes the module: a class `Client` with a method for each, over anything that makes calls. */
export function writePythonClient({ jid, prefix, methods }: ClientSource): string {
  // A name with an underscore first is one of the transport's own for xmlrpc.client.
  const callable = methods.filter(({ name }) => !name.startsWith("_"));
  const typeName = createIdentifiers(RESERVED);
  const structs: string[] = [];
  const nameMethod = createIdentifiers(RESERVED);
  const bodies = callable.map((method) => {
    const short = prefix === undefined ? method.name : method.name.slice(prefix.length + 1);
    const name = nameMethod(short);
    const write = (type: ValueType, part: string): string =>
      writeType(type, `${name}_${part}`, { typeName, define: (line) => structs.push(line) });
    return writeMethod(method, name, write);
  });
  return `${literal(`A client of ${jid}, made by \`jabber-rpc types\`. Do not edit: make it again.`)}

from __future__ import annotations

import datetime
import xmlrpc.client
from typing import Any, Callable, Dict, List, Literal, Optional, Sequence, TypedDict, Union

${structs.length === 0 ? "" : `${structs.join("\n")}\n\n`}
_ABSENT: Any = object()


class Client:
    """The methods. \`call(method, params)\` makes one call and returns its result."""

    def __init__(self, call: Callable[[str, Sequence[Any]], Any]) -> None:
        self._call = call

    @classmethod
    def connect(cls, url: str) -> "Client":
        """Over an HTTP door: http://USER:PASSWORD@HOST:PORT/RPC2, or /RPC2/JID behind it."""
        proxy = xmlrpc.client.ServerProxy(url, allow_none=True, use_builtin_types=True)
        return cls(lambda method, params: getattr(proxy, method)(*params))

    def _run(self, method: str, params: Sequence[Any]) -> Any:
        given = list(params)
        while given and given[-1] is _ABSENT:
            given.pop()
        return self._call(method, given)
${bodies.map((body) => `\n${body}`).join("")}`;
}

function writeMethod(
  { name, doc, params, variadic, result }: TypedMethod,
  identifier: string,
  write: (type: ValueType, part: string) => string,
): string {
  const nameParam = createIdentifiers(RESERVED);
  const named = params.map((param) => ({ ...param, identifier: nameParam(param.name) }));
  const rest = nameParam("rest");
  const words = named.map(
    ({ identifier: word, type, required }) => `${word}: ${write(type, word)}${required ? "" : " = _ABSENT"}`,
  );
  if (variadic) words.push(`*${rest}: Any`);
  const given = [...named.map(({ identifier: word }) => word), ...(variadic ? [`*${rest}`] : [])];
  return [
    `    def ${identifier}(${["self", ...words].join(", ")}) -> ${write(result, "result")}:`,
    ...(doc === "" ? [] : [`        ${literal(doc)}`]),
    `        return self._run(${literal(name)}, [${given.join(", ")}])`,
    "",
  ].join("\n");
}

interface Definitions {
  readonly typeName: (text: string) => string;
  readonly define: (line: string) => void;
}

/** A type; those of structs are defined under a name, which stands in quotes so that their order does not matter. */
function writeType(type: ValueType, name: string, definitions: Definitions): string {
  const inner = (of: ValueType): string => writeType(of, name, definitions);
  switch (type.kind) {
    case "int":
    case "long":
      return "int";
    case "double":
    case "number":
      return "float";
    case "boolean":
      return "bool";
    case "string":
      return "str";
    case "dateTime":
      return "datetime.datetime";
    case "base64":
      return "bytes";
    case "nil":
      return "None";
    case "any":
      return "Any";
    case "array":
      return "List[Any]";
    case "struct":
      return "Dict[str, Any]";
    case "enumeration":
      return `Literal[${type.values.map(literal).join(", ")}]`;
    case "list":
      return `List[${inner(type.items)}]`;
    case "record":
      return `Dict[str, ${inner(type.values)}]`;
    case "nullable":
      return `Optional[${inner(type.inner)}]`;
    case "members":
      return defineStruct(type, name, definitions);
  }
}

/** As a call, so that a member may have any name; absent members stand in a base of their own. */
function defineStruct(
  { members }: Extract<ValueType, { kind: "members" }>,
  name: string,
  definitions: Definitions,
): string {
  const fields = members.map(
    ({ name: member, type }, index) =>
      `${literal(member)}: ${literal(writeType(type, `${name}_${index + 1}`, definitions))}`,
  );
  const own = definitions.typeName(`${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  const total = members.every(({ required }) => required);
  definitions.define(`${own} = TypedDict(${literal(own)}, {${fields.join(", ")}}${total ? "" : ", total=False"})`);
  return own;
}

/** A string literal in ASCII, on one line. */
function literal(text: string): string {
  let quoted = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") quoted += `\\${character}`;
    else if (character === "\n") quoted += "\\n";
    else if (code >= 0x20 && code < 0x7f) quoted += character;
    else if (code <= 0xffff) quoted += `\\u${code.toString(16).padStart(4, "0")}`;
    else quoted += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `"${quoted}"`;
}

// XML-RPC values as elements of @xmpp/client, by hand. jabber-rpc's own requester does this for you, and checks more.
import { xml } from "@xmpp/client";

export function writeCall(method, params) {
  return xml(
    "query",
    { xmlns: "jabber:iq:rpc" },
    xml(
      "methodCall",
      {},
      xml("methodName", {}, method),
      xml("params", {}, ...params.map((param) => xml("param", {}, writeValue(param)))),
    ),
  );
}

export function writeValue(value) {
  return xml("value", {}, writeTyped(value));
}

function writeTyped(value) {
  if (value === null) return xml("nil");
  if (typeof value === "boolean") return xml("boolean", {}, value ? "1" : "0");
  if (typeof value === "string") return xml("string", {}, value);
  if (Number.isInteger(value)) return xml("int", {}, String(value));
  if (typeof value === "number") return xml("double", {}, String(value));
  if (value instanceof Uint8Array) return xml("base64", {}, Buffer.from(value).toString("base64"));
  if (value instanceof Date) return xml("dateTime.iso8601", {}, value.toISOString().replace(/-|\.\d+Z/g, ""));
  if (Array.isArray(value)) return xml("array", {}, xml("data", {}, ...value.map(writeValue)));
  const members = Object.entries(value).map(([name, member]) =>
    xml("member", {}, xml("name", {}, name), writeValue(member)),
  );
  return xml("struct", {}, ...members);
}

/** The result in the <query/> of an answer; throws an Error with `code` for a fault. */
export function readResponse(query) {
  const response = query.getChild("methodResponse");
  const fault = response.getChild("fault");
  if (fault) {
    const { faultCode, faultString } = readValue(fault.getChild("value"));
    throw Object.assign(new Error(faultString), { code: faultCode });
  }
  return readValue(response.getChild("params").getChild("param").getChild("value"));
}

export function readValue(value) {
  const [typed] = value.getChildElements();
  const text = typed?.text() ?? value.text();
  switch (typed?.name) {
    case "int":
    case "i4":
    case "double":
      return Number(text);
    case "i8":
      return BigInt(text);
    case "boolean":
      return text === "1";
    case "nil":
      return null;
    case "base64":
      return Buffer.from(text, "base64");
    case "array":
      return typed.getChild("data").getChildren("value").map(readValue);
    case "struct":
      return Object.fromEntries(
        typed.getChildren("member").map((member) => [member.getChildText("name"), readValue(member.getChild("value"))]),
      );
    default:
      return text; // a string, with or without its element, or a dateTime
  }
}

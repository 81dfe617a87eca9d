// A caller on bare @xmpp/client that the tests drive: one JSON call a line in, one JSON outcome a line out.
// Usage: xmpp-client-caller.mjs SERVICE USERNAME PASSWORD. Values are {type: value} as the command line's --exact prints them.
import { createInterface } from "node:readline";
import { client, xml } from "@xmpp/client";
import { WebSocket } from "ws";

// Node 20 has none, and the client looks for it only when the service is ws: or wss:.
globalThis.WebSocket ??= WebSocket;
const [service, username, password] = process.argv.slice(2);
const xmpp = client({ service, domain: "localhost", username, password, resource: "by-hand" });
// Two seconds for each step of the log-in are not enough on a busy machine.
xmpp.timeout = 60_000;
xmpp.on("error", (error) => console.error(error));
xmpp.on("connect", () => xmpp.socket?.setNoDelay?.(true));
const online = await xmpp.start();
console.log(JSON.stringify({ online: online.toString() }));

for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line));
await xmpp.stop();

async function answer({ n, to, method, params }) {
  console.log(JSON.stringify({ n, ...(await outcome(to, method, params)) }));
}

async function outcome(to, method, params) {
  const name = xml("methodName", {}, method);
  const call = xml(
    "methodCall",
    {},
    name,
    xml("params", {}, ...params.map((param) => xml("param", {}, writeValue(param)))),
  );
  try {
    const result = await xmpp.iqCaller.set(xml("query", { xmlns: "jabber:iq:rpc" }, call), to, 30_000);
    const response = result.getChild("methodResponse");
    const fault = response.getChild("fault");
    if (fault === undefined)
      return { value: readValue(response.getChild("params").getChild("param").getChild("value")) };
    const { faultCode, faultString } = readValue(fault.getChild("value")).struct;
    return { fault: { code: faultCode.int, message: faultString.string } };
  } catch (error) {
    if (error.condition === undefined) return { failed: String(error) };
    return { error: { type: error.type, condition: error.condition, text: error.text } };
  }
}

function writeValue(exact) {
  const [[type, value]] = Object.entries(exact);
  return xml("value", {}, xml(type, {}, ...writeContent(type, value)));
}

function writeContent(type, value) {
  if (type === "nil") return [];
  if (type === "boolean") return [value ? "1" : "0"];
  if (type === "array") return [xml("data", {}, ...value.map(writeValue))];
  if (type !== "struct") return [String(value)];
  return Object.entries(value).map(([name, member]) => xml("member", {}, xml("name", {}, name), writeValue(member)));
}

function readValue(value) {
  const [typed] = value.getChildElements();
  return { [typed.name]: readContent(typed) };
}

function readContent(typed) {
  switch (typed.name) {
    case "nil":
      return null;
    case "boolean":
      return typed.text() === "1";
    case "int":
    case "i1":
    case "i2":
    case "double":
      return Number(typed.text());
    case "array":
      return typed.getChild("data").getChildren("value").map(readValue);
    case "struct":
      return Object.fromEntries(
        typed.getChildren("member").map((member) => [member.getChildText("name"), readValue(member.getChild("value"))]),
      );
    default:
      return typed.text();
  }
}

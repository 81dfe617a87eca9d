// Commands in one-to-one chat: how they are read, for whom they run, what is none (issue 7).
import { afterEach, describe, expect, it } from "vitest";
import { Examples } from "../../../src/handlers/index.js";
import {
  array,
  defineMethod,
  type GatewayOptions,
  int,
  optional,
  RpcFault,
  string,
  struct,
} from "../../../src/index.js";
import { splitWords } from "../../../src/xeps/chat-commands/split-words.js";
import { findChild, textOf, type XmlElement } from "../../../src/xml/index.js";
import { type MemoryGateway, startMemoryGateway } from "../../support/memory-gateway.js";
import type { RawPeer } from "../../support/raw-peer.js";

const GATEWAY = "rpc.example.org";
const lines = defineMethod(
  "shop.lines",
  { params: [array(struct({ item: string })), optional(string)], returns: string, doc: "Joins items." },
  (items, by = ",") => items.map(({ item }) => item).join(by),
);
const fail = defineMethod("shop.fail", { params: [], returns: string }, () => {
  throw new RpcFault(7, "out of stock");
});
const long = defineMethod("shop.long", { params: [int], returns: string }, (length) => "x".repeat(length));
const nothing = defineMethod("nothing", { params: [] }, () => undefined);

let running: MemoryGateway | undefined;
const start = async (options: Omit<GatewayOptions, "link"> = {}): Promise<RawPeer> => {
  const access = [{ allow: "alice@example.org/desk", methods: ["examples.*", "shop.*", "nothing"] }];
  const methods = [lines, fail, long, nothing];
  running = await startMemoryGateway({ access, services: [Examples], methods, ...options });
  return running.peer;
};
afterEach(() => running?.stop());

const write = (peer: RawPeer, text: string, extra = "", attrs = "type='chat'"): void =>
  peer.send(
    `<message to='${GATEWAY}' ${attrs}><body>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</body>${extra}</message>`,
  );
const bodyOf = (stanza: XmlElement): string => textOf(findChild(stanza, "body") ?? stanza);
const answerTo = async (peer: RawPeer, text: string): Promise<string> => {
  write(peer, text);
  return bodyOf(await peer.next());
};

describe("commands in chat", () => {
  it.each([
    ["!examples.getStateName 6", '"Colorado"'],
    ["  !examples.getStateName int:6 ", '"Colorado"'],
    ["!examples.factorial 20", '"2432902008176640000"'],
    ['!examples.acceptsPassword \'a b\' "say \\"hi\\" twice"', "true"],
    ['!shop.lines [{"item": "a b"}, {"item": "c]"}] +', '"a b+c]"'],
    ["!nothing", "done"],
    ["!shop.fail", /^fault 7: out of stock \[call \w+\]$/],
    ["!examples.getStateName six", /^fault -32602: params\[0\] \(index\): int expected, got "six"/],
    ["!examples.getStateName", /^fault -32602: params: 1 expected, got 0/],
    ["!examples.echoBytes base64:@/etc/hostname", /^fault -32602/],
    ["!shop.lines [1", "not run: the bracket [ is not closed"],
    ["!shop.order 'x", "not run: the quote ' is not closed"],
    ["!shop.lines [x]", /^fault -32602: params\[0\]: JSON for array expected/],
    ["!shop.missing", /^refused \(-32601\): no method shop.missing .*; !help lists what you may call$/],
    ["!orders.total", /^refused \(-32001\): alice@example.org may not call/],
    ["!help shop.lines", "Usage: !shop.lines param1:array [param2:string]\nJoins items."],
    ["!help nobody", "there is no method of that name that you may call; !help lists them"],
    [
      "!help",
      /^Commands that you may give \(!help NAME tells more of one\):\n!examples\.acceptsPassword name:string password:string\n/,
    ],
  ])("%j answers %s", async (text, answer) => {
    const peer = await start();
    expect(await answerTo(peer, text)).toEqual(typeof answer === "string" ? answer : expect.stringMatching(answer));
  });

  it("are answered from the address and in the thread that they were written in, with a mark", async () => {
    const peer = await start();
    write(peer, "!examples.hello", "<thread>t</thread>");
    const answer = await peer.next();
    expect(answer.attrs).toMatchObject({ type: "chat", from: GATEWAY, to: peer.jid });
    expect(textOf(findChild(answer, "thread") ?? answer)).toBe("t");
    expect(findChild(answer, "answer", "https://www.npmjs.com/package/jabber-rpc#chat-answer")).toBeDefined();
  });

  it.each([
    ["a prefix with no name", "! hello", ""],
    ["a mark of answers", "!examples.hello", "<answer xmlns='https://www.npmjs.com/package/jabber-rpc#chat-answer'/>"],
    ["other punctuation", "!!! wow", ""],
  ])("are none with %s, and handlers of messages see it", async (_name, text, extra) => {
    const peer = await start({ onMessage: ({ body }) => `seen ${body}` });
    write(peer, text, extra);
    expect(bodyOf(await peer.next())).toBe(`seen ${text}`);
  });

  it.each([
    ["a delay", "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>", "type='chat'"],
    ["a carbon", "<received xmlns='urn:xmpp:carbons:2'/>", "type='chat'"],
    ["an error", "", "type='error'"],
    ["a headline", "", "type='headline'"],
  ])("are none in %s", async (_name, extra, attrs) => {
    const peer = await start();
    write(peer, "!examples.hello", extra, attrs);
    expect(await answerTo(peer, "!examples.getStateName 1")).toBe('"Alabama"');
  });

  it("have another prefix by setting, or there are none", async () => {
    const peer = await start({ chatCommands: { prefix: "//" }, onMessage: () => "not taken" });
    expect(await answerTo(peer, "//examples.getStateName 1")).toBe('"Alabama"');
    expect(await answerTo(peer, "!examples.getStateName 1")).toBe("not taken");
    await running?.stop();
    const none = await start({ chatCommands: false, onMessage: () => "not taken" });
    expect(await answerTo(none, "!examples.getStateName 1")).toBe("not taken");
    await running?.stop();
    running = undefined;
    await expect(start({ chatCommands: { prefix: "a" } })).rejects.toThrow(/chatCommands.prefix/);
  });

  it("have answers of limited length, and are limited in a minute", async () => {
    const peer = await start({ limits: { chatAnswerChars: 102, chatCommandsPerMinute: 3 } });
    expect(await answerTo(peer, "!shop.long 100")).toBe(`"${"x".repeat(100)}"`);
    const cut = await answerTo(peer, "!shop.long 101");
    expect(cut).toHaveLength(102);
    expect(cut).toMatch(/x… \(103 characters in all; Jabber-RPC gives the whole\)$/);
    expect(await answerTo(peer, "!nothing")).toBe("done");
    write(peer, "!nothing");
    expect(await answerTo(peer, "help")).toMatch(/^Methods of/);
  });
});

describe("splitWords", () => {
  it.each([
    ["", []],
    ["  a   b\tc ", ["a", "b", "c"]],
    ["a'b c'd", ["ab cd"]],
    [`"a \\" \\\\ \\n"`, ['a " \\ \\n']],
    ["''", [""]],
    ['{"a": "}"} x', ['{"a": "}"}', "x"]],
    ['[[1, 2], "\\"]"]z', ['[[1, 2], "\\"]"]', "z"]],
  ])("%j is %j", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});

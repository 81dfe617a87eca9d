// docs/errors.md, row by row: each situation is made, and what happens is compared with what the row says.
import { describe, expect, it } from "vitest";
import { endingOf } from "../../src/cli/exit.js";
import {
  type AccessRule,
  any,
  array,
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  type GatewayOptions,
  int,
  type Link,
  type LinkListener,
  RpcFault,
  string,
} from "../../src/index.js";
import { faultCodes } from "../../src/rpc/index.js";
import { childElements, textOf, type XmlElement, type XmlText } from "../../src/xml/index.js";
import { pageOf, readPages, tableUnder } from "./pages.js";

const page = pageOf(readPages(), "docs/errors.md");
const GATEWAY = "rpc.example.org";

/** What one call came to. */
interface Observed {
  readonly wire: string;
  readonly throws: string;
  readonly exitCode: number;
}

const methods = [
  defineMethod("t.returns", { params: [], returns: int }, () => 1),
  defineMethod("t.faults", { params: [], returns: int }, () => {
    throw new RpcFault(404, "no such thing");
  }),
  defineMethod("t.throws", { params: [], returns: int }, () => {
    throw new Error("secret");
  }),
  defineMethod("t.reserved", { params: [], returns: int }, () => {
    throw new RpcFault(-32601, "not mine to give");
  }),
  defineMethod("t.never", { params: [], returns: int }, () => new Promise<number>(() => undefined)),
  defineMethod("t.late", { params: [], returns: int, deadlineMs: 1 }, () => new Promise<number>(() => undefined)),
  defineMethod("t.unsendable", { params: [], returns: any }, () => Number.NaN),
  defineMethod("t.large", { params: [], returns: string }, () => "x".repeat(1000)),
  defineMethod("t.echo", { params: [int], returns: int }, (value) => value),
  defineMethod("t.count", { params: [array(any)], returns: int }, (values) => values.length),
];

interface Situation {
  readonly gateway?: Partial<GatewayOptions>;
  readonly call?: readonly [method: string, ...params: unknown[]];
  readonly to?: string;
  /** Changes what the requester sends. */
  readonly tamper?: (stanza: string) => string;
  /** Answers instead of the gateway: the children of the result. */
  readonly answer?: string;
  readonly options?: Parameters<ReturnType<typeof createRequester>["call"]>[3];
  readonly requesterLimits?: { readonly maxSentBytes: number };
  readonly before?: (made: Made) => unknown;
  readonly during?: (made: Made) => unknown;
}

interface Made {
  readonly gateway: ReturnType<typeof createGateway>;
  readonly requester: ReturnType<typeof createRequester>;
  readonly link: Link;
}

const allow = (methodPatterns: string): readonly AccessRule[] => [
  { allow: "alice@example.org", methods: methodPatterns },
];

const SITUATIONS: Readonly<Record<string, Situation>> = {
  "the method returns": {},
  "the method throws `RpcFault(404, …)`": { call: ["t.faults"] },
  "the method throws anything else": { call: ["t.throws"] },
  "the method throws an `RpcFault` with a reserved code": { call: ["t.reserved"] },
  "the method is not done at its deadline": { call: ["t.late"] },
  "the gateway stops, and the method is not done when the time to drain ends": {
    call: ["t.never"],
    // The first call from a domain waits for its disco#info; after it the next is dispatched at once.
    before: ({ requester }) => requester.call(GATEWAY, "t.returns"),
    during: ({ gateway }) => gateway.stop({ drainMs: 1 }),
  },
  "the result is not what `returns` says, or cannot be sent at all": { call: ["t.unsendable"] },
  "the result makes a stanza over `maxSentBytes`": { call: ["t.large"], gateway: { limits: { maxSentBytes: 1000 } } },
  "`system.multicall` holds more calls than `multicallSlots`": {
    call: ["system.multicall", [{}, {}]],
    gateway: { limits: { multicallSlots: 1 } },
  },
  "a parameter has another type than the method declares": { call: ["t.echo", "one"] },
  "there are too few or too many parameters": { call: ["t.echo", 1, 2] },
  "something inside a `<param>` is not XML-RPC": {
    call: ["t.echo", 1],
    tamper: (stanza) => stanza.replace("<int>1</int>", "<int>12abc</int>"),
  },
  "something outside every `<param>` is not XML-RPC": {
    tamper: (stanza) => stanza.replace("<methodName>t.returns</methodName>", ""),
  },
  "there is no such method, and the caller might call it if there were": { call: ["t.nosuch"] },
  "the same, with the setting `unknownMethod: item-not-found`": {
    call: ["t.nosuch"],
    gateway: { unknownMethod: "item-not-found" },
  },
  "the caller may call something here, but not this method": { gateway: { access: allow("t.echo") } },
  "the caller may call nothing here": { gateway: { access: [{ allow: "bob@example.org" }] } },
  "more calls run than a limit allows": {
    gateway: { limits: { callsInFlight: 1 } },
    before: ({ requester }) => void requester.call(GATEWAY, "t.never").catch(() => undefined),
  },
  "the gateway is stopping": {
    before: async ({ requester, gateway }) => {
      void requester.call(GATEWAY, "t.never").catch(() => undefined);
      await requester.call(GATEWAY, "t.returns");
      void gateway.stop({ drainMs: 50 });
    },
  },
  "the `<query/>` holds no call, or more than one": {
    tamper: (stanza) => stanza.replace(/<methodCall>.*<\/methodCall>/, "<methodCall/><methodCall/>"),
  },
  "the request is of type get": { tamper: (stanza) => stanza.replace(/type='set'|type="set"/, "type='get'") },
  "the request is over a limit of what the gateway reads": {
    tamper: (stanza) => stanza.replace("<params>", `<params>${" ".repeat(300_000)}`),
  },
  "nobody is at the address": { to: "nobody@example.org/x" },
  "the answer holds no `<methodResponse/>`": { to: "odd@example.org/x", answer: "" },
  "the answer cannot be read": {
    to: "odd@example.org/x",
    answer: "<methodResponse><params><param><value><int>six</int></value></param></params></methodResponse>",
  },
  "no answer comes in time": { call: ["t.never"], options: { timeoutMs: 1 } },
  "the link is lost before the answer": { call: ["t.never"], during: ({ link }) => link.stop() },
  "the link is down when the call is made": { before: ({ link }) => link.stop() },
  "a parameter cannot be sent": { call: ["t.echo", () => 1] },
  "the call makes a stanza over `maxSentBytes`": {
    call: ["t.echo", "x".repeat(1000)],
    requesterLimits: { maxSentBytes: 1000 },
  },
  "the address is malformed": { to: "@@" },
};

/** A link that shows what arrives and may change what is sent. */
function watched(inner: Link, received: XmlElement[], tamper: (stanza: string) => string): Link {
  return {
    mode: inner.mode,
    get jid() {
      return inner.jid;
    },
    get isOnline() {
      return inner.isOnline;
    },
    start: (listener: LinkListener) =>
      inner.start({
        ...listener,
        stanza: (stanza) => {
          received.push(stanza);
          listener.stanza(stanza);
        },
        oversize: (stanza) => listener.oversize(stanza),
        online: (jid) => listener.online(jid),
        offline: (reason) => listener.offline(reason),
      }),
    // What a test sends may be no XML-RPC, but it is well-formed.
    send: (stanza) => inner.send(tamper(stanza) as XmlText),
    flushed: () => inner.flushed(),
    stop: () => inner.stop(),
  };
}

async function observe(situation: Situation): Promise<Observed> {
  const network = createMemoryNetwork();
  const gateway = createGateway({
    link: network.link(GATEWAY),
    methods,
    access: allow("*"),
    ...situation.gateway,
  });
  await gateway.start();
  const received: XmlElement[] = [];
  let tamper = (stanza: string): string => stanza;
  const link = watched(network.link("alice@example.org/desk"), received, (stanza) => tamper(stanza));
  const requester = createRequester({
    link,
    ...(situation.requesterLimits === undefined ? {} : { values: { limits: situation.requesterLimits } }),
  });
  await requester.start();
  const odd =
    situation.answer === undefined ? undefined : await startOdd(network.link("odd@example.org/x"), situation.answer);
  const made: Made = { gateway, requester, link };
  await situation.before?.(made);
  received.length = 0;
  tamper = situation.tamper ?? tamper;
  const [method, ...params] = situation.call ?? ["t.returns"];
  const call = requester.call(situation.to ?? GATEWAY, method, params, situation.options).then(
    () => ({ throws: "nothing", exitCode: 0 }),
    (error: unknown) => ({ throws: thrownText(error), exitCode: endingOf(error).exitCode }),
  );
  const during = situation.during?.(made);
  const ended = await call;
  await during;
  tamper = (stanza) => stanza;
  const observed = { wire: wireText(received.at(-1)), ...ended };
  await requester.stop();
  await odd?.stop();
  await gateway.stop({ drainMs: 1 });
  return observed;
}

/** A responder that answers everything with the same. */
async function startOdd(link: Link, answer: string): Promise<Link> {
  await link.start({
    stanza: ({ attrs }) => {
      const { id = "", from = "" } = attrs;
      link.send(
        `<iq type='result' id='${id}' to='${from}'><query xmlns='jabber:iq:rpc'>${answer}</query></iq>` as XmlText,
      );
    },
    oversize: () => undefined,
    online: () => undefined,
    offline: () => undefined,
  });
  return link;
}

function thrownText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("outcomeUnknown" in error)) return `\`${error.name}\``;
  return `\`${error.name}\`, ${error.outcomeUnknown === true ? "outcome unknown" : "not sent"}`;
}

function wireText(stanza: XmlElement | undefined): string {
  if (stanza === undefined) return "nothing";
  const error = childElements(stanza).find((child) => child.name === "error");
  if (error !== undefined) return `${childElements(error)[0]?.name} (${error.attrs["type"]})`;
  const code = /<name>faultCode<\/name><value><int>(-?\d+)/.exec(xmlOf(stanza))?.[1];
  return code === undefined ? "result" : `fault ${code}`;
}

function xmlOf(element: XmlElement): string {
  const content = childElements(element).map(xmlOf).join("") || textOf(element);
  return `<${element.name}>${content}</${element.name}>`;
}

describe("the table of situations", () => {
  const rows = tableUnder(page, "Every situation");
  /** Made elsewhere: a login by the tests of the client link, an abort by what follows. */
  const elsewhere = ["the login fails", "the caller's `signal` is aborted"];

  it("has a row for each situation, and a situation for each row", () => {
    expect(rows.map(([situation = ""]) => situation).sort()).toEqual([...Object.keys(SITUATIONS), ...elsewhere].sort());
  });

  it.each(rows.filter(([situation = ""]) => situation in SITUATIONS))("%s", async (...row) => {
    const [situation = "", wire, throws, exitCode] = row;
    const observed = await observe(SITUATIONS[situation] ?? {});
    expect(observed).toEqual({ wire, throws, exitCode: Number(exitCode) });
  });

  it("the login fails", async () => {
    const requester = createRequester({
      link: { service: "xmpp://127.0.0.1:1", jid: "alice@localhost/x", password: "x" },
    });
    const error: unknown = await requester.start().catch((thrown: unknown) => thrown);
    await requester.stop();
    const row = rows.find(([situation]) => situation === "the login fails");
    expect([thrownText(error), String(endingOf(error).exitCode)]).toEqual(row?.slice(2));
  });

  it("the caller's signal is aborted", async () => {
    const network = createMemoryNetwork();
    const requester = createRequester({ link: network.link("alice@example.org/desk") });
    await requester.start();
    const signal = AbortSignal.abort(new Error("my reason"));
    await expect(requester.call(GATEWAY, "t.returns", [], { signal })).rejects.toThrow("my reason");
    await requester.stop();
  });
});

describe("the table of slots", () => {
  const rows = tableUnder(page, "In a slot of system.multicall");
  const named = (methodName: string) => ({ methodName, params: [] });
  const slots: Readonly<Record<string, unknown>> = {
    "the method returns": named("t.returns"),
    "the method throws `RpcFault(404, …)`": named("t.faults"),
    "the caller may not call this method": named("shop.refund"),
    "there is no such method": named("t.nosuch"),
    "the slot is not a struct of `methodName` and `params`": "t.returns",
    "the slot calls `system.multicall`": named("system.multicall"),
    "the result of this slot cannot be sent": named("t.unsendable"),
  };

  it("is what one multicall with all of them answers", async () => {
    const network = createMemoryNetwork();
    const gateway = createGateway({ link: network.link(GATEWAY), methods, access: allow("t.*") });
    await gateway.start();
    const requester = createRequester({ link: network.link("alice@example.org/desk") });
    await requester.start();
    const answers = await requester.call(GATEWAY, "system.multicall", [
      rows.map(([situation = ""]) => slots[situation]),
    ]);
    await requester.stop();
    await gateway.stop();
    const seen = (answers as readonly ({ faultCode: number } | unknown[])[]).map((answer) =>
      Array.isArray(answer) && answer.length === 1
        ? "a list of one result"
        : `fault ${(answer as { faultCode: number }).faultCode}`,
    );
    expect(rows.map(([situation]) => situation)).toEqual(Object.keys(slots));
    expect(seen).toEqual(rows.map(([, slot]) => slot));
  });
});

describe("the table of fault codes", () => {
  it("is src/rpc/fault-codes.ts", () => {
    const documented = tableUnder(page, "Fault codes").map((row) => row.map((cell) => cell.replaceAll("`", "")));
    expect(documented).toEqual(
      Object.values(faultCodes).map(({ code, name, meaning }) => [String(code), name, meaning]),
    );
  });
});

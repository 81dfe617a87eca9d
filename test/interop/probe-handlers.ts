// A user's own handlers module that misbehaves on request; `serve` loads it by its path.
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  any,
  array,
  boolean,
  type ChatMessage,
  defineMethod,
  defineService,
  defineWizard,
  double,
  enumeration,
  exact,
  int,
  named,
  nil,
  optional,
  string,
  struct,
} from "../../src/index.js";

export default {
  onMessage: ({ body }: ChatMessage) => `you said ${body}`,
  methods: [
    ...defineService("probe", [
      defineMethod("echo", { params: [exact], returns: exact }, (value) => value),
      defineMethod("digest", { params: [string], returns: string }, (text) =>
        createHash("sha256").update(text).digest("hex"),
      ),
      defineMethod("large", { params: [int, string], returns: string }, (count, text) => text.repeat(count)),
      defineMethod("control", { params: [], returns: string }, () => "a\u0001b"),
      defineMethod("surrogate", { params: [], returns: string }, () => "a\ud800b"),
      defineMethod("notANumber", { params: [], returns: double }, () => Number.NaN),
      defineMethod("cycle", { params: [], returns: any }, () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      }),
      defineMethod("throws", { params: [], returns: nil }, () => {
        throw new Error("the password is swordfish");
      }),
      // Tells on stderr that it runs, so that a test knows when a call is under way.
      defineMethod("hang", { params: [string, double], returns: string, deadlineMs: 60_000 }, (mark, seconds, call) => {
        process.stderr.write(`hanging ${mark}\n`);
        return setTimeout(seconds * 1000, `hung ${mark}`, { signal: call.signal });
      }),
    ]),
    ...defineService("probe", [
      defineMethod(
        "table",
        { params: [], returns: array(struct({ id: int, item: string })), doc: "All orders." },
        () => [
          { id: 1, item: "tea" },
          { id: 12, item: "coffee" },
        ],
      ),
      defineMethod(
        "fields",
        {
          params: [
            named("colour", enumeration("red", "blue")),
            named("colours", array(enumeration("red", "blue"))),
            named("lines", array(string)),
            named("password", string({ secret: true })),
            named("address", struct({ street: string, isHome: boolean })),
            named("isGift", optional(boolean)),
            named("more", optional(any)),
          ],
          returns: string,
          doc: "One field of each kind.",
        },
        (colour, colours, lines, password, address, isGift, more) =>
          JSON.stringify([colour, colours, lines, password.length, address, isGift, more]),
      ),
    ]),
    defineWizard(
      "probe.order",
      {
        doc: "Orders something to drink.",
        steps: {
          what: {
            title: "What",
            fields: { item: enumeration("tea", "coffee"), amount: int },
            next: ({ what }) => (what !== undefined && what.amount > 10 ? "reason" : "where"),
          },
          reason: { title: "Why so many", fields: { reason: string } },
          where: { title: "Where to", fields: { street: string, note: optional(string) } },
        },
        returns: string,
      },
      ({ what, reason, where }) => {
        process.stderr.write("ordered\n");
        return `${what?.amount} ${what?.item} to ${where?.street}${reason === undefined ? "" : ` for ${reason.reason}`}`;
      },
    ),
    defineMethod("shop.refund", { params: [], returns: string }, () => "never"),
  ],
};

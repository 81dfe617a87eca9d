// A user's own handlers module that misbehaves on request; `serve` loads it by its path.
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  any,
  type ChatMessage,
  defineMethod,
  defineService,
  double,
  exact,
  int,
  nil,
  string,
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
    defineMethod("shop.refund", { params: [], returns: string }, () => "never"),
  ],
};

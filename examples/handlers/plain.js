// A handlers module in plain JavaScript: no compiler, no decorators, no container.

import { defineMethod, defineService, int, named, string } from "jabber-rpc";

export default {
  methods: defineService("tools", [
    defineMethod("ping", { params: [], returns: string, doc: "Answers pong." }, () => "pong"),
    defineMethod("double", { params: [named("n", int)], returns: int, doc: "Twice n." }, (n) => 2 * n),
  ]),
};

// Handlers without classes: their parameters are typed by their descriptors.
import { array, defineMethod, defineService, int, optional, string, struct } from "jabber-rpc-under-test";

export const ping = defineMethod("orders.ping", { params: [], returns: string }, () => "pong");

export const typed = defineMethod(
  "orders.find",
  { params: [struct({ id: int, tags: optional(array(string)) })], returns: array(int) },
  async ({ id, tags }, call) => {
    const first: string | undefined = tags?.[0];
    const context: string = call.requester.jid.full;
    return first === context ? [id] : [];
  },
);

export const nothing = defineMethod("orders.forget", { params: [int] }, (id) => {
  id.toFixed();
});

export const service = defineService("shop", [ping, typed, nothing]);

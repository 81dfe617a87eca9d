// A handlers module: a decorated class that is injected with a store. Compile it and name the result under `handlers:`.

import type { Container } from "inversify";
import { CallContext, double, int, named, optional, RpcFault, rpcMethod, rpcService, string, struct } from "jabber-rpc";

/** Stands for a database. */
export class OrderStore {
  readonly #orders = new Map([
    [7, { total: 12.5 }],
    [8, { total: 3, note: "gift" }],
  ]);

  async find(id: number): Promise<{ total: number; note?: string } | undefined> {
    return this.#orders.get(id);
  }
}

@rpcService("orders")
export class Orders {
  constructor(private readonly store: OrderStore) {}

  @rpcMethod({
    params: [named("id", int)],
    returns: struct({ id: int, total: double, note: optional(string) }),
    doc: "Total of one order.",
  })
  async total(id: number, call: CallContext) {
    const order = await this.store.find(id);
    if (order === undefined) throw new RpcFault(404, `no order ${id}`);
    call.log.info("order.shown", { id });
    return { id, ...order };
  }
}

export default {
  services: [Orders],
  bind: (container: Container) => container.bind(OrderStore).toSelf().inSingletonScope(),
};

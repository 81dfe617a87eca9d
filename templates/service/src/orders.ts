import { CallContext, double, int, named, optional, RpcFault, rpcMethod, rpcService, string, struct } from "jabber-rpc";

export interface Order {
  readonly id: number;
  readonly total: number;
  readonly note?: string;
}

/** Where orders are kept: here in memory. Replace it by your database. */
export class OrderStore {
  readonly #orders = new Map<number, Order>([[7, { id: 7, total: 12.5 }]]);

  async find(id: number, _options: { readonly signal: AbortSignal }): Promise<Order | undefined> {
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
  async total(id: number, call: CallContext): Promise<Order> {
    const order = await this.store.find(id, { signal: call.signal });
    if (!order) throw new RpcFault(404, `no order ${id}`);
    return order;
  }
}

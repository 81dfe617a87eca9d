// Handlers that agree with their descriptors, as legacy decorators.
import {
  any,
  array,
  base64,
  CallContext,
  type ChatMessage,
  dateTime,
  double,
  enumeration,
  exact,
  int,
  long,
  named,
  nil,
  nullable,
  onMessage,
  optional,
  record,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "jabber-rpc-under-test";

const order = struct({ id: int, total: double, note: optional(string) });

@rpcService("accepted")
export class Accepted {
  @rpcMethod({ params: [int], returns: string })
  withContext(index: number, call: CallContext): string {
    return `${index} ${call.id}`;
  }

  @onMessage()
  async answered(message: ChatMessage, call: CallContext): Promise<string | undefined> {
    return message.thread === undefined ? undefined : `${message.body} ${call.id}`;
  }

  @onMessage()
  noted(message: ChatMessage): void {
    message.body.trim();
  }

  @rpcMethod({ params: [int], returns: string })
  withoutContext(index: number): string {
    return String(index);
  }

  @rpcMethod({ params: [named("id", int)], returns: order })
  async promised(id: number, call: CallContext) {
    await Promise.resolve(call.signal);
    return { id, total: 12.5 };
  }

  @rpcMethod({ params: [] })
  nothing(): void {}

  @rpcMethod({ params: [string] })
  async nothingPromised(text: string): Promise<void> {
    await Promise.resolve(text);
  }

  @rpcMethod({ params: [int, optional(string), named("last", optional(dateTime))], returns: nullable(string) })
  optionals(count: number, text?: string, last?: Date): string | null {
    return text === undefined ? null : `${count} ${text} ${last?.getTime()}`;
  }

  @rpcMethod({ params: [int, optional(string)], returns: nil })
  optionalThenContext(_count: number, _text: string | undefined, call: CallContext): null {
    call.log.info("seen");
    return null;
  }

  @rpcMethod({
    params: [long, array(order), record(int), enumeration("red", "green"), base64, string({ secret: true })],
    returns: long,
  })
  composed(
    big: bigint,
    orders: { id: number; total: number; note?: string | undefined }[],
    counts: Record<string, number>,
    colour: "red" | "green",
    bytes: Uint8Array,
    secret: string,
  ): bigint | number {
    return orders.length + bytes.length + secret.length + (counts[colour] ?? 0) > 0 ? big : 0;
  }

  @rpcMethod({ params: [any, exact], returns: any })
  open(value: unknown, typed: { type: string; value: unknown }): unknown {
    return [value, typed.type];
  }

  @rpcMethod()
  inferred(text: string, count: number, when: Date, isIt: boolean, bytes: Uint8Array): unknown {
    return [text, count, when, isIt, bytes];
  }

  @rpcMethod({ doc: "Inferred, with the context.", returns: string })
  inferredWithContext(text: string, call: CallContext): string {
    return text + call.id;
  }
}

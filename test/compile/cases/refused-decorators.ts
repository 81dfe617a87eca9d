// Handlers that disagree with their descriptors. Each marker names an error that the next line must have, and why.
import { array, CallContext, int, long, onMessage, optional, rpcMethod, string, struct } from "jabber-rpc-under-test";

export class Refused {
  // expect-error: TS1241 Type 'number' is not assignable
  @onMessage()
  answersNumber(): number {
    return 1;
  }

  // expect-error: TS1241 is not assignable to type 'string'
  @onMessage()
  takesText(message: string): string {
    return message;
  }

  // expect-error: TS1241 Type 'number' is not assignable to type 'string'
  @rpcMethod({ params: [int], returns: string })
  wrongParameter(index: string): string {
    return index;
  }

  // expect-error: TS1241 Type 'number' is not assignable to type 'string | Promise<string>'
  @rpcMethod({ params: [int], returns: string })
  wrongResult(index: number): number {
    return index;
  }

  // expect-error: TS1241 Type 'Promise<number>' is not assignable to type 'string | Promise<string>'
  @rpcMethod({ params: [int], returns: string })
  async wrongResultPromised(index: number): Promise<number> {
    return index;
  }

  // expect-error: TS1241 Type 'number' is not assignable to type 'CallContext'
  @rpcMethod({ params: [int], returns: string })
  contextFirst(call: CallContext, index: number): string {
    return call.id + index;
  }

  // expect-error: TS1241 Type 'CallContext' is not assignable to type 'number'
  @rpcMethod({ params: [int], returns: string })
  surplusRequired(index: number, other: number): string {
    return String(index + other);
  }

  // expect-error: TS1241 more parameters than descriptors
  @rpcMethod({ params: [int], returns: string })
  surplusOptional(index: number, call: CallContext, other?: string): string {
    return call.id + index + other;
  }

  // expect-error: TS1241 fewer parameters than descriptors
  @rpcMethod({ params: [int, string], returns: string })
  tooFew(index: number): string {
    return String(index);
  }

  // expect-error: TS1241 fewer parameters than descriptors
  @rpcMethod({ params: [int], returns: string })
  none(): string {
    return "";
  }

  // expect-error: TS1241 Type 'string' is not assignable to type 'void | Promise<void>'
  @rpcMethod({ params: [int] })
  missingReturns(index: number): string {
    return String(index);
  }

  // expect-error: TS1241 Type 'Promise<string>' is not assignable to type 'void | Promise<void>'
  @rpcMethod({ params: [int] })
  async missingReturnsPromised(index: number): Promise<string> {
    return String(index);
  }

  // expect-error: TS1241 Type 'undefined' is not assignable to type 'string'
  @rpcMethod({ params: [optional(string)], returns: string })
  optionalAsRequired(text: string): string {
    return text;
  }

  // expect-error: TS1241 Type 'bigint' is not assignable to type 'number'
  @rpcMethod({ params: [long], returns: long })
  longAsNumber(big: number): number {
    return big;
  }

  // expect-error: TS1241 Property 'qty' is missing
  @rpcMethod({ params: [struct({ id: int })], returns: array(struct({ id: int, qty: int })) })
  missingMember(one: { id: number }): { id: number }[] {
    return [one];
  }

  // expect-error: TS1240
  @rpcMethod({ params: [], returns: string })
  property = "a property";

  // expect-error: TS1241
  @rpcMethod({ returns: string })
  inferredWithWrongResult(): number {
    return 1;
  }
}

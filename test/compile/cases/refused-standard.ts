// decorators: standard
// Standard decorators refuse the same, and cannot infer.
import { int, rpcMethod, string } from "jabber-rpc-under-test";

export class Refused {
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

  // expect-error: TS1241 fewer parameters than descriptors
  @rpcMethod({ params: [int, string], returns: string })
  tooFew(index: number): string {
    return String(index);
  }

  // expect-error: TS1241
  @rpcMethod()
  inferred(text: string): string {
    return text;
  }
}

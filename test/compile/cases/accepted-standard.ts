// decorators: standard
// The same decorators as standard (TC39) ones.
import { CallContext, double, int, rpcMethod, rpcService, string } from "jabber-rpc-under-test";

@rpcService("standard")
export class Standard {
  readonly greeting = "hello";

  @rpcMethod({ params: [string], returns: string })
  greet(name: string, call: CallContext): string {
    return `${this.greeting} ${name} ${call.method}`;
  }

  @rpcMethod({ params: [int, double], returns: double })
  async add(a: number, b: number): Promise<number> {
    return a + b;
  }

  @rpcMethod({ params: [] })
  nothing(): void {}
}

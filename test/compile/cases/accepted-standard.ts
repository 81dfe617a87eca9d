// decorators: standard
// The same decorators as standard (TC39) ones.
import {
  CallContext,
  type ChatMessage,
  double,
  int,
  onMessage,
  rpcMethod,
  rpcService,
  string,
} from "jabber-rpc-under-test";

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

  @onMessage()
  answered({ body }: ChatMessage, call: CallContext): string {
    return `${this.greeting} ${body} ${call.id}`;
  }

  @rpcMethod({ params: [] })
  nothing(): void {}
}

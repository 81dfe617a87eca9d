// The part of @xmpp/client 0.14.0 that we use, internals included. It has no types of its own, and those of DefinitelyTyped are
// `any` in the places that matter. Each internal named here has a regression test; the version is pinned exactly.

declare module "@xmpp/client" {
  import type { EventEmitter } from "node:events";

  /** An ltx element, opaque to us: we only make them for the library. */
  export interface LtxElement {
    readonly name: string;
  }

  export function xml(name: string, attrs: Record<string, string>, ...children: (LtxElement | string)[]): LtxElement;

  export interface Transport {
    Socket: new () => EventEmitter;
    socketParameters(service: string): object | undefined;
  }

  export interface TransportClass {
    new (options?: unknown): Transport;
    readonly prototype: Transport;
  }

  export interface SaslFactory {
    readonly _mechs: { readonly name: string; readonly mech: new () => object }[];
    use(name: string, mech: new () => object): SaslFactory;
  }

  export interface Entity extends EventEmitter {
    readonly transports: TransportClass[];
    readonly reconnect: { stop(): void };
    readonly saslFactory: SaslFactory;
    readonly iqCaller: {
      readonly handlers: Map<string, { readonly promise: Promise<unknown>; reject(reason: Error): void }>;
    };
    readonly socket: EventEmitter | null;
    connect(service: string): Promise<void>;
    open(options: { domain: string }): Promise<void>;
    restart(): Promise<void>;
    _onData(data: Uint8Array): void;
    _attachParser(parser: EventEmitter): void;
  }

  export interface ClientOptions {
    readonly service: string;
    readonly domain: string;
    readonly resource?: string;
    /** For each step of the stream's opening and closing, in milliseconds. */
    readonly timeout: number;
    readonly credentials: (
      authenticate: (credentials: object, mechanism: string) => Promise<void>,
      mechanisms: readonly string[],
    ) => Promise<void>;
  }

  export function client(options: ClientOptions): Entity;
}

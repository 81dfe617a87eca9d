// What a handler throws to answer a fault. XML-RPC: faultCode is an int, faultString a text.
import { hasBrand } from "../brand.js";
import { type FaultCodeName, faultCodes } from "./fault-codes.js";

const RPC_FAULT = Symbol.for("jabber-rpc.RpcFault");
const SERVER_FAULT = Symbol.for("jabber-rpc.ServerFault");

/**
 * A fault that a method declares: the caller gets this code and this message.
 *
 * The code is a 32-bit integer outside -32768..-32000, which belong to the responder; with any other code the caller gets
 * -32500 and the log says why.
 */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  readonly [RPC_FAULT] = true;
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True for an error of this class, also of another copy of the package in the same process. */
  static is(error: unknown): error is RpcFault {
    return hasBrand(error, RPC_FAULT);
  }
}

/** A fault with one of the responder's own codes, for the services that ship with it. Not for users' handlers. */
export function serverFault(name: FaultCodeName, message: string): RpcFault {
  return Object.defineProperty(new RpcFault(faultCodes[name].code, message), SERVER_FAULT, { value: true });
}

/** True for what {@link serverFault} made. */
export function isServerFault(error: RpcFault): boolean {
  return SERVER_FAULT in error;
}

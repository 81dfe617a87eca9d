// Faults and errors of upstreams that speak RPC themselves, relayed. docs/upstreams.md has the table.

import { type FaultCodeName, faultCodes, isApplicationCode, RpcFault, serverFault } from "../rpc/index.js";

const NAMES = new Map(
  // The keys of the table are its names.
  Object.entries(faultCodes).map(([name, { code }]) => [code, name as FaultCodeName]),
);

/**
 * An upstream's fault as our caller gets it: an application's code as it is, a reserved one as it is if it means the same
 * here, and any other as -32500 with the code in its text.
 */
export function relayedFault(code: number, text: string, isSame: (code: number) => boolean = () => true): RpcFault {
  const codeText = String(code);
  if (isApplicationCode(code)) return new RpcFault(code, text);
  const name = isSame(code) ? NAMES.get(code) : undefined;
  return name === undefined
    ? serverFault("applicationError", `${text} (the upstream's code is ${codeText})`)
    : serverFault(name, text);
}

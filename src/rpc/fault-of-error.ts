// From what a handler threw to the fault its caller gets. Undeclared errors stay in the log; the caller gets the call's id.
import { isServerFault, RpcFault } from "./errors.js";
import { faultCodes, isApplicationCode } from "./fault-codes.js";
import type { FaultOutcome } from "./outcome.js";
import type { RunningCall } from "./running-call.js";

/** A fault whose text ends in the call's id and holds nothing that XML cannot carry. */
export function faultOutcome(code: number, text: string, call: RunningCall): FaultOutcome {
  return { kind: "fault", code, string: `${sendableText(text)} [call ${call.id}]` };
}

/** The fault for anything that can be thrown, also for objects that were made to break this function. */
export function faultOfError(thrown: unknown, call: RunningCall): FaultOutcome {
  const declared = declaredFault(thrown);
  if (declared !== undefined) {
    if (declared.isAllowed) return faultOutcome(declared.code, declared.message, call);
    call.log.error("call.bad-fault-code", {
      code: declared.codeText,
      reason: "own codes are 32-bit integers outside -32768..-32000",
    });
  } else call.log.error("call.failed", { cause: describeThrown(thrown) });
  return faultOutcome(faultCodes.applicationError.code, "internal error", call);
}

interface DeclaredFault {
  readonly isAllowed: boolean;
  readonly code: number;
  readonly codeText: string;
  readonly message: string;
}

function declaredFault(thrown: unknown): DeclaredFault | undefined {
  try {
    if (!RpcFault.is(thrown)) return undefined;
    // The brand is all that is known: another copy of the package may have made it, or anyone.
    const { code, message }: { readonly code: unknown; readonly message: unknown } = thrown;
    return {
      isAllowed: isServerFault(thrown) || isApplicationCode(code),
      code: Number(code),
      codeText: String(code),
      message: String(message),
    };
  } catch {
    // A proxy or a getter that throws: no fault that anyone declared.
    return undefined;
  }
}

/** What was thrown, for the log. Never throws. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : `thrown: ${String(thrown)}`;
  } catch {
    return "thrown: something that cannot be shown";
  }
}

/** XML 1.0 Char: what is none is replaced, so that a fault can always be sent. */
export function sendableText(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

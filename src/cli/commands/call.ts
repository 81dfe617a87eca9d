// jabber-rpc call: one call, or one a line.

import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import type { Requester } from "../../requester.js";
import { RpcFault } from "../../rpc/index.js";
import { type ExactValue, jsonOfExact, jsonOfValue } from "../../values/index.js";
import { StanzaError } from "../../xmpp/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { timeoutOption } from "../duration.js";
import { EXIT, endingOf, UsageError } from "../exit.js";
import { readJsonParameters, readParameters, saysItsTypes } from "../parameters.js";
import { printable } from "../printable.js";
import { resolveTarget } from "../target.js";

interface CallFlags extends ConnectionFlags {
  readonly timeout: number;
  readonly literal?: boolean;
  readonly exact?: boolean;
  readonly raw?: boolean;
  readonly lines?: boolean;
}

/** Adds `call` to the program. */
export function addCallCommand(program: Command): void {
  withConnectionFlags(program.command("call <jid> [method] [params...]"))
    .description("call a method and print its result as JSON")
    .addOption(timeoutOption())
    .option("--literal", "take type prefixes and @file in parameters as plain text")
    .option("--exact", "print every value with its wire type")
    .option("--raw", "print a text result as it is, without quotes")
    .option("--lines", 'read one JSON call a line from standard input: ["method", param, …]')
    .addHelpText("after", PARAMETER_HELP)
    .action(async (jid: string, method: string | undefined, words: string[], flags: CallFlags) => {
      if (method === undefined && flags.lines !== true)
        throw new UsageError("a method expected after the address, or --lines");
      process.exitCode = await withRequester(flags, async (requester) => {
        const target = await resolveTarget(requester, jid);
        if (method === undefined || flags.lines === true) return callLines(requester, target, flags);
        const params = await parametersOf(requester, target, method, words, flags);
        const result = await requester.callExact(target, method, params, callOptions(flags, params));
        process.stdout.write(`${printResult(result, flags)}\n`);
        return EXIT.ok;
      });
    });
}

const PARAMETER_HELP = `
Parameters are read by the method's signature where the responder tells it, else as JSON. A type may be written
before a value: int:6 double:2 i8:9007199254740993 boolean:1 string:6 date:2026-11-22T10:00:00Z base64:AAEC nil:
json:[1,2]; string:@FILE, json:@FILE and base64:@FILE read a file. A single - reads a JSON array of parameters
from standard input.

Exit codes: 0 result, 1 usage or settings, 2 fault, 3 stanza error, 4 no answer or no connection, 130 interrupted.`;

async function parametersOf(
  requester: Requester,
  target: string,
  method: string,
  words: readonly string[],
  flags: CallFlags,
): Promise<ExactValue[]> {
  const literal = flags.literal === true;
  if (words.length === 1 && words[0] === "-" && !literal) return readJsonParameters(await text(process.stdin));
  const types =
    words.length === 0 || saysItsTypes(words, literal)
      ? undefined
      : await signatureFor(requester, target, method, words.length, flags.timeout);
  return readParameters(words, { types, literal });
}

/** The parameter types of the overload with that many parameters; undefined when the responder does not tell. */
async function signatureFor(
  requester: Requester,
  target: string,
  method: string,
  count: number,
  timeoutMs: number,
): Promise<readonly string[] | undefined> {
  try {
    const signatures = await requester.call(target, "system.methodSignature", [method], { timeoutMs });
    if (!Array.isArray(signatures)) return undefined;
    const fitting: unknown = signatures.find((signature) => Array.isArray(signature) && signature.length === count + 1);
    return Array.isArray(fitting) ? fitting.slice(1).map(String) : undefined;
  } catch (error) {
    // Without introspection, or without a right to it, parameters are JSON; the call itself will tell what is wrong.
    if (RpcFault.is(error) || StanzaError.is(error)) return undefined;
    throw error;
  }
}

function callOptions(flags: CallFlags, params: readonly ExactValue[]) {
  return { timeoutMs: flags.timeout, shapes: params.map(() => ({ kind: "exact" }) as const) };
}

function printResult(result: ExactValue, flags: CallFlags): string {
  if (flags.raw === true && result.type === "string") return printable(result.value, "lines");
  return printable(JSON.stringify(flags.exact === true ? jsonOfExact(result) : jsonOfValue(result)));
}

/** One JSON call a line, one JSON answer a line, in order, on one connection; the worst ending is the exit code. */
async function callLines(requester: Requester, target: string, flags: CallFlags): Promise<number> {
  let exitCode: number = EXIT.ok;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const startedAt = performance.now();
    const answer = await callLine(requester, target, line, flags);
    exitCode = Math.max(exitCode, answer.exitCode);
    const ms = Math.round(performance.now() - startedAt);
    process.stdout.write(`${printable(JSON.stringify({ ...answer.json, ms }))}\n`);
  }
  return exitCode;
}

interface LineAnswer {
  readonly json: object;
  readonly exitCode: number;
}

async function callLine(requester: Requester, target: string, line: string, flags: CallFlags): Promise<LineAnswer> {
  try {
    const [method, ...params] = readJsonParameters(line);
    if (method?.type !== "string") throw new UsageError('["method", param, …] expected');
    const result = await requester.callExact(target, method.value, params, callOptions(flags, params));
    return { json: { result: flags.exact === true ? jsonOfExact(result) : jsonOfValue(result) }, exitCode: EXIT.ok };
  } catch (error) {
    const { exitCode, text: message } = endingOf(error);
    if (RpcFault.is(error)) return { json: { fault: { code: error.code, message: error.message } }, exitCode };
    if (StanzaError.is(error)) {
      return { json: { stanzaError: { condition: error.condition, text: error.text } }, exitCode };
    }
    return { json: { error: message }, exitCode };
  }
}

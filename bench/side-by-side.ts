// Several responders asked by turns, so that each round's figures can be compared whatever else the machine does meanwhile.

import type { Socket } from "node:net";
import { callText, keepInFlight, oneByOne } from "./bare-requester.js";
import { median } from "./report.js";
import type { Responder } from "./responders.js";

/** A responder and a connection that reaches it at an address. */
export interface Measured {
  readonly name: string;
  readonly responder: Responder;
  readonly socket: Socket;
  readonly address: string;
}

const ROUNDS = 8;
const SECONDS = 0.5;
/** The engine's compilers work in the same process for so long; what they cost is not the calls'. */
const WARM_UP_CALLS = 30_000;
const IN_FLIGHT = 64;

/** The headings of what {@link measureByTurns} gives. */
export const COLUMNS = [
  "",
  "calls/s, 64 in flight",
  "its ratio",
  "CPU us a call",
  "its ratio",
  "one by one, p50 us",
  "its ratio",
];

/** One row each, with the ratios to the first: medians of the ratios in each round. */
export async function measureByTurns(all: readonly Measured[]): Promise<string[][]> {
  const rates = all.map((): number[] => []);
  const cpu = all.map((): number[] => []);
  const p50 = all.map((): number[] => []);
  for (const { socket, address } of all) {
    for (let calls = 0; calls < WARM_UP_CALLS; ) calls += await keepInFlight(socket, callText(address), 1, IN_FLIGHT);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { responder, socket, address }] of all.entries()) {
      const call = callText(address);
      const before = await responder.usage();
      const calls = await keepInFlight(socket, call, SECONDS, IN_FLIGHT);
      const after = await responder.usage();
      const microseconds = await oneByOne(socket, call, SECONDS);
      rates[index]?.push(calls / SECONDS);
      cpu[index]?.push((after.cpuUs - before.cpuUs) / calls);
      p50[index]?.push(microseconds);
    }
  }
  return all.map(({ name }, index) => [
    name,
    ...figure(rates, index, 0),
    ...figure(cpu, index, 1),
    ...figure(p50, index, 0),
  ]);
}

function figure(values: readonly (readonly number[])[], index: number, digits: number): [string, string] {
  const [first = []] = values;
  const own = values[index] ?? [];
  const ratio = median(own.map((value, round) => value / (first[round] ?? Number.NaN)));
  return [median(own).toFixed(digits), ratio.toFixed(2)];
}

// Several responders asked by turns, so that each round's figures can be compared whatever else the machine does meanwhile.

import type { Socket } from "node:net";
import { callText, keepInFlight } from "./bare-requester.js";
import { figure, median } from "./report.js";
import type { Responder } from "./responders.js";

/** A responder and how it is called. */
export interface Measured {
  readonly name: string;
  readonly responder: Responder;
  /** Calls without pause, never more than `inFlight` unanswered; resolves with how many were answered. */
  load(seconds: number, inFlight: number): Promise<number>;
  /** One call and its answer. */
  once(): Promise<unknown>;
}

/** A responder that is reached at an address over a connection. */
export function overSocket(name: string, responder: Responder, socket: Socket, address: string): Measured {
  const call = callText(address);
  return {
    name,
    responder,
    load: (seconds, inFlight) => keepInFlight(socket, call, seconds, inFlight),
    once: () => keepInFlight(socket, call, 0, 1),
  };
}

/** A responder with a requester of its own kind. */
export function overCalls(name: string, responder: Responder, call: () => Promise<unknown>): Measured {
  const load = async (seconds: number, inFlight: number): Promise<number> => {
    const end = performance.now() + seconds * 1_000;
    let answered = 0;
    const callOn = async (): Promise<void> => {
      while (performance.now() < end) {
        await call();
        answered++;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, callOn));
    return answered;
  };
  return { name, responder, load, once: call };
}

const ROUNDS = 8;
const SECONDS = 1;
/** The engine's compilers work in the same process for so long; what they cost is not the calls'. */
const WARM_UP_CALLS = 40_000;
const MAX_WARM_UP_SECONDS = 20;
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
  for (const { load } of all) {
    let calls = 0;
    for (let second = 0; second < MAX_WARM_UP_SECONDS && calls < WARM_UP_CALLS; second++)
      calls += await load(1, IN_FLIGHT);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { responder, load, once }] of all.entries()) {
      const before = await responder.cpuUs();
      const calls = await load(SECONDS, IN_FLIGHT);
      const after = await responder.cpuUs();
      const microseconds = await oneByOne(once);
      rates[index]?.push(calls / SECONDS);
      cpu[index]?.push((after - before) / calls);
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

/** One call after the other; the median time from call to answer, in microseconds. */
async function oneByOne(once: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + SECONDS * 1_000;
  const times: number[] = [];
  while (performance.now() < end) {
    const start = performance.now();
    await once();
    times.push((performance.now() - start) * 1_000);
  }
  return median(times);
}

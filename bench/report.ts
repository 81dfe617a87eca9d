// What benchmarks have in common: tables, shown to people and handed to bench/all.bench.ts, and comparing within one run.

import { cpus } from "node:os";
import { Bench } from "tinybench";

/** One table of results; the first column names what was measured. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What is known of the machine: figures of two machines cannot be compared. */
export function machine(): string {
  return `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}`;
}

/** Shows tables; under bench/all.bench.ts it hands them over as well. */
export function publish(tables: readonly Table[]): void {
  for (const table of tables) process.stdout.write(`\n${asText(table)}\n`);
  process.send?.(tables);
}

/** A table of Markdown. */
export function asMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  return [`### ${title}`, "", line(columns), line(rule), ...rows.map(line)].join("\n");
}

function asText({ title, columns, rows }: Table): string {
  const widths = columns.map((_, index) => Math.max(...[columns, ...rows].map((row) => (row[index] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  ");
  return [title, ...[columns, ...rows].map((row) => `  ${line(row)}`)].join("\n");
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** The median of a row's rounds and, as a median too, the ratio of each to the first row's of the same round. */
export function figure(values: readonly (readonly number[])[], index: number, digits: number): [string, string] {
  const [first = []] = values;
  const own = values[index] ?? [];
  const ratio = median(own.map((value, round) => value / (first[round] ?? Number.NaN)));
  return [median(own).toFixed(digits), ratio.toFixed(2)];
}

const ROUNDS = 12;

/**
 * Times tasks by turns and gives a table of their median times and of the median of each round's ratio to the first task:
 * on a machine that others use too, only what ran at the same time can be compared.
 *
 * @param operations how many operations one run of a task is; more than one where one is too short to be timed
 */
export async function compare(
  title: string,
  tasks: Readonly<Record<string, () => unknown>>,
  operations = 1,
): Promise<Table> {
  const names = Object.keys(tasks);
  const times = names.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time: 50, warmupTime: round === 0 ? 250 : 10, throws: true });
    for (const name of names) bench.add(name, tasks[name] ?? (() => undefined));
    await bench.run();
    for (const [index, { result }] of bench.tasks.entries()) {
      times[index]?.push("latency" in result ? (result.latency.p50 * 1_000) / operations : Number.NaN);
    }
  }
  const [first = []] = times;
  const rows = names.map((name, index) => {
    const own = times[index] ?? [];
    const ratio = median(own.map((time, round) => time / (first[round] ?? Number.NaN)));
    return [name, median(own).toPrecision(4), ratio.toFixed(2)];
  });
  return { title, columns: ["", "us", "ratio"], rows };
}

// Settings that cannot be used: always with file, line, key, value and what was expected.

/** One thing that is wrong in a settings file. */
export interface SettingsProblem {
  /** 1-based; undefined when the file itself is the problem. */
  readonly line: number | undefined;
  /** `access[1].methods`; empty for the whole file. */
  readonly key: string;
  readonly problem: string;
}

/** A settings file that cannot be used; the message has one line for each problem: `gateway.yaml:7 access[1]: …`. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly SettingsProblem[];

  constructor(file: string, problems: readonly SettingsProblem[]) {
    super(
      problems
        .map(({ line, key, problem }) => {
          const place = line === undefined ? file : `${file}:${line}`;
          return key === "" ? `${place}: ${problem}` : `${place} ${key}: ${problem}`;
        })
        .join("\n"),
    );
    this.problems = problems;
  }
}

/** Prints a path of keys and indexes: `access[1].methods`. */
export function printKey(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

// A vitest reporter for .ci/run: one JSON line a test in the file REPORT, with why a test was skipped or a file not loaded.
import { writeFileSync } from "node:fs";

export default class CountingReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const lines = unhandledErrors.map((error) => ({ name: "outside of any test", problem: firstLine(error) }));
    for (const module of testModules) {
      for (const error of module.errors()) lines.push({ name: module.relativeModuleId, problem: firstLine(error) });
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) lines.push({ name: suite.fullName, problem: firstLine(error) });
      }
      for (const test of module.children.allTests()) lines.push({ name: test.fullName, ...outcomeOf(test) });
    }
    writeFileSync(process.env.REPORT, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}

function outcomeOf(test) {
  const { state, errors, note } = test.result();
  if (state === "passed") return {};
  // Everything can run where this runs, so a test that does not is a failure.
  if (state === "skipped")
    return { problem: `${test.options.mode === "todo" ? "todo" : "skipped"}: ${note ?? "no reason given"}` };
  return { problem: errors?.[0] === undefined ? state : firstLine(errors[0]) };
}

function firstLine(error) {
  return String(error.message ?? error).split("\n")[0];
}

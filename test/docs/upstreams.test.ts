// docs/upstreams.md says of every failure which fault it is, and names settings that exist.
import { describe, expect, it } from "vitest";
import { settingsRows } from "../../src/config/settings-docs.js";
import { faultCodes } from "../../src/rpc/index.js";
import { FAILURES } from "../../src/upstream/index.js";
import { pageOf, readPages, tableUnder } from "./pages.js";

const page = pageOf(readPages(), "docs/upstreams.md");

describe("the table of faults", () => {
  it("has every code that a failure becomes, but for a gateway that stops", () => {
    const told = tableUnder(page, "When it does not answer as it should").map(
      ([, fault = ""]) => /^-\d+/.exec(fault)?.[0],
    );
    const given = Object.entries(FAILURES).flatMap(([code, { fault }]) =>
      code === "stopped" ? [] : [String(faultCodes[fault].code)],
    );
    expect(new Set(told.filter((code) => code !== undefined))).toEqual(new Set(given));
  });
});

describe("the keys that the page names", () => {
  it("exist", () => {
    const known = settingsRows().flatMap(({ key }) =>
      key.startsWith("upstreams[].") ? key.slice(12).split(/[.[\]]+/) : [],
    );
    const named = [...page.text.matchAll(/`([a-z]+[A-Z]\w+|breaker\.\w+)(?:`|: )/g)].flatMap(([, key = ""]) =>
      key.split("."),
    );
    const foreign = ["paramStructure", "operationId", "readOnly", "placeOrder"];
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((key) => !known.includes(key) && !foreign.includes(key))).toEqual([]);
  });
});

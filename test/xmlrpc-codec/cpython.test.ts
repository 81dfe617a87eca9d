// Against CPython's xmlrpc.client: what we write it reads as the same values, and what it writes we read as the same values.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExactValue, formatBase64, formatDateTime, setOwn } from "../../src/values/index.js";
import { createCodec } from "../../src/xmlrpc-codec/index.js";
import { exact } from "../values/arbitraries.js";
import { parse } from "./support.js";

const python = process.env.PYTHON ?? "/usr/bin/python3";
const isThere = spawnSync(python, ["-c", "import xmlrpc.client"]).status === 0;

/** One line of JSON in, one out. `read` gives the parameters of a call in a plain notation, `write` makes a call of it. */
const SCRIPT = `
import base64, datetime, json, sys, xmlrpc.client as x
def plain(v):
    if v is None: return ["nil", None]
    if isinstance(v, bool): return ["boolean", v]
    if isinstance(v, int): return ["integer", str(v)]
    if isinstance(v, float): return ["double", repr(v)]
    if isinstance(v, str): return ["string", v]
    if isinstance(v, bytes): return ["base64", base64.b64encode(v).decode()]
    if isinstance(v, datetime.datetime): return ["date", v.isoformat().replace("-", "")]
    if isinstance(v, list): return ["array", [plain(i) for i in v]]
    return ["struct", sorted(([k, plain(m)] for k, m in v.items()), key=lambda e: e[0].encode("utf-16-be"))]
def value(p):
    t, v = p
    if t == "integer": return int(v)
    if t == "double": return float(v)
    if t == "base64": return base64.b64decode(v)
    if t == "date": return datetime.datetime.strptime(v, "%Y%m%dT%H:%M:%S")
    if t == "array": return [value(i) for i in v]
    if t == "struct": return {k: value(m) for k, m in v}
    return v
for line in sys.stdin:
    job = json.loads(line)
    try:
        if "read" in job:
            params, name = x.loads(job["read"], use_builtin_types=True)
            answer = {"name": name, "params": [plain(p) for p in params]}
        else:
            answer = {"text": x.dumps(tuple(value(p) for p in job["write"]), "a.b", allow_none=True)}
    except Exception as e:
        answer = {"error": repr(e)}
    print(json.dumps(answer), flush=True)
`;

type Plain = readonly [type: string, value: unknown];

/** The notation of the script, in which the integer types are one. */
function plain(exactValue: ExactValue): Plain {
  switch (exactValue.type) {
    case "int":
    case "i1":
    case "i2":
    case "i8":
      return ["integer", exactValue.value.toString()];
    case "double":
      return ["double", exactValue.value];
    case "dateTime.iso8601":
      return ["date", formatDateTime(exactValue.value)];
    case "base64":
      return ["base64", formatBase64(exactValue.value)];
    case "array":
      return ["array", exactValue.value.map(plain)];
    case "struct": {
      const names = Object.keys(exactValue.value).sort();
      return ["struct", names.map((name) => [name, plainMember(exactValue.value[name])])];
    }
    case "boolean":
    case "string":
    case "nil":
      return [exactValue.type, exactValue.value];
  }
}

function plainMember(member: ExactValue | undefined): Plain | undefined {
  return member === undefined ? undefined : plain(member);
}

/** Python writes a double as text, of which only the number counts. */
function withNumbers(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  if (value.length === 2 && value[0] === "double") return ["double", Number(value[1])];
  return value.map(withNumbers);
}

/** The value without what the given test cannot send. */
function mapScalars(value: ExactValue, map: (scalar: ExactValue) => ExactValue): ExactValue {
  if (value.type === "array") return { type: "array", value: value.value.map((item) => mapScalars(item, map)) };
  if (value.type !== "struct") return map(value);
  const members: Record<string, ExactValue> = {};
  for (const [name, member] of Object.entries(value.value)) setOwn(members, name, mapScalars(member, map));
  return { type: "struct", value: members };
}

if (!isThere && process.env.CI === undefined) {
  console.warn(`skipped: no CPython with xmlrpc.client at ${python}; set PYTHON to one`);
}

describe.skipIf(!isThere && process.env.CI === undefined)("CPython's xmlrpc.client", () => {
  const codec = createCodec();
  let child: ChildProcessWithoutNullStreams;
  let lines: Interface;
  let answers: AsyncIterator<string>;

  beforeAll(() => {
    child = spawn(python, ["-u", "-c", SCRIPT]);
    lines = createInterface({ input: child.stdout });
    answers = lines[Symbol.asyncIterator]();
  });

  afterAll(() => {
    lines.close();
    child.kill();
  });

  async function ask(job: object): Promise<Record<string, unknown>> {
    // JSON has no -0, and Python reads numbers from text as well.
    const line = JSON.stringify(job, (_key, value: unknown) => (Object.is(value, -0) ? "-0" : value));
    child.stdin.write(`${line}\n`);
    const { value, done } = await answers.next();
    if (done === true) throw new Error(`${python} ended`);
    return JSON.parse(value) as Record<string, unknown>;
  }

  it("is there (set PYTHON to its path)", () => {
    expect(isThere).toBe(true);
  });

  it("reads what we write", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(exact, { maxLength: 3 }), async (params) => {
        const text = codec.encodeMethodCall(
          "a.b",
          params,
          params.map(() => ({ kind: "exact" }) as const),
        );
        const answer = await ask({ read: text });
        expect({ ...answer, params: withNumbers(answer.params) }).toEqual({
          name: "a.b",
          params: params.map(plain),
        });
      }),
      { numRuns: 300 },
    );
  });

  it("writes what we read", async () => {
    // CPython writes no integer beyond 32 bits, and a bare CR, which XML reads as a line feed.
    const sendable = exact.map((value) =>
      mapScalars(value, (scalar) => {
        if (scalar.type === "i8") return { type: "int", value: Number(scalar.value & 0xffffn) };
        if (scalar.type === "string") return { type: "string", value: scalar.value.replaceAll("\r", "\n") };
        return scalar;
      }),
    );
    const noCarriageReturn = sendable.filter((value) => !JSON.stringify(plain(value)).includes("\\r"));
    await fc.assert(
      fc.asyncProperty(fc.array(noCarriageReturn, { maxLength: 3 }), async (params) => {
        const answer = await ask({ write: params.map(plain) });
        const call = codec.decodeMethodCall(parse(String(answer.text)));
        expect(call.methodName).toBe("a.b");
        expect(call.params.map(plain)).toEqual(params.map(plain));
      }),
      { numRuns: 300 },
    );
  });

  it("reads our faults", async () => {
    const answer = await ask({ read: codec.encodeFault(-32601, "no <method> & more") });
    expect(answer.error).toBe("<Fault -32601: 'no <method> & more'>");
  });
});

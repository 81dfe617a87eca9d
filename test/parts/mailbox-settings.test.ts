// Methods of the mailbox in settings: every mistake with its line and its place in the method object.

import { describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../../src/config/index.js";
import { readMailboxSettings } from "../../src/parts/index.js";
import { SettingsError } from "../../src/settings-error.js";

/** Each line of the error; empty without one. The first method stands in line 5. */
function problemsOf(...methods: readonly string[]): string[] {
  const text = [
    "link: {mode: memory}",
    "mailbox:",
    '  url: "sqlite:mail.db"',
    "  methods:",
    ...methods.map((method) => `    - ${method}`),
  ].join("\n");
  try {
    readMailboxSettings(checkSettings(parseSettingsText("gateway.yaml", text)));
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split("\n");
  }
}

const DESCRIPTOR = "{name: p, schema: {}}";

describe("methods of the mailbox", () => {
  it.each([
    "{name: a.b}",
    `{name: a.b, params: [], result: ${DESCRIPTOR}, errors: [{code: 4, message: none}, {code: -32769, message: m, data: 1}]}`,
    `{name: a.b, summary: s, description: d, deprecated: true, paramStructure: by-name, tags: [], x-more: 1}`,
    "{name: a.b, paramStructure: by-name, params: [{name: q, required: true, schema: {}}, {name: p, schema: true}]}",
    "{name: a.b, params: [{name: p, required: true, schema: {type: [string, 'null'], enum: [a]}}, {name: q, schema: {type: array, items: {type: integer}}}]}",
    "{name: a.b, params: [{name: p, schema: {type: object, required: [x], properties: {x: {anyOf: [{type: string}]}}}}]}",
    "{name: a.b, params: [{$ref: '#/methods/0/x-p'}], x-p: {name: p, schema: {}}}",
  ])("may be %s", (method) => expect(problemsOf(method)).toEqual([]));

  it.each([
    ["{name: 'a b'}", '.name: "a b": a method\'s name is made of'],
    ["{name: a.b, params: 5}", ".params: an array of {name, schema} expected, got 5"],
    ["{name: a.b, params: {p: 1}}", ".params: an array of {name, schema} expected, got object"],
    ["{name: a.b, params: [5]}", ".params[0]: an object {name, schema} expected, got 5"],
    ["{name: a.b, params: [{schema: {}}]}", ".params[0].name: missing: a name expected"],
    ["{name: a.b, params: [{name: 1, schema: {}}]}", ".params[0].name: a name expected, got 1"],
    ["{name: a.b, params: [{name: p}]}", ".params[0].schema: missing: a JSON Schema expected; {} is any value"],
    ["{name: a.b, params: [{name: p, schema: string}]}", '.params[0].schema: a JSON Schema expected, got "string"'],
    [
      "{name: a.b, params: [{name: p, schema: {type: int}}]}",
      '.params[0].schema.type: one of array, boolean, integer, null, number, object, string expected, got "int"',
    ],
    [
      "{name: a.b, params: [{name: p, schema: {properties: {x: {items: 3}}}}]}",
      ".params[0].schema.properties.x.items: a JSON Schema expected, got 3",
    ],
    ["{name: a.b, params: [{name: p, schema: {oneOf: {}}}]}", ".params[0].schema.oneOf: an array of JSON Schemas"],
    ["{name: a.b, params: [{name: p, schema: {enum: a}}]}", ".params[0].schema.enum: an array of values expected"],
    ["{name: a.b, params: [{name: p, schema: {required: true}}]}", ".params[0].schema.required: an array of names"],
    [
      "{name: a.b, params: [{name: p, schema: {$ref: '#/no'}}]}",
      ".params[0].schema: the reference #/no leads to nothing",
    ],
    ["{name: a.b, params: [{name: p, schema: {}, required: 1}]}", ".params[0].required: true or false expected, got 1"],
    ["{name: a.b, params: [{name: p, schema: {}, type: x}]}", ".params[0].type: not known; there are name, schema"],
    [
      `{name: a.b, params: [${DESCRIPTOR}, ${DESCRIPTOR}]}`,
      '.params[1].name: "p": a parameter before it has this name',
    ],
    [
      `{name: a.b, params: [${DESCRIPTOR}, {name: q, required: true, schema: {}}]}`,
      ".params[1]: it is required, and a parameter before it is not",
    ],
    ["{name: a.b, param: []}", ".param: not known; there are name, summary"],
    [
      "{name: a.b, paramStructure: names}",
      '.paramStructure: one of by-name, by-position, either expected, got "names"',
    ],
    ["{name: a.b, summary: 5}", ".summary: a text expected, got 5"],
    ["{name: a.b, result: number}", '.result: an object {name, schema} expected, got "number"'],
    ["{name: a.b, result: {schema: {}}}", ".result.name: missing: a name expected"],
    ["{name: a.b, errors: 4}", ".errors: an array of {code, message} expected, got 4"],
    ["{name: a.b, errors: [4]}", ".errors[0]: an object {code, message} expected, got 4"],
    ["{name: a.b, errors: [{code: -32000, message: m}]}", ".errors[0].code: a whole number outside -32768 to -32000"],
    ["{name: a.b, errors: [{code: -32768, message: m}]}", ".errors[0].code: a whole number outside -32768 to -32000"],
    ["{name: a.b, errors: [{code: 4}]}", ".errors[0].message: a text expected, got nothing"],
    ["{name: a.b, x-deadline-ms: 0}", ".x-deadline-ms: a positive whole number of milliseconds expected"],
    ["{name: system.b}", ': "system.b": names under system. belong to the responder'],
  ])("may not be %s", (method, problem) => {
    const [line, ...others] = problemsOf(method);
    expect(line).toContain(`gateway.yaml:5 mailbox.methods[0]${problem}`);
    expect(others).toEqual([]);
  });

  it("are said all at once, each with its line", () => {
    expect(problemsOf("{name: a.b, params: 5, result: 6}", "{name: c.d, params: 7}")).toEqual([
      "gateway.yaml:5 mailbox.methods[0].params: an array of {name, schema} expected, got 5",
      "gateway.yaml:5 mailbox.methods[0].result: an object {name, schema} expected, got 6",
      "gateway.yaml:6 mailbox.methods[1].params: an array of {name, schema} expected, got 7",
    ]);
  });

  it("have a name each", () => {
    expect(problemsOf("{name: a.b}", "{name: a.b}")).toEqual([
      'gateway.yaml:6 mailbox.methods[1]: "a.b": there is a method of this name already',
    ]);
  });
});

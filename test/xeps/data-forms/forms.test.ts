// The rules of data forms on the wire, both ways: F1 to F11 of XEP-0004 and XEP-0068, V1 to V5 of XEP-0122.
import { describe, expect, it } from "vitest";
import { decodeForm, encodeForm, type Form, readSubmission } from "../../../src/xeps/data-forms/index.js";
import { parseDocument } from "../../../src/xml/index.js";
import { difference } from "../../support/match-xml.js";

const NS = "xmlns='jabber:x:data'";
const VALIDATE = "xmlns='http://jabber.org/protocol/xdata-validate'";

function read(content: string, type = "form"): Form {
  return decodeForm(parseDocument(`<x ${NS} type='${type}'>${content}</x>`));
}

function write(form: Partial<Form>): string {
  return encodeForm({ type: "form", fields: [], ...form });
}

/** What a submission comes to against a form, both as XML. */
function submit(form: string, submission: string) {
  const { values, problems } = readSubmission(read(form), read(submission, "submit"));
  return { values: Object.fromEntries(values), problems: problems.map(({ text }) => text) };
}

function field(type: string, content = "", more = ""): string {
  return `<field var='f' type='${type}' ${more}>${content}</field>`;
}

function given(...values: string[]): string {
  return `<field var='f'>${values.map((value) => `<value>${value}</value>`).join("")}</field>`;
}

describe("a form", () => {
  it.each(["form", "submit", "cancel", "result"])("has the type %s (F1)", (type) => {
    expect(read("", type).type).toBe(type);
  });

  it.each(["error", "", "Form"])("of the type %j is none (F1)", (type) => {
    expect(() => read("", type)).toThrow("the form's type must be form, submit, cancel or result");
  });

  it("has a title and any number of instructions, without line breaks when we write them (F2)", () => {
    const content = "<title>T</title><instructions>one</instructions><instructions>two</instructions>";
    expect(read(content)).toMatchObject({ title: "T", instructions: ["one", "two"] });
    const written = write({ title: "a\nb", instructions: ["c\r\n d", "e"] });
    expect(
      difference(
        parseDocument(written),
        `<x ${NS} type='form'><title>a b</title><instructions>c d</instructions><instructions>e</instructions></x>`,
      ),
    ).toBeUndefined();
  });

  it("has named fields, each name once; others are left out when read and refused when written (F4)", () => {
    const form = read(`<field type='text-single'/>${field("text-single", "<value>1</value>")}${field("hidden")}`);
    expect(form.fields).toEqual([{ var: "f", type: "text-single", values: ["1"] }]);
    expect(() => write({ fields: [{ values: [] }] })).toThrow("a text-single field without a name");
    expect(() =>
      write({
        fields: [
          { var: "a", values: [] },
          { var: "a", values: [] },
        ],
      }),
    ).toThrow("stands twice");
  });

  it("keeps label, description, required and order (F4, F8)", () => {
    const form: Form = {
      type: "form",
      fields: [
        { var: "z", type: "text-single", label: "Z", desc: "Last letter", isRequired: true, values: ["1"] },
        { type: "fixed", values: ["Between"] },
        { var: "a", type: "text-multi", label: "A & B", values: ["1", "2"] },
      ],
    };
    expect(decodeForm(parseDocument(encodeForm(form)))).toEqual({ ...form, instructions: [] });
  });

  it("takes a field without type, or of an unknown one, for text-single (F5)", () => {
    expect(submit("<field var='f'/>", given("x"))).toEqual({ values: { f: ["x"] }, problems: [] });
    expect(read(field("text-golden")).fields[0]?.type).toBe("text-single");
    expect(write({ fields: [{ var: "a", values: [] }] })).toContain('type="text-single"');
  });

  it("says no types in a submission, whatever the submission says of them (F5)", () => {
    const written = write({ type: "submit", fields: [{ var: "a", values: ["1", "2"] }] });
    expect(decodeForm(parseDocument(written)).fields).toEqual([{ var: "a", values: ["1", "2"] }]);
    const lying = "<field var='f' type='text-single'><value>perhaps</value></field>";
    expect(submit(field("boolean", "", "label='Sure'"), lying).problems).toEqual(["Sure: true or false expected"]);
  });

  it.each(["boolean", "jid-single", "list-single", "text-private", "text-single"])(
    "has one value in %s (F6)",
    (type) => {
      const options =
        type === "list-single" ? "<option><value>a</value></option><option><value>b</value></option>" : "";
      expect(submit(field(type, options), given("a", "b")).problems).toEqual(["f: one value expected, got 2"]);
      expect(() => write({ fields: [{ var: "a", type: "boolean", values: ["0", "1"] }] })).toThrow("has 2 values");
    },
  );

  it.each(["hidden", "jid-multi", "list-multi", "text-multi"] as const)("has several values in %s (F6)", (type) => {
    const fields = [{ var: "a", type, values: ["a@b", "c@d"], options: type === "list-multi" ? [] : [] }];
    expect(decodeForm(parseDocument(write({ fields }))).fields[0]?.values).toEqual(["a@b", "c@d"]);
  });

  it("has options in lists only, each value and label once (F7)", () => {
    const options = [
      { label: "A", value: "a" },
      { label: "B", value: "b" },
    ];
    const written = write({ fields: [{ var: "a", type: "list-single", values: [], options }] });
    expect(decodeForm(parseDocument(written)).fields[0]?.options).toEqual(options);
    expect(() => write({ fields: [{ var: "a", type: "text-single", values: [], options }] })).toThrow(
      "options in the text-single",
    );
    for (const twice of [
      { label: "C", value: "a" },
      { label: "A", value: "c" },
    ]) {
      const fields = [{ var: "a", type: "list-single" as const, values: [], options: [...options, twice] }];
      expect(() => write({ fields })).toThrow("not unique");
    }
    const doubled =
      "<option label='1'><value>a</value></option><option label='2'><value>a</value></option><option label='3'/>";
    expect(read(field("list-multi", doubled)).fields[0]?.options).toEqual([{ label: "1", value: "a" }]);
  });
});

describe("a submission", () => {
  it("may hold fields that were not asked for, and lack others, which keep what they showed (F3)", () => {
    const form = `${field("text-single", "<value>shown</value>")}<field var='g'/>`;
    expect(submit(form, "<field var='other'><value>1</value></field>")).toEqual({
      values: { f: ["shown"], g: [] },
      problems: [],
    });
  });

  it("is empty with a field, an empty value, or neither (F3)", () => {
    const required = field("text-single", "<required/>", "label='Name'");
    for (const empty of ["", "<field var='f'/>", given("")])
      expect(submit(required, empty).problems).toEqual(["Name: a value is required"]);
  });

  it.each([
    ["0", "false"],
    ["1", "true"],
    ["false", "false"],
    ["true", "true"],
    ["", "false"],
  ])("boolean: %j is %s", (text, value) => {
    expect(submit(field("boolean"), given(text)).values["f"]).toEqual([value]);
  });

  it("boolean: nothing is false, anything else is refused", () => {
    expect(submit(field("boolean"), "").values["f"]).toEqual(["false"]);
    expect(submit(field("boolean"), given("yes")).problems).toEqual(["f: true or false expected"]);
  });

  it("fixed: is not read", () => {
    expect(submit(field("fixed", "<value>Text</value>"), given("other"))).toEqual({ values: {}, problems: [] });
  });

  it("hidden: is what we wrote, whatever comes back", () => {
    expect(submit(field("hidden", "<value>1</value><value>2</value>"), given("3")).values["f"]).toEqual(["1", "2"]);
  });

  it("jid-single, jid-multi: addresses, equal ones once", () => {
    expect(submit(field("jid-single"), given("Alice@Example.ORG/Desk")).values["f"]).toEqual([
      "alice@example.org/Desk",
    ]);
    expect(submit(field("jid-multi"), given("a@b.c", "A@b.c", "d@e.f")).values["f"]).toEqual(["a@b.c", "d@e.f"]);
    expect(submit(field("jid-multi"), given("a@b.c", "@")).problems).toEqual([
      expect.stringContaining("an address such as"),
    ]);
  });

  const options = ["a", "b", "c"].map((value) => `<option><value>${value}</value></option>`).join("");

  it("list-single, list-multi: options that were offered, in their order", () => {
    expect(submit(field("list-single", options), given("b")).values["f"]).toEqual(["b"]);
    expect(submit(field("list-multi", options), given("c", "a", "c")).values["f"]).toEqual(["a", "c"]);
    for (const type of ["list-single", "list-multi"])
      expect(submit(field(type, options), given("d")).problems).toEqual(["f: one of a, b, c expected"]);
  });

  it("text-multi: lines, also those within a value", () => {
    expect(submit(field("text-multi"), given("a", "b\nc\r\n&#13;d", "")).values["f"]).toEqual(["a", "b", "c", "", "d"]);
  });

  it("text-private, text-single: text", () => {
    for (const type of ["text-private", "text-single"])
      expect(submit(field(type), given(" a b ")).values["f"]).toEqual([" a b "]);
  });

  it("FORM_TYPE is hidden in a form, may have no type in a submission, and must be the same text (F11)", () => {
    const form = `<field var='FORM_TYPE' type='hidden'><value>https://example.org/form</value></field>${field("text-single")}`;
    const ours = "<field var='FORM_TYPE'><value>https://example.org/form</value></field>";
    expect(submit(form, ours + given("1")).problems).toEqual([]);
    expect(submit(form, ours.replace("form<", "FORM<")).problems).toEqual([
      "the form is of another kind than the one that was sent",
    ]);
  });
});

describe("a table of results (F9)", () => {
  const form: Form = {
    type: "result",
    fields: [],
    reported: [
      { var: "id", type: "text-single", label: "Id", values: [] },
      { var: "item", type: "text-single", values: [] },
    ],
    items: [
      [
        { var: "id", values: ["1"] },
        { var: "item", values: ["tea"] },
      ],
      [
        { var: "id", values: ["2"] },
        { var: "item", values: [""] },
      ],
    ],
  };

  it("is reported before its items, in both directions", () => {
    const cell = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
    expect(
      difference(
        parseDocument(encodeForm(form)),
        `<x ${NS} type='result'><reported><field var='id' type='text-single' label='Id'/><field var='item' type='text-single'/></reported>` +
          `<item>${cell("id", "1")}${cell("item", "tea")}</item><item>${cell("id", "2")}${cell("item", "")}</item></x>`,
      ),
    ).toBeUndefined();
    expect(decodeForm(parseDocument(encodeForm(form)))).toEqual({ ...form, instructions: [] });
  });

  it("is not written with other fields, without columns, or with a row that lacks one", () => {
    const { reported = [], items = [] } = form;
    expect(() => encodeForm({ ...form, fields: [{ var: "x", values: [] }] })).toThrow("fields beside a table");
    expect(() => encodeForm({ type: "result", fields: [], items })).toThrow("items without reported");
    expect(() => encodeForm({ ...form, reported: [], items: [] })).toThrow("at least one column");
    expect(() => encodeForm({ ...form, reported, items: [[{ var: "id", values: [] }]] })).toThrow(
      "lacks the column item",
    );
  });

  it("is read in other orders and beside other fields", () => {
    const content =
      "<item><field var='a'><value>1</value></field></item><title>T</title><field var='f'/><reported><field var='a'/></reported>";
    expect(read(content, "result")).toMatchObject({
      title: "T",
      fields: [{ var: "f" }],
      reported: [{ var: "a" }],
      items: [[{ values: ["1"] }]],
    });
  });
});

describe("validation (XEP-0122)", () => {
  const validated = (datatype: string, method = "<basic/>", type = "text-single") =>
    field(type, `<validate ${VALIDATE} datatype='${datatype}'>${method}</validate>`);
  const check = (form: string, ...texts: string[]) => submit(form, given(...texts)).problems.length === 0;

  it.each([
    ["xs:byte", ["-128", "127", "+1"], ["128", "1.5"]],
    ["xs:short", ["32767"], ["32768"]],
    ["xs:int", ["-2147483648", "2147483647", " 7 "], ["2147483648", "7a", "1e3"]],
    ["xs:long", ["9223372036854775807", "-9223372036854775808"], ["9223372036854775808"]],
    ["xs:integer", ["123456789012345678901234567890"], ["1.0"]],
    ["xs:decimal", ["1.5", "-.5", "3."], ["1e3", "."]],
    ["xs:double", ["1e3", "-1.5E-3", "3"], ["1e999", "INFINITE", "0x1"]],
    ["xs:float", ["1.5"], ["one"]],
    ["xs:boolean", ["true", "0"], ["yes"]],
    ["xs:dateTime", ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5+02:00"], ["2026-13-01T00:00:00Z", "tomorrow"]],
    ["xs:date", ["2026-11-22", "2026-11-22Z"], ["2026-02-30", "22.11.2026"]],
    ["xs:time", ["10:00:00", "10:00:00.25Z"], ["25:00:00", "10h"]],
    ["xs:base64Binary", ["AAEC"], ["AAE", "@@@@"]],
  ])("knows %s (V1)", (datatype, right, wrong) => {
    for (const text of right) expect(check(validated(datatype), text), text).toBe(true);
    for (const text of wrong) expect(check(validated(datatype), text), text).toBe(false);
  });

  it("takes an unknown datatype for text, and an unknown or absent method for basic (V2)", () => {
    expect(check(validated("x:own"), "anything")).toBe(true);
    expect(check(validated("xs:int", "<fancy/>"), "7")).toBe(true);
    expect(check(validated("xs:int", ""), "seven")).toBe(false);
    expect(read(field("text-single", `<validate ${VALIDATE}/>`)).fields[0]?.validation).toEqual({
      datatype: "xs:string",
      method: { kind: "basic" },
    });
  });

  const option = "<option><value>1</value></option>";
  it("takes values beside the options of a list by any method but basic (V3)", () => {
    const list = (method: string, type = "list-single") =>
      field(type, `${option}<validate ${VALIDATE} datatype='xs:int'>${method}</validate>`);
    expect(check(list("<basic/>"), "2")).toBe(false);
    for (const method of ["<open/>", "<range min='0' max='5'/>", "<regex>.</regex>"])
      expect(check(list(method), "2")).toBe(true);
    expect(check(list("<open/>", "list-multi"), "1", "2")).toBe(true);
    expect(check(list("<open/>"), "two")).toBe(false);
  });

  it("counts the choices of a list (V3)", () => {
    const options = ["1", "2", "3"].map((value) => `<option><value>${value}</value></option>`).join("");
    const list = field(
      "list-multi",
      `${options}<validate ${VALIDATE} datatype='xs:string'><list-range min='2' max='2'/></validate>`,
    );
    expect([check(list, "1"), check(list, "1", "2"), check(list, "1", "2", "3")]).toEqual([false, true, false]);
  });

  it.each([
    ["xs:int", "1", "5", ["1", "5"], ["0", "6"]],
    ["xs:double", "0.5", "1e2", ["0.5", "100"], ["0.49", "100.1"]],
    ["xs:date", "2026-01-01", "2026-12-31", ["2026-01-01", "2026-12-31"], ["2025-12-31", "2027-01-01"]],
    [
      "xs:dateTime",
      "2026-01-01T00:00:00Z",
      "2026-01-01T12:00:00Z",
      ["2026-01-01T13:00:00+01:00"],
      ["2026-01-01T12:00:01Z"],
    ],
  ])("keeps %s in range, to the edge (V4)", (datatype, min, max, right, wrong) => {
    const form = validated(datatype, `<range min='${min}' max='${max}'/>`);
    for (const text of right) expect(check(form, text), text).toBe(true);
    for (const text of wrong) expect(check(form, text), text).toBe(false);
  });

  it("has no range of texts, and half a range where one end is open (V4)", () => {
    expect(check(validated("xs:string", "<range min='5' max='6'/>"), "x")).toBe(true);
    expect(submit(validated("xs:int", "<range min='5'/>"), given("4")).problems).toEqual([
      "f: whole number of at least 5 expected",
    ]);
    expect(submit(validated("xs:int", "<range max='5'/>"), given("6")).problems).toEqual([
      "f: whole number of at most 5 expected",
    ]);
  });

  it("carries a regex, which is POSIX, and never runs it (V4)", () => {
    const form = read(validated("xs:string", "<regex>([[:alpha:]]+)+$</regex>"));
    expect(form.fields[0]?.validation?.method).toEqual({ kind: "regex", pattern: "([[:alpha:]]+)+$" });
    expect(decodeForm(parseDocument(encodeForm(form)))).toEqual(form);
    expect(check(validated("xs:string", "<regex>(a+)+$</regex>"), `${"a".repeat(50)}!`)).toBe(true);
  });

  it("checks each line of lines, and bytes as one text (V5)", () => {
    expect(check(validated("xs:int", "<open/>", "text-multi"), "1", "", "2")).toBe(true);
    expect(check(validated("xs:int", "<open/>", "text-multi"), "1", "two")).toBe(false);
    expect(check(validated("xs:base64Binary", "<basic/>", "text-multi"), "AA", "EC")).toBe(true);
  });

  it.each(["<basic/>", "<open/>", "<range min='1' max='2'/>", "<list-range min='1'/><basic/>"])(
    "is written as it is read: %s",
    (method) => {
      const form = read(validated("xs:int", method));
      expect(decodeForm(parseDocument(encodeForm(form)))).toEqual(form);
    },
  );
});

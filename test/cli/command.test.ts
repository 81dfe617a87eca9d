// The parts of `jabber-rpc command` that need no server: what is asked, what is sent, what is shown, of forms of anybody.
import { describe, expect, it } from "vitest";
import { decideByFlags, runToEnd } from "../../src/cli/command-run.js";
import { readFieldFlags } from "../../src/cli/form-answers.js";
import { askStage } from "../../src/cli/form-prompts.js";
import { jsonOfReply, textOfResult } from "../../src/cli/form-text.js";
import type { CommandReply, CommandStep, Field, Form } from "../../src/xeps/index.js";

function executing(fields: readonly Field[], more: Partial<CommandReply> = {}): CommandReply {
  return {
    node: "n",
    sessionId: "s",
    status: "executing",
    notes: [],
    actions: { offered: ["complete"], execute: "complete" },
    form: { type: "form", fields },
    ...more,
  };
}
const DONE: CommandReply = { node: "n", sessionId: "s", status: "completed", notes: [] };

/** Replies one after the other, and what was sent for them. */
function responder(...replies: CommandReply[]) {
  const sent: CommandStep[] = [];
  const command = async (_jid: string, _node: string, step: CommandStep = {}) => {
    sent.push(step);
    return replies.shift() ?? DONE;
  };
  return { sent, run: { requester: { command }, jid: "j", node: "n", timeoutMs: 1 } };
}

/** Somebody who types these lines. */
function person(...lines: string[]) {
  const screen: string[] = [];
  const terminal = {
    say: (text: string) => void screen.push(text),
    ask: async (question: string, { isSecret = false } = {}) => {
      const line = lines.shift();
      if (line === undefined) throw new Error(`nothing to type at ${question}`);
      screen.push(`${question}${isSecret ? "" : line}`);
      return line;
    },
    close: () => undefined,
  };
  return { terminal, screen };
}

const NAME: Field = { var: "name", type: "text-single", label: "Name", isRequired: true, values: [] };

describe("a command answered by flags", () => {
  it("goes through all forms, each with its own fields", async () => {
    const first = executing([NAME], { actions: { offered: ["next"], execute: "next" } });
    const { sent, run } = responder(
      first,
      executing([
        { var: "age", values: ["7"] },
        { type: "fixed", values: ["x"] },
      ]),
    );
    const decide = decideByFlags(readFieldFlags(["name=Ann=e"]));
    expect(await runToEnd({ ...run, decide })).toBe(DONE);
    expect(sent.slice(1).map(({ action, form }) => [action, form?.fields])).toEqual([
      ["next", [{ var: "name", values: ["Ann=e"] }]],
      ["complete", [{ var: "age", values: ["7"] }]],
    ]);
  });

  it.each<[string, string[], CommandReply, RegExp]>([
    ["lacks a value", [], executing([NAME]), /--field name=… {2}Name: a value is required/],
    ["names no field", ["nam=Ann"], executing([NAME]), /there is no field nam; the form has name \(Name\)/],
    [
      "is asked again",
      ["name=Ann"],
      executing([NAME], { notes: [{ type: "error", text: "no such name" }] }),
      /^no such name$/,
    ],
  ])("is canceled when it %s", async (_what, words, reply, problem) => {
    const { sent, run } = responder(reply);
    await expect(runToEnd({ ...run, decide: decideByFlags(readFieldFlags(words)) })).rejects.toThrow(problem);
    expect(sent.at(-1)).toEqual({ action: "cancel", sessionId: "s" });
  });

  it("is canceled when it never ends", async () => {
    const { sent, run } = responder(...Array.from({ length: 102 }, () => executing([])));
    await expect(runToEnd({ ...run, decide: decideByFlags(new Map()) })).rejects.toThrow("more than 100 forms");
    expect(sent).toHaveLength(102);
    expect(sent.at(-1)?.action).toBe("cancel");
  });
});

describe("a form asked on a terminal", () => {
  it("shows nothing that a terminal would obey", async () => {
    const evil = "\u001b[2J\u202e";
    const options = [{ label: evil, value: "a" }];
    const { terminal, screen } = person("", "1");
    await askStage(
      terminal,
      executing(
        [
          { type: "fixed", values: [evil] },
          { var: evil, label: evil, desc: evil, values: [evil] },
          { var: "l", type: "list-single", options, values: [] },
        ],
        { form: { type: "form", title: evil, instructions: [evil], fields: [] } },
      ),
    );
    const reply = executing([]);
    const form: Form = {
      type: "form",
      title: evil,
      instructions: [evil],
      fields: [
        { type: "fixed", values: [evil] },
        { var: evil, label: evil, desc: evil, values: [evil] },
        { var: "l", type: "list-single", label: evil, options, values: [] },
      ],
    };
    await askStage(terminal, { ...reply, form });
    expect(screen.join("\n")).toContain("\\u001b[2J\\u202e");
    for (const unsafe of ["\u001b", "\u202e"]) expect(screen.join("\n")).not.toContain(unsafe);
  });

  it("keeps what the form shows where nothing is typed", async () => {
    const { terminal, screen } = person("");
    const decision = await askStage(terminal, executing([{ ...NAME, values: ["Ann"] }]));
    expect(decision).toEqual({
      action: "complete",
      form: { type: "submit", fields: [{ var: "name", values: ["Ann"] }] },
    });
    expect(screen.at(-1)).toBe("* Name [Ann]: ");
  });

  it("asks again for what is wrong", async () => {
    const { terminal, screen } = person("", "x@", "x@y");
    const { form } = await askStage(terminal, executing([{ ...NAME, type: "jid-single" }]));
    expect(form?.fields).toEqual([{ var: "name", values: ["x@y"] }]);
    expect(screen).toContain("  Name: a value is required");
    expect(screen).toContain("  Name: an address such as name@example.org expected");
  });

  it.each<[string, string[], readonly string[]]>([
    ["a number", ["2"], ["b"]],
    ["a value", ["c"], ["c"]],
    ["a label", ["Two"], ["b"]],
    ["something else, once", ["7", "1"], ["a"]],
  ])("takes an option by %s", async (_what, lines, values) => {
    const options = [{ label: "One", value: "a" }, { label: "Two", value: "b" }, { value: "c" }];
    const { terminal } = person(...lines);
    const { form } = await askStage(terminal, executing([{ ...NAME, type: "list-single", options }]));
    expect(form?.fields[0]?.values).toEqual(values);
  });

  it("takes other values for an open list, and prefers a value to a number there", async () => {
    const options = [{ value: "2" }, { value: "3" }];
    const validation = { datatype: "xs:int", method: { kind: "open" } } as const;
    const { terminal } = person("2", "x", "9");
    const fields: Field[] = [1, 2].map((n) => ({ var: `f${n}`, type: "list-single", options, validation, values: [] }));
    const { form } = await askStage(terminal, executing(fields));
    expect(form?.fields.map(({ values }) => values)).toEqual([["2"], ["9"]]);
  });

  it("goes back, ends, and completes early where it is offered", async () => {
    const offered = { offered: ["prev", "next", "complete"], execute: "next" } as const;
    const ask = (...lines: string[]) => askStage(person(...lines).terminal, executing([NAME], { actions: offered }));
    expect(await ask(":prev")).toEqual({ action: "prev" });
    expect(await ask(":cancel")).toEqual({ action: "cancel" });
    expect(await ask("Ann", ":cancel")).toEqual({ action: "cancel" });
    expect((await ask("Ann", "")).action).toBe("next");
    expect((await ask("Ann", "what", "complete")).action).toBe("complete");
    // Where there is no way back it is an answer like any other.
    const { form } = await askStage(person(":prev").terminal, executing([NAME]));
    expect(form?.fields[0]?.values).toEqual([":prev"]);
  });

  it("returns hidden fields, and shows neither them nor what is private", async () => {
    const fields: Field[] = [
      { var: "FORM_TYPE", type: "hidden", values: ["kind"] },
      { var: "p", type: "text-private", label: "Password", values: ["old"] },
    ];
    const { terminal, screen } = person("new");
    const { form } = await askStage(terminal, executing(fields));
    expect(form?.fields).toEqual([
      { var: "FORM_TYPE", type: "hidden", values: ["kind"] },
      { var: "p", values: ["new"] },
    ]);
    expect(screen.join("\n")).not.toMatch(/kind|old|new/);
  });
});

describe("a result", () => {
  const form: Form = {
    type: "result",
    title: "Stats",
    fields: [
      { var: "FORM_TYPE", type: "hidden", values: ["kind"] },
      { var: "a", label: "Users:", values: ["7"] },
      { var: "b", type: "boolean", label: "On", values: ["1"] },
      { var: "c", type: "text-multi", label: "Lines", values: ["1", "2\u001b"] },
      { var: "d", type: "text-private", label: "Key", values: ["secret"] },
      { type: "fixed", values: ["Note"] },
    ],
  };

  it("is lines with labels", () => {
    expect(textOfResult(form)).toBe("Stats\nUsers: 7\nOn: yes\nLines:\n  1\n  2\\u001b\nKey: ********\nNote");
  });

  it("is JSON by the types of its fields", () => {
    expect(jsonOfReply({ ...DONE, notes: [{ type: "warn", text: "w" }], form })).toEqual({
      status: "completed",
      notes: [{ type: "warn", text: "w" }],
      fields: { a: "7", b: true, c: ["1", "2\u001b"], d: "secret" },
    });
  });

  it("is a table, with or without a head", () => {
    const items = [
      [
        { var: "id", values: ["1"] },
        { var: "k", values: ["x"] },
      ],
      [{ var: "k", values: ["y"] }],
    ];
    const reported: Field[] = [
      { var: "id", label: "Id", values: [] },
      { var: "k", type: "text-private", values: [] },
    ];
    expect(textOfResult({ type: "result", fields: [], reported, items })).toBe("Id  k\n1   ********\n    ********");
    expect(textOfResult({ type: "result", fields: [], items })).toBe("id  k\n1   x\n    y");
    expect(jsonOfReply({ ...DONE, form: { type: "result", fields: [], items } })).toMatchObject({
      items: [{ id: "1", k: "x" }, { k: "y" }],
    });
  });
});

// Our requester and responders that are not ours: slixmpp's plugin, and one that behaves as pyobs does (issue 2 §6, §7).

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequester, type Requester } from "../../src/index.js";
import { PYTHON, ROOT, type RunningProcess, startProcess } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const SCRIPT = join(ROOT, "test/interop/peers/slixmpp_responder.py");

let prosody: Prosody;
let responder: RunningProcess;
let requester: Requester;

beforeAll(async () => {
  prosody = await startProsody({ users: { slix: "secret", alice: "secret" } });
  responder = startProcess(PYTHON, [SCRIPT, `127.0.0.1:${prosody.port}`, "slix@localhost", "secret"]);
  const service = `xmpp://127.0.0.1:${prosody.port}`;
  requester = createRequester({ link: { service, jid: "alice@localhost/desk", password: "secret" } });
  await requester.start();
  await responder.until("stdout", /^ready$/m);
});
afterAll(async () => {
  await requester.stop();
  await responder.stop();
  await prosody.stop();
});

describe("slixmpp's xep_0009 plugin as the responder", () => {
  const call = (method: string, ...params: unknown[]) => requester.call("slix@localhost/plugin", method, params);

  it.each<[name: string, value: unknown]>([
    ["int", -7],
    ["double", 2.5],
    ["integral double", 3],
    ["boolean", true],
    ["string", " <&>'\"]]> añ€😀 "],
    ["dateTime", new Date("1998-07-17T14:08:55Z")],
    ["base64", new Uint8Array([0, 1, 255])],
    ["array", [1, ["x", false], []]],
    ["struct", { a: 1, b: { c: [null] } }],
    ["nil", null],
  ])("echoes our %s", async (_name, value) => {
    expect(await call("echo", value)).toEqual(value);
  });

  it("gives its fault", async () => {
    await expect(call("fail", 1)).rejects.toMatchObject({ name: "RpcFault", code: 7, message: "as asked" });
  });

  it("gives its stanza errors", async () => {
    await expect(call("forbid", 1)).rejects.toMatchObject({ name: "StanzaError", condition: "forbidden" });
    await expect(call("nosuch", 1)).rejects.toMatchObject({ name: "StanzaError", condition: "item-not-found" });
  });

  it("is found by disco", async () => {
    const { identities, features } = await requester.discoInfo("slix@localhost/plugin");
    expect(features).toContain("jabber:iq:rpc");
    expect(identities).toContainEqual(expect.objectContaining({ category: "automation", type: "rpc" }));
  });
});

describe("a responder that asks for more time", () => {
  it("is waited for past the timeout of the call", async () => {
    const result = await requester.call("slix@localhost/by-hand", "slow", [], { timeoutMs: 1000 });
    expect(result).toBe("slow but sure");
  });
});

// The example callers as docs/calling.md shows them: Python with slixmpp, and bare @xmpp/client (issue 2 §7).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayProcess, RESPONDER, startGatewayProcess } from "../support/gateway-process.js";
import { PYTHON, ROOT, runProcess } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";

let prosody: Prosody;
let gateway: GatewayProcess;
let folder: string;
let passwordFile: string;

beforeAll(async () => {
  prosody = await startProsody({ users: { responder: RESPONDER.password, svc: "secret" } });
  gateway = await startGatewayProcess(prosody);
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-examples-"));
  passwordFile = join(folder, "pw");
  await writeFile(passwordFile, "secret\n");
});
afterAll(async () => {
  await gateway.stop();
  await prosody.stop();
  await rm(folder, { recursive: true });
});

const ended = (exitCode: number, stdout: string, stderr: unknown) => ({ exitCode, stdout, stderr });
const account = ["--jid", "svc@localhost"];

describe.concurrent("examples/python/call.py", () => {
  const call = (...words: string[]) => {
    const options = ["--service", `127.0.0.1:${prosody.port}`, "--password-file", passwordFile, ...account];
    return runProcess(PYTHON, [join(ROOT, "examples/python/call.py"), ...options, RESPONDER.jid, ...words]);
  };

  it("prints the result", async () => {
    expect(await call("examples.getStateName", "6")).toEqual(ended(0, "Colorado\n", ""));
  });

  it("prints a result with structure as JSON", async () => {
    const struct = '{"text": "añ€", "list": [1, 2.5, true, null]}';
    expect(await call("validator1.echoStructTest", struct)).toEqual(ended(0, `${struct}\n`, ""));
  });

  it("exits with 2 on a fault", async () => {
    const text = expect.stringMatching(/^fault 4: no state 60 \[call \w+\]\n$/);
    expect(await call("examples.getStateName", "60")).toEqual(ended(2, "", text));
  });

  it("exits with 3 on a stanza error", async () => {
    const text = "forbidden: svc@localhost may not call this responder's shop.refund\n";
    expect(await call("shop.refund", "1")).toEqual(ended(3, "", text));
  });

  it("exits with 4 when it is not let in", async () => {
    const wrong = join(folder, "wrong");
    await writeFile(wrong, "wrong");
    const text = "svc@localhost was not let in: wrong password?\n";
    expect(await call("examples.hello", "--password-file", wrong)).toEqual(ended(4, "", text));
  });
});

describe.concurrent("slixmpp's xep_0009 plugin", () => {
  it("gets Colorado", async () => {
    const script = join(ROOT, "test/interop/peers/slixmpp_plugin_caller.py");
    const words = [`127.0.0.1:${prosody.port}`, "svc@localhost", "secret", RESPONDER.jid, "examples.getStateName", "6"];
    expect(await runProcess(PYTHON, [script, ...words])).toMatchObject({ exitCode: 0, stdout: "Colorado\n" });
  });
});

describe.concurrent("examples/xmpp-client/call.mjs", () => {
  const call = (...words: string[]) => {
    const options = ["--service", `xmpp://127.0.0.1:${prosody.port}`, "--password-file", passwordFile, ...account];
    return runProcess(process.execPath, [
      join(ROOT, "examples/xmpp-client/call.mjs"),
      ...options,
      RESPONDER.jid,
      ...words,
    ]);
  };

  it("prints the result", async () => {
    expect(await call("examples.getStateName", "6")).toEqual(ended(0, '"Colorado"\n', ""));
  });

  it("prints a result with structure as JSON", async () => {
    const struct = '{"text":"añ€","list":[1,2.5,true,null]}';
    expect(await call("validator1.echoStructTest", struct)).toEqual(ended(0, `${struct}\n`, ""));
  });

  it("exits with 2 on a fault", async () => {
    const text = expect.stringMatching(/^fault 4: no state 60 \[call \w+\]\n$/);
    expect(await call("examples.getStateName", "60")).toEqual(ended(2, "", text));
  });

  it("exits with 3 on a stanza error", async () => {
    const text = "forbidden: svc@localhost may not call this responder's shop.refund\n";
    expect(await call("shop.refund", "1")).toEqual(ended(3, "", text));
  });
});

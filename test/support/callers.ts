// Callers of three kinds behind one interface, so that one table of calls runs against each of them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodecError, createRequester, RpcFault, StanzaError } from "../../src/index.js";
import { type ExactJson, exactFromJson, jsonOfExact } from "../../src/values/index.js";
import { PYTHON, ROOT, type RunningProcess, startProcess } from "./processes.js";

/** What a call came to; exactly one member is there. */
export interface CallerOutcome {
  readonly value?: ExactJson;
  readonly fault?: { readonly code: number; readonly message: string };
  readonly error?: { readonly type: string; readonly condition: string; readonly text: string };
  /** The caller's own library gave up. */
  readonly failed?: string;
}

/** Somebody who calls. */
export interface Caller {
  call(to: string, method: string, params?: readonly ExactJson[]): Promise<CallerOutcome>;
  stop(): Promise<void>;
}

export type CallerName = "our requester" | "slixmpp" | "@xmpp/client";
export const CALLER_NAMES: readonly CallerName[] = ["our requester", "slixmpp", "@xmpp/client"];

/** Whom to log in at. */
export interface CallServer {
  readonly port: number;
  /** The file of the certificate to trust. */
  readonly certificateFile?: string | undefined;
  /** Where `@xmpp/client` connects instead: over WebSocket. */
  readonly websocketUrl?: string | undefined;
}

export const PEERS = join(ROOT, "test/interop/peers");

/** What makes Python's and Node's TLS trust a certificate. */
export function trusting(certificateFile: string | undefined): Readonly<Record<string, string>> {
  return certificateFile === undefined ? {} : { SSL_CERT_FILE: certificateFile, NODE_EXTRA_CA_CERTS: certificateFile };
}

/** Logs in as `name`@localhost. */
export function startCaller(kind: CallerName, server: CallServer, name: string, password: string): Promise<Caller> {
  const { port, certificateFile, websocketUrl = `xmpp://127.0.0.1:${port}` } = server;
  const env = trusting(certificateFile);
  switch (kind) {
    case "our requester":
      return startRequester(server, name, password);
    case "slixmpp": {
      const script = join(PEERS, "slixmpp_caller.py");
      return startPeer(PYTHON, [script, `127.0.0.1:${port}`, `${name}@localhost`, password], env);
    }
    case "@xmpp/client": {
      const script = join(PEERS, "xmpp-client-caller.mjs");
      return startPeer(process.execPath, [script, websocketUrl, name, password], env);
    }
  }
}

async function startRequester({ port, certificateFile }: CallServer, name: string, password: string): Promise<Caller> {
  const tls = certificateFile === undefined ? {} : { tls: { ca: await readFile(certificateFile, "utf8") } };
  const service = `xmpp://127.0.0.1:${port}`;
  // Over the default, so that a call can be too large for the responder and not for us.
  const values = { limits: { maxSentBytes: 500_000, maxBytes: 500_000 } };
  const requester = createRequester({
    link: { service, jid: `${name}@localhost/requester`, password, ...tls },
    values,
  });
  await requester.start();
  return {
    call: async (to, method, params = []) => {
      try {
        const exact = params.map((param) => exactFromJson(param, { kind: "exact" }));
        const shapes = params.map(() => ({ kind: "exact" }) as const);
        return { value: jsonOfExact(await requester.callExact(to, method, exact, { shapes })) };
      } catch (error) {
        if (RpcFault.is(error)) return { fault: { code: error.code, message: error.message } };
        if (StanzaError.is(error)) {
          return { error: { type: error.type, condition: error.condition, text: error.text ?? "" } };
        }
        if (CodecError.is(error)) return { failed: error.message };
        throw error;
      }
    },
    stop: () => requester.stop(),
  };
}

interface PeerLine extends CallerOutcome {
  readonly n?: number;
  readonly online?: string;
}

/** A peer speaks lines of JSON: `{n, to, method, params}` in, `{n, …outcome}` out. */
async function startPeer(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Caller> {
  const peer: RunningProcess = startProcess(command, args, { env });
  const waiting = new Map<number, (outcome: CallerOutcome) => void>();
  let calls = 0;
  peer.onLine((line) => {
    // Our own peers write nothing else.
    const { n, online: _online, ...outcome } = JSON.parse(line) as PeerLine;
    if (n === undefined) return;
    waiting.get(n)?.(outcome);
    waiting.delete(n);
  });
  await peer.until("stdout", /^\{"online".*\n/);
  return {
    call: async (to, method, params = []) => {
      const n = calls;
      calls += 1;
      peer.write(`${JSON.stringify({ n, to, method, params })}\n`);
      const ended = peer.ended.then(({ exitCode, stderr }) => ({ failed: `ended with ${exitCode}: ${stderr}` }));
      return Promise.race([new Promise<CallerOutcome>((resolve) => waiting.set(n, resolve)), ended]);
    },
    stop: () => peer.stop(),
  };
}

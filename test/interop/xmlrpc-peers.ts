// XML-RPC servers that are not ours: the npm package xmlrpc, CPython's xmlrpc.server, Perl's RPC::XML.

import { join } from "node:path";
import type { XmlRpcSettings } from "../../src/upstream/index.js";
import { PYTHON, ROOT, type RunningProcess, startProcess } from "../support/processes.js";

interface XmlRpcPeer {
  readonly name: string;
  readonly command: string;
  readonly script: string;
  /** What its row of `upstreams` says beside its address. */
  readonly row: Partial<XmlRpcSettings>;
}

export const XML_RPC_PEERS: readonly XmlRpcPeer[] = [
  {
    name: "npm xmlrpc",
    command: process.execPath,
    script: "xmlrpc-server.mjs",
    row: { methods: [{ name: "echo" }, { name: "describe" }, { name: "fail" }, { name: "none" }] },
  },
  {
    name: "CPython",
    command: PYTHON,
    script: "xmlrpc_server.py",
    row: { include: ["echo", "describe", "fail"] },
  },
  {
    name: "RPC::XML",
    command: "/usr/bin/perl",
    script: "xmlrpc_server.pl",
    // It serves one connection after the other.
    row: { include: ["echo", "add", "fail"], maxConcurrent: 1 },
  },
];

/** Starts one; the caller stops it. */
export async function startXmlRpcPeer({
  command,
  script,
}: XmlRpcPeer): Promise<{ readonly server: RunningProcess; readonly url: string }> {
  const server = startProcess(command, [join(ROOT, "test/interop/peers", script)]);
  const [, port] = await server.until("stdout", /^(\d+)$/m);
  return { server, url: `http://127.0.0.1:${port}/RPC2` };
}

/** A row of `upstreams` for one that listens at an address. */
export function upstreamOf({ row }: XmlRpcPeer, url: string): XmlRpcSettings {
  return { name: "old", kind: "xmlrpc", url, ...row };
}

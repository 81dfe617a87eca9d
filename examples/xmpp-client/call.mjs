// Calls one Jabber-RPC method (XEP-0009) with nothing but @xmpp/client:
//   node call.mjs --service xmpp://127.0.0.1:5222 --jid alice@localhost --password-file pw TARGET METHOD [JSON …]
// Exit codes: 0 result, 2 fault, 3 stanza error, 4 no connection.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { client, jid } from "@xmpp/client";
import { readResponse, writeCall } from "./xmlrpc.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { service: { type: "string" }, jid: { type: "string" }, "password-file": { type: "string" } },
});
const [target, method, ...params] = positionals;
const { local, domain } = jid(options.jid);

const xmpp = client({
  service: options.service,
  domain,
  username: local,
  password: readFileSync(options["password-file"], "utf8").trimEnd(),
});
xmpp.on("error", (error) => console.error(error.message));
// Without this every small stanza waits up to 40 ms for the one before it to be acknowledged.
xmpp.on("connect", () => xmpp.socket?.setNoDelay?.(true));

try {
  await xmpp.start();
} catch (error) {
  console.error(`no connection: ${error.message}`);
  process.exit(4);
}
try {
  const query = writeCall(
    method,
    params.map((param) => JSON.parse(param)),
  );
  // The library's own iqCaller matches answers by id alone; an answer must also come from where the call went.
  const answer = await xmpp.iqCaller.set(query, target, 30_000);
  console.log(JSON.stringify(readResponse(answer)));
} catch (error) {
  const isFault = typeof error.code === "number";
  console.error(
    isFault ? `fault ${error.code}: ${error.message}` : `${error.condition}: ${error.text ?? error.message}`,
  );
  process.exitCode = isFault ? 2 : 3;
} finally {
  await xmpp.stop();
}

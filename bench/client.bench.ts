// A gateway that is logged in at Prosody, beside a responder with canned replies on a bare socket in the same place.
// Run after a build: node dist/bench/client.bench.js. Compare ratios of one run, never absolutes.

import { startProsody } from "../test/support/prosody.js";
import { login } from "./bare-requester.js";
import { publish } from "./report.js";
import { REQUESTER, RESPONDER, type ResponderKind, startResponder } from "./responders.js";
import { COLUMNS, type Measured, measureByTurns, overSocket } from "./side-by-side.js";

/** Two servers, so that one responder's calls do not wait behind the other's. */
async function measured(name: string, kind: ResponderKind): Promise<Measured & { stop(): Promise<void> }> {
  const prosody = await startProsody({
    users: { [REQUESTER.user]: REQUESTER.password, [RESPONDER.user]: RESPONDER.password },
  });
  const responder = await startResponder(kind, prosody.port);
  const socket = await login({ port: prosody.port, ...REQUESTER });
  return {
    ...overSocket(name, responder, socket, `${RESPONDER.user}@localhost/${RESPONDER.resource}`),
    stop: async () => {
      socket.destroy();
      responder.stop();
      await prosody.stop();
    },
  };
}

const all = [
  await measured("canned replies on a bare socket", "canned-client"),
  await measured("gateway in client mode", "gateway-client"),
];
const rows = await measureByTurns(all);
publish([{ title: "Client mode: a call and its answer through Prosody", columns: COLUMNS, rows }]);
for (const each of all) await each.stop();

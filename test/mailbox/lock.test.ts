// Somebody else holds the database: calls are answered, messages reach their handlers, and what waited is written afterwards.

import { afterEach, beforeEach, expect, it } from "vitest";
import { defineMethod, int } from "../../src/index.js";
import { callStanza } from "../support/memory-gateway.js";
import { type MailboxScene, PEER, startScene } from "./support.js";

let scene: MailboxScene;
beforeEach(async () => {
  scene = await startScene({
    gateway: {
      methods: [defineMethod("a.double", { params: [int], returns: int }, (number) => number * 2)],
      onMessage: ({ body }) => `seen ${body}`,
      limits: { inboxWaiting: 2, inboxWaitMs: 50 },
    },
  });
  await scene.sql("begin immediate");
});
afterEach(() => scene.stop());

it("delays no call", async () => {
  const id = await scene.outbox({ kind: "text", recipient: PEER, body: '{"text":"x"}' });
  scene.peer.send(callStanza("a.double", "<param><value><int>4</int></value></param>"));
  expect(JSON.stringify((await scene.peer.next()).children)).toContain('"8"');
  await scene.sql("commit");
  await scene.until("select 1 from outbox where id = ? and status = 'sent'", id);
});

it("keeps a message from its handler for inboxWaitMs, and from the inbox only beyond inboxWaiting", async () => {
  for (const words of ["one", "two", "three"])
    scene.peer.send(`<message to='rpc.example.org' type='chat' id='${words}'><body>${words}</body></message>`);
  const seen: string[] = [];
  for (let count = 0; count < 3; count += 1) seen.push(JSON.stringify((await scene.peer.next()).children));
  // The one that may not wait is not held up.
  expect(seen.map((each) => /seen (\w+)/.exec(each)?.[1])).toEqual(["three", "one", "two"]);
  await scene.sql("commit");
  await scene.until("select 1 from inbox where stanza_id = 'two'");
  expect(await scene.sql("select stanza_id from inbox order by id")).toEqual([
    { stanza_id: "one" },
    { stanza_id: "two" },
  ]);
});

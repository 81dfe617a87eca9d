// The inbox through the front door: what people write stands in the table before a handler sees it.

import { afterEach, expect, it } from "vitest";
import { type MailboxScene, PEER, type SceneOptions, startScene } from "./support.js";

let scene: MailboxScene | undefined;
afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

async function start(options: SceneOptions = {}): Promise<MailboxScene> {
  scene = await startScene(options);
  return scene;
}

const message = (content: string, attributes = "id='m1' type='chat'") =>
  `<message to='rpc.example.org' ${attributes}>${content}</message>`;

it("stores a message before the handler runs", async () => {
  let stored: unknown;
  const { peer, sql } = await start({
    gateway: {
      onMessage: async () => {
        stored = await sql("select * from inbox");
        return "seen";
      },
    },
  });
  peer.send(message("<subject>s</subject><body>hello &lt;you&gt;</body><thread>t</thread>"));
  await peer.next();
  expect(stored).toMatchObject([
    {
      kind: "message",
      sender: PEER,
      stanza_id: "m1",
      body: '{"text":"hello <you>","subject":"s","thread":"t"}',
      outbox_id: null,
    },
  ]);
});

it("stores what comes twice once, and what has only the id of another beside it", async () => {
  const { peer, sql, until } = await start();
  peer.send(message("<body>one</body>"));
  peer.send(message("<body>one</body>"));
  peer.send(message("<body>two</body>"));
  peer.send(message("<body>two</body>"));
  peer.send(message("<body>no id</body>", "type='chat'"));
  peer.send(message("<body>no id</body>", ""));
  peer.send(message("<body>last</body>", "id='m2'"));
  await until("select 1 from inbox where stanza_id = 'm2'");
  const rows = await sql("select body, stanza_id from inbox order by id");
  expect(rows.map(({ body }) => JSON.parse(String(body)).text)).toEqual(["one", "two", "no id", "no id", "last"]);
  expect(rows[1]?.["stanza_id"]).toMatch(/^m1#/);
});

it("keeps when a delayed message was written", async () => {
  const { peer, until } = await start();
  peer.send(message("<body>old</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-02T03:04:05Z'/>"));
  const row = await until("select * from inbox");
  expect(row["stamp"]).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(Number(row["created_at"])).toBeGreaterThan(Number(row["stamp"]));
});

it("stores nothing of strangers, rooms and errors, and nothing without text", async () => {
  const { peer, sql, until } = await start({ gateway: { access: [{ allow: PEER }, { deny: "mallory@example.org" }] } });
  peer.send(message("<body>room</body>", "type='groupchat'"));
  peer.send(message("<body>news</body>", "type='headline'"));
  peer.send(message("<body>error</body>", "type='error' id='e'"));
  peer.send(message("<active xmlns='http://jabber.org/protocol/chatstates'/>"));
  peer.send(message("<body>last</body>"));
  await until("select 1 from inbox");
  expect(await sql("select body from inbox")).toEqual([{ body: '{"text":"last"}' }]);
});

it("stores nothing of whom no rule allows anything", async () => {
  const { peer, sql } = await start({ gateway: { access: [{ allow: "bob@example.org" }] } });
  peer.send(message("<body>let me in</body>"));
  // The answer to the next request comes after the message has been dealt with.
  peer.send("<iq type='get' id='p' to='rpc.example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
  await peer.next();
  expect(await sql("select * from inbox")).toEqual([]);
});

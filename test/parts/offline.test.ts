// Messages that wait for the gateway's own account, over its service `offline`, and those that it keeps for others in a database.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { OfflineService } from "../../src/handlers/index.js";
import { createGateway, createMemoryNetwork, createRequester, type Gateway } from "../../src/index.js";
import { element, escapeText } from "../../src/xml/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../../src/xmpp/index.js";
import { listenAsMailServer, loginAt, type MailServer, OWN } from "../xeps/offline/fake-mail-server.js";

const NS = "http://jabber.org/protocol/offline";

describe("the gateway's own account", () => {
  let gateway: Gateway | undefined;
  let mail: MailServer | undefined;
  afterEach(async () => {
    await gateway?.stop();
    await mail?.server.close();
  });

  async function start(hold: boolean): Promise<{ readonly mail: MailServer; readonly heardByHandlers: string[] }> {
    const heardByHandlers: string[] = [];
    mail = await listenAsMailServer({ server: [NS] }, (payload) => {
      const items = `<item jid='${OWN}' node='1' name='ann@localhost/desk'/>`;
      if (payload.name === "query")
        return { result: `<query xmlns='http://jabber.org/protocol/disco#items' node='${NS}'>${items}</query>` };
      const { node: id, action } = payload.children[0]?.attrs ?? {};
      if (action !== "view") return {};
      if (id !== "1") return { error: "item-not-found" };
      const mark = `<offline xmlns='${NS}'><item node='1'/></offline>`;
      return { before: `<message from='ann@localhost/desk' type='chat'><body>first</body>${mark}</message>` };
    });
    gateway = createGateway({
      link: loginAt(mail.server),
      services: [OfflineService],
      access: [{ anyone: true }],
      offline: { hold },
      onMessage: ({ body }) => void heardByHandlers.push(body),
    });
    await gateway.start();
    return { mail, heardByHandlers };
  }

  /** Calls a method as somebody at the server, and gives the text of the answer. */
  async function call({ server, heard, until }: MailServer, method: string, param: string): Promise<string> {
    const before = heard.length;
    const params = `<params><param><value>${param}</value></param></params>`;
    server.sessions[0]?.write(
      `<iq type='set' id='${method}' from='bob@localhost/x' to='${OWN}/reader'><query xmlns='jabber:iq:rpc'><methodCall><methodName>${method}</methodName>${params}</methodCall></query></iq>`,
    );
    await until(() => heard.slice(before).some(({ attrs }) => attrs["id"] === method));
    return server.sessions[0]?.received ?? "";
  }

  it("is read by methods, which handlers of messages do not notice; what cannot be is a fault", async () => {
    const { mail: server, heardByHandlers } = await start(false);
    expect(await call(server, "offline.show", "<string>1</string>")).toContain("<value><string>first</string></value>");
    const gone = await call(server, "offline.show", "<string>2</string>");
    expect(gone).toMatch(/<int>1<\/int>.*no message 2/);
    await call(server, "offline.remove", "<array><data><value>1</value></data></array>");
    expect(server.asked.at(-1)?.children.map(({ name, attrs }) => ({ name, ...attrs }))).toEqual([
      { name: "item", action: "remove", node: "1" },
    ]);
    expect(heardByHandlers).toEqual([]);
    expect((await gateway?.offline.show("1"))?.body).toBe("first");
  });

  it.each([
    [true, ["iq", "presence"]],
    [false, ["presence"]],
  ])("is held before presence only where that is wanted: %s", async (hold, order) => {
    const { mail: server } = await start(hold);
    await server.until(() => server.heard.some(({ name }) => name === "presence"));
    const sent = server.server.sessions[0]?.received.split("</bind>").at(-1) ?? "";
    expect([...sent.matchAll(/<(iq|presence)[ >]/g)].map(([, name]) => name)).toEqual(order);
    expect(server.asked.map(({ attrs }) => attrs["node"])).toEqual(hold ? [NS] : []);
  });
});

it("a requester without presence sends none, and in a network without servers nothing waits", async () => {
  const network = createMemoryNetwork();
  const requester = createRequester({ link: network.link("ann@example.org/desk"), presence: false });
  await requester.start();
  await expect(requester.offline.count()).rejects.toMatchObject({ name: "OfflineError", code: "unsupported" });
  await requester.stop();
  const mail = await listenAsMailServer({ server: [NS] }, () => ({}));
  const silent = createRequester({ link: loginAt(mail.server), presence: false });
  await silent.start();
  await silent.offline.purge();
  await silent.stop();
  expect(mail.server.sessions[0]?.received).not.toContain("<presence");
  await mail.server.close();
});

describe("a stand-alone gateway with a database", () => {
  it("keeps messages for absent accounts over its own end", async () => {
    const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-offline-"));
    const accounts = createMemoryAccounts({ iterations: 4096 });
    await accounts.set("alice", "secret");
    const run = async (use: (link: ReturnType<typeof createStandaloneLink>) => Promise<void>): Promise<void> => {
      const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts });
      const gateway = createGateway({ link, mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` } });
      await gateway.start();
      await use(link);
      await gateway.stop();
    };
    await run(async (link) => {
      const body = element("body", {}, escapeText("kept"));
      link.send(element("message", { to: "alice@localhost", from: "rpc@localhost", type: "chat" }, body));
    });
    await run(async (link) => {
      const service = `xmpp://127.0.0.1:${link.listening?.port}`;
      const login = { service, jid: "alice@localhost/reader", password: "secret" };
      const requester = createRequester({ link: login, presence: false });
      await requester.start();
      expect((await requester.discoInfo("localhost")).features).toContain(NS);
      const [message] = await requester.offline.fetch();
      expect(message).toMatchObject({ from: "rpc@localhost", body: "kept", type: "chat" });
      expect(message?.stamp).toBeInstanceOf(Date);
      await requester.offline.remove([message?.id ?? ""]);
      expect(await requester.offline.count()).toBe(0);
      await requester.stop();
    });
    await rm(folder, { recursive: true });
  });
});

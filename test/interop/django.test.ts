// The talk's own scenario: a Django site asks its administrator, who answers in a chat client, and serves functions over XMPP
// (issue 6; examples/django).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequester, type Requester } from "../../src/index.js";
import { type Browser, type DjangoSite, openBrowser, startDjangoSite } from "../support/django-site.js";
import { type Postgres, startPostgres } from "../support/postgres.js";
import { type Person, type Seen, startPerson } from "../support/slixmpp-person.js";

const PASSWORDS = { admin: "admin's päss", alice: "alice's" };

let postgres: Postgres | undefined;

const databases = {
  SQLite: async () => ({}),
  PostgreSQL: async () => {
    postgres = await startPostgres();
    const { hostname, port, username, password, pathname } = new URL(postgres.url);
    return {
      SITE_DB_HOST: hostname,
      SITE_DB_PORT: port,
      SITE_DB_USER: username,
      SITE_DB_PASSWORD: decodeURIComponent(password),
      SITE_DB_NAME: pathname.slice(1),
    };
  },
} as const;

describe.each(Object.entries(databases))("a Django site on %s", (_name, start) => {
  let site: DjangoSite;
  let admin: Person;
  let alice: Person;
  let web: Browser;
  let program: Requester;

  beforeAll(async () => {
    site = await startDjangoSite(PASSWORDS, await start());
    admin = await startPerson(site.xmppPort, "admin", PASSWORDS.admin, "localhost");
    alice = await startPerson(site.xmppPort, "alice", PASSWORDS.alice, "localhost");
    web = await openBrowser(site.url, "alice", PASSWORDS.alice);
    const service = `xmpp://127.0.0.1:${site.xmppPort}`;
    program = createRequester({
      link: { service, jid: "alice@localhost/program", password: PASSWORDS.alice, allowPlaintext: true },
    });
    await program.start();
  });
  afterAll(async () => {
    await program.stop();
    await Promise.all([admin.stop(), alice.stop()]);
    expect(await site.stop()).toEqual({ exitCodes: [0, 0], waits: 1 });
    await postgres?.stop();
    postgres = undefined;
  });

  /** The next message that carries a form: others only say that an answer has come. */
  const nextForm = async (): Promise<Seen> => {
    for (;;) {
      const seen = await admin.next();
      if (seen.fields !== null && seen.fields !== undefined) return seen;
    }
  };

  it("lets nobody in with a wrong password", async () => {
    const service = `xmpp://127.0.0.1:${site.xmppPort}`;
    const stranger = createRequester({
      link: { service, jid: "alice@localhost", password: "guessed", allowPlaintext: true },
    });
    await expect(stranger.start()).rejects.toMatchObject({ code: "authentication-failed" });
    await stranger.stop();
  });

  /** The cells of the tables on a page, row by row. */
  const cells = (page: string): string => page.replaceAll(/<\/td>\s*<td>/g, "|");

  it("asks the administrator, sends back what its form refuses, and acts on the answer", async () => {
    const page = await web.post("/", { article: "a chair", price: "90" });
    expect(cells(page)).toContain("|a chair|90|waiting|");
    const asked = await nextForm();
    expect(asked.body).toContain("alice wants to buy a chair for 90.");
    expect(asked.fields).toMatchObject({ decision: "list-single", budget: "text-single", comment: "text-single" });
    expect(asked.values).toMatchObject({ budget: "90" });
    expect(await program.call("localhost", "shop.waiting")).toBe(1);

    admin.act({ fill: { decision: "approve", budget: "", comment: "nice" } });
    const again = await nextForm();
    expect(again.body).toContain("Say how much may be spent.");
    expect(again.values).toMatchObject({ decision: "approve", comment: "nice" });
    expect(cells(await web.get("/"))).toContain("|a chair|90|waiting|");

    admin.act({ fill: { decision: "approve", budget: "80", comment: "nice" } });
    const decided = await web.until("/", "approved");
    expect(cells(decided)).toContain(`|a chair|90|approved|80|nice|${admin.jid}<`);
  });

  it("tells the person, and shows that the note arrived", async () => {
    expect((await alice.next()).body).toContain("Your purchase of a chair is approved.");
    const page = await web.until("/notes/", "delivered");
    expect(cells(page)).toContain("Your purchase of a chair is approved.|delivered<");
  });

  it("serves functions to those who may call them", async () => {
    const [, number] = /(\d+)\|a chair/.exec(cells(await web.get("/"))) ?? [];
    const purchase = { article: "a chair", price: 90, state: "approved" };
    expect(await program.call("localhost", "shop.purchase", [Number(number)])).toEqual(purchase);
    await expect(program.call("localhost", "shop.purchase", [1_000])).rejects.toMatchObject({
      code: 404,
      message: expect.stringContaining("no purchase 1000 of alice@localhost"),
    });
    await expect(program.call("localhost", "shop.purchase", ["one"])).rejects.toMatchObject({ code: -32602 });
    const { signatures, help } = await program.describe("localhost", "shop.purchase");
    expect({ signatures, help }).toEqual({
      signatures: [["struct", "int"]],
      help: "One of the caller's own purchases.",
    });
  });
});

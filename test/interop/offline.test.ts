// Messages that wait for an account: ejabberd and our stand-alone mode (XEP-0013), Prosody's archive (XEP-0313); slixmpp is the other person.

import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PEERS } from "../support/callers.js";
import { type CliUser, cliUser } from "../support/cli.js";
import { startEjabberd } from "../support/ejabberd.js";
import { PYTHON, type RunningProcess, startProcess } from "../support/processes.js";
import { startProsody } from "../support/prosody.js";
import { makeAccounts, startStandalone } from "../support/standalone-process.js";

const users = { alice: "secret", bob: "secret" };
const BOB = "bob@localhost/slixmpp";

interface TestServer {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Another person. */
interface Person {
  /** Does one step of `peers/slixmpp_offline.py`. */
  do(step: object): Promise<unknown>;
  stop(): Promise<void>;
}

const persons: Person[] = [];

async function startPerson({ port }: TestServer, jid: string): Promise<Person> {
  const args = [join(PEERS, "slixmpp_offline.py"), `127.0.0.1:${port}`, jid, "secret"];
  const peer: RunningProcess = startProcess(PYTHON, args, { env: {} });
  const answers: ((answer: unknown) => void)[] = [];
  let isOnline = false;
  peer.onLine((line) => {
    if (isOnline) answers.shift()?.(JSON.parse(line));
    isOnline = true;
  });
  await peer.until("stdout", /^\{"online".*\n/);
  const person: Person = {
    do: async (step) => {
      const answered = new Promise<unknown>((resolve) => answers.push(resolve));
      peer.write(`${JSON.stringify(step)}\n`);
      const ended = peer.ended.then(({ exitCode, stderr }) => ({ failed: `ended with ${exitCode}: ${stderr}` }));
      return Promise.race([answered, ended]);
    },
    stop: () => peer.stop(),
  };
  persons.push(person);
  return person;
}

afterEach(async () => {
  for (const person of persons.splice(0)) await person.stop();
});

/** Bob writes to alice, who is away; resolves when all of it waits. */
async function bobWrites(
  server: TestServer,
  alice: CliUser,
  bodies: readonly string[],
  waiting: number,
): Promise<void> {
  const bob = await startPerson(server, BOB);
  await bob.do({ do: "send", to: "alice@localhost", bodies });
  while ((await alice.run(["offline", "count"])).stdout !== `${waiting}\n`);
}

interface Shown {
  readonly id: string;
  readonly from: string;
  readonly body?: string;
  readonly stamp?: string;
}

/** The JSON that a command prints. */
async function json<T>(alice: CliUser, ...words: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await alice.run(["offline", ...words, "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  // What it prints is what is tested.
  return JSON.parse(stdout) as T;
}

const SERVERS: readonly (readonly [name: string, start: () => Promise<TestServer>])[] = [
  ["ejabberd", () => startEjabberd({ users, moreModules: { mod_offline: {} } })],
  [
    "the stand-alone gateway",
    async () => {
      const accounts = await makeAccounts(users);
      const gateway = await startStandalone({ accounts: accounts.path, link: { clientToClient: true } });
      return {
        port: gateway.port,
        stop: async () => {
          expect(await gateway.stop()).toBe(0);
          await accounts.remove();
        },
      };
    },
  ],
];

describe.each(SERVERS)("%s, which keeps messages until they are read", (_name, start) => {
  let server: TestServer;
  let alice: CliUser;
  beforeAll(async () => {
    server = await start();
    alice = cliUser(server, "alice@localhost", "secret");
  });
  afterAll(() => server.stop());

  it("gives them to the command line and to slixmpp, one by one and all", async () => {
    await bobWrites(server, alice, ["one", "two", "three", "four"], 4);
    const list = await json<Shown[]>(alice, "list");
    expect(list.map(({ from }) => from)).toEqual([BOB, BOB, BOB, BOB]);
    const all = await json<Shown[]>(alice, "fetch");
    expect(all.map(({ id, body }) => [id, body])).toEqual(
      list.map(({ id }, index) => [id, ["one", "two", "three", "four"][index]]),
    );
    const [first = "", second = "", third = ""] = list.map(({ id }) => id);
    expect((await alice.run(["offline", "show", second])).stdout).toMatch(
      new RegExp(`^Id: ${second}\nFrom: ${BOB}\nDate: \\d{4}-.*Z\n\ntwo\n$`),
    );
    expect(await alice.run(["offline", "remove", second])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await alice.run(["offline", "remove", first, second])).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: `not-found: no message ${second}\n`,
    });
    expect(await alice.run(["offline", "show", second])).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: `not-found: no message ${second}\n`,
    });

    const reader = await startPerson(server, "alice@localhost/reader");
    expect(await reader.do({ do: "count" })).toEqual({ count: 3 });
    expect(await reader.do({ do: "list" })).toMatchObject({
      items: [
        [first, BOB],
        [third, BOB],
        [expect.any(String), BOB],
      ],
    });
    const message = (body: string) => ({ from: BOB, body, delayed: true });
    expect(await reader.do({ do: "view", nodes: [first] })).toEqual({ messages: [message("one")] });
    expect(await reader.do({ do: "remove", nodes: [first] })).toEqual({ messages: [] });
    expect(await reader.do({ do: "view", nodes: ["999999"] })).toEqual({ error: "item-not-found" });
    expect(await reader.do({ do: "count" })).toEqual({ count: 2 });
    await reader.stop();

    // Whoever asks nothing is sent what is left.
    const comer = await startPerson(server, "alice@localhost/comer");
    expect(await comer.do({ do: "come", messages: 2 })).toEqual({ messages: [message("three"), message("four")] });
    await comer.stop();
    while ((await alice.run(["offline", "count"])).stdout !== "0\n");
  });

  it("removes all", async () => {
    await bobWrites(server, alice, ["one", "two"], 2);
    expect((await alice.run(["offline", "purge"])).exitCode).toBe(0);
    expect(await json(alice, "list")).toEqual([]);
  });
});

describe("Prosody, which has an archive", () => {
  let server: TestServer;
  let alice: CliUser;
  beforeAll(async () => {
    server = await startProsody({
      users,
      modules: ["mam", "offline"],
      extraConfig: 'archive_expires_after = "never"\ndefault_archive_policy = true\nmax_archive_query_results = 20',
    });
    alice = cliUser(server, "alice@localhost", "secret");
  });
  afterAll(() => server.stop());

  it("is read page by page, and nothing is removed", async () => {
    const bodies = Array.from({ length: 45 }, (_, number) => `message ${number}`);
    await bobWrites(server, alice, bodies, 45);
    const all = await json<Shown[]>(alice, "fetch");
    expect(all.map(({ body }) => body)).toEqual(bodies);
    const list = await json<Shown[]>(alice, "list");
    expect(list.map(({ id, from }) => [id, from])).toEqual(all.map(({ id }) => [id, BOB]));
    const [, second] = all;
    expect((await json<Shown>(alice, "show", second?.id ?? "")).body).toBe("message 1");
    const refusal =
      "unsupported: localhost keeps no messages that can be removed (XEP-0013); its archive (XEP-0313) can only be read\n";
    for (const words of [["remove", second?.id ?? ""], ["purge"]])
      expect(await alice.run(["offline", ...words])).toEqual({ exitCode: 3, stdout: "", stderr: refusal });
    expect(await alice.run(["offline", "show", "none"])).toMatchObject({
      exitCode: 3,
      stderr: "not-found: no message none\n",
    });
  });
});

it("a server that has neither is told apart", async () => {
  const server = await startProsody({ users });
  const ended = await cliUser(server, "alice@localhost", "secret").run(["offline", "list"]);
  await server.stop();
  expect(ended).toEqual({
    exitCode: 3,
    stdout: "",
    stderr: "unsupported: localhost has neither XEP-0013 nor an archive (XEP-0313) of this account\n",
  });
});

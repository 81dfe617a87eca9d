// A person whose chat client is made of slixmpp, for tests of notes and questions against real servers.

import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { PEERS } from "./callers.js";
import { PYTHON, startProcess } from "./processes.js";

/** A message, or what an action came to. */
export interface Seen {
  readonly online?: string;
  readonly from?: string;
  readonly type?: string;
  readonly body?: string;
  readonly thread?: string;
  readonly fields?: Readonly<Record<string, string>> | null;
  readonly values?: Readonly<Record<string, unknown>> | null;
  readonly link?: string | null;
  readonly delayed?: boolean;
  readonly command?: unknown;
  readonly nodes?: readonly string[];
}

export interface Person {
  readonly jid: string;
  act(action: object): void;
  next(): Promise<Seen>;
  stop(): Promise<void>;
}

/** Logs in as `name`@localhost; acts on the gateway at that address. */
export async function startPerson(port: number, name: string, password: string, gateway: string): Promise<Person> {
  const script = join(PEERS, "slixmpp_person.py");
  const client = startProcess(PYTHON, [script, `127.0.0.1:${port}`, `${name}@localhost/slix`, password, gateway]);
  const seen: Seen[] = [];
  const arrivals = new EventEmitter();
  client.onLine((line) => {
    // Our own script writes nothing else.
    const one = JSON.parse(line) as Seen;
    if (one.online !== undefined) return;
    seen.push(one);
    arrivals.emit("seen");
  });
  const [, jid = ""] = await client.until("stdout", /^\{"online": "(.*)"\}\n/);
  return {
    jid,
    act: (action) => client.write(`${JSON.stringify(action)}\n`),
    next: async () => {
      if (seen.length === 0) {
        const ended = client.ended.then(({ stderr }) => {
          throw new Error(`slixmpp ended: ${stderr}`);
        });
        await Promise.race([once(arrivals, "seen"), ended]);
      }
      return seen.shift() ?? {};
    },
    stop: () => client.stop(),
  };
}

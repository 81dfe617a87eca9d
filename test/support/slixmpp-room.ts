// A person in a room whose client is made of slixmpp, for tests of rooms against real servers.

import { EventEmitter, on } from "node:events";
import { join } from "node:path";
import { PEERS } from "./callers.js";
import { PYTHON, startProcess } from "./processes.js";

/** Something that happened to the person; docs: test/interop/peers/slixmpp_room.py. */
export type Happening = Readonly<Record<string, unknown>>;

export interface RoomPerson {
  readonly jid: string;
  /** All that has happened since the beginning. */
  readonly past: readonly Happening[];
  act(action: object): void;
  /** The next thing that happens with these members; what comes before it is dropped. */
  until(members: Happening): Promise<Happening>;
  stop(): Promise<void>;
}

export async function startRoomPerson(
  port: number,
  account: { readonly name: string; readonly password: string },
  room: string,
  nick: string,
): Promise<RoomPerson> {
  const args = [`127.0.0.1:${port}`, `${account.name}@localhost/slix`, account.password, room, nick];
  const client = startProcess(PYTHON, [join(PEERS, "slixmpp_room.py"), ...args]);
  const past: Happening[] = [];
  const happened: Happening[] = [];
  const arrivals = new EventEmitter();
  client.onLine((line) => {
    // Our own script writes nothing else.
    const happening = JSON.parse(line) as Happening;
    past.push(happening);
    happened.push(happening);
    arrivals.emit("line");
  });
  const ended = client.ended.then(({ stderr }) => {
    throw new Error(`slixmpp ended: ${stderr}`);
  });
  ended.catch(() => undefined);
  const take = (members: Happening): Happening | undefined => {
    const at = happened.findIndex((one) => Object.entries(members).every(([name, value]) => one[name] === value));
    return at < 0 ? undefined : happened.splice(0, at + 1).at(-1);
  };
  const wait = async (members: Happening): Promise<Happening> => {
    const there = take(members);
    if (there !== undefined) return there;
    for await (const _ of on(arrivals, "line")) {
      const found = take(members);
      if (found !== undefined) return found;
    }
    throw new Error("nothing more happens");
  };
  const [, jid = ""] = await client.until("stdout", /^\{"online": "(.*)"\}$/m);
  return {
    jid,
    past,
    act: (action) => client.write(`${JSON.stringify(action)}\n`),
    until: (members) =>
      within(Promise.race([wait(members), ended]), () => `${JSON.stringify(members)} of ${JSON.stringify(happened)}`),
    stop: () => client.stop(),
  };
}

const PATIENCE_MS = 30_000;

/** What never happens is told with what has happened instead. */
async function within<T>(happening: Promise<T>, told: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing like ${told()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([happening, limit]);
  } finally {
    clearTimeout(timer);
  }
}

// Somebody else at a publish-subscribe service: slixmpp's xep_0060 in a process of its own.

import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { PEERS } from "./callers.js";
import { PYTHON, startProcess } from "./processes.js";

export interface PubSubEventSeen {
  readonly event: "item" | "retract";
  readonly node: string;
  readonly id: string;
  readonly title?: string | null;
}

export interface PubSubPerson {
  readonly events: readonly PubSubEventSeen[];
  /** What it gave, or the condition of the error. */
  act(request: { readonly do: string; readonly node: string; readonly [name: string]: string }): Promise<unknown>;
  /** Waits until that many events came. */
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startPubSubPerson(
  port: number,
  jid: string,
  password: string,
  service: string,
): Promise<PubSubPerson> {
  const args = [join(PEERS, "slixmpp_pubsub.py"), `127.0.0.1:${port}`, jid, password, service];
  const peer = startProcess(PYTHON, args);
  const events: PubSubEventSeen[] = [];
  const arrivals = new EventEmitter();
  peer.onLine((line) => {
    // Our own peer writes nothing else.
    const said = JSON.parse(line) as PubSubEventSeen | { readonly done?: unknown; readonly error?: string };
    if ("event" in said) {
      events.push(said);
      arrivals.emit("event");
    } else if (!("online" in said)) arrivals.emit("reply", said.error ?? said.done);
  });
  await peer.until("stdout", /^\{"online": "(.*)"\}\n/);
  return {
    events,
    act: async (request) => {
      const reply = once(arrivals, "reply");
      peer.write(`${JSON.stringify(request)}\n`);
      const [given]: unknown[] = await reply;
      return given;
    },
    until: async (count) => {
      while (events.length < count) await once(arrivals, "event");
    },
    stop: () => peer.stop(),
  };
}

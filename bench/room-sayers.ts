// Who speaks in the room that is measured, each in a process of its own: the gateway, or a bare socket with a constant message.
// Forked by startSayer: node room-sayers.js KIND PORT ROOM

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createGateway } from "../src/index.js";
import { login } from "./bare-requester.js";

/** `bare` writes to a socket what the gateway writes, and counts what comes back. */
export type SayerKind = "gateway" | "bare";

/** The accounts of those who speak. */
export const SAYERS = Object.freeze({ gateway: "secret", bare: "secret" });

/** The text of every message. */
export const TEXT = "order 4711 was shipped, 3 items, 42.50";

/** Who speaks. */
export interface Sayer {
  /** Says so many texts, never more than `inFlight` that the room has not reflected; resolves when it has reflected all. */
  say(count: number, inFlight: number): Promise<void>;
  /** The CPU time that its process has used so far, in microseconds. */
  cpuUs(): Promise<number>;
  stop(): void;
}

/** Starts one that is in the room already when this resolves. */
export async function startSayer(kind: SayerKind, port: number, room: string): Promise<Sayer> {
  const child = fork(import.meta.filename, [kind, String(port), room]);
  await once(child, "message");
  return {
    say: async (count, inFlight) => void (await ask(child, { count, inFlight })),
    cpuUs: () => ask(child, {}),
    stop: () => child.disconnect(),
  };
}

interface Order {
  readonly count?: number;
  readonly inFlight?: number;
}

/** Our own child answers every order with the CPU time that it has used. */
async function ask(child: ChildProcess, order: Order): Promise<number> {
  const answered = once(child, "message");
  child.send(order);
  const [cpuUs] = (await answered) as [number];
  return cpuUs;
}

type Say = (count: number, inFlight: number) => Promise<void>;

async function startGateway(port: number, room: string): Promise<Say> {
  const gateway = createGateway({
    link: { service: `xmpp://127.0.0.1:${port}`, jid: "gateway@localhost/rpc", password: SAYERS.gateway },
    // What is measured is not the pace that the gateway keeps out of politeness.
    limits: { roomMessagesPerMinute: 10_000_000, roomBurst: 1_000, roomQueue: 1_000 },
  });
  await gateway.start();
  await gateway.rooms.join({ jid: room, nick: "gateway" });
  return async (count, inFlight) => {
    let left = count;
    const sayOn = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await gateway.rooms.say(room, TEXT);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sayOn));
  };
}

async function startBare(port: number, room: string): Promise<Say> {
  const socket = await login({ port, user: "bare", password: SAYERS.bare, resource: "rpc" });
  const message = `<message type='groupchat' to='${room}' id='m-0000001'><body>${TEXT}</body></message>`;
  const own = `${room}/bare`;
  let reflected = (_count: number): void => undefined;
  let rest = "";
  socket.on("data", (chunk: Buffer) => {
    const text = rest + chunk.toString("latin1");
    const end = text.lastIndexOf("</message>");
    const whole = end < 0 ? "" : text.slice(0, end);
    rest = end < 0 ? text : text.slice(end);
    const count = whole.split(own).length - 1;
    if (count > 0) reflected(count);
  });
  socket.write(
    `<presence to='${own}'><x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x></presence>`,
  );
  await once(socket, "data");
  return (count, inFlight) =>
    new Promise((resolve) => {
      let unsent = count;
      let unreflected = count;
      const send = (wanted: number): void => {
        const now = Math.min(wanted, unsent);
        unsent -= now;
        if (now > 0) socket.write(message.repeat(now));
      };
      reflected = (seen) => {
        unreflected -= seen;
        if (unreflected <= 0) resolve();
        else send(seen);
      };
      send(inFlight);
    });
}

if (process.argv[1] === import.meta.filename) {
  const [, , kind, port, room = ""] = process.argv;
  const say = await (kind === "gateway" ? startGateway : startBare)(Number(port), room);
  process.on("disconnect", () => process.exit(0));
  const obey = async ({ count = 0, inFlight = 0 }: Order): Promise<void> => {
    if (count > 0) await say(count, inFlight);
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  };
  process.on("message", (order: Order) => void obey(order));
  process.send?.(0);
}

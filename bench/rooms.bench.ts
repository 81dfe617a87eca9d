// A room of 200 occupants notified through Prosody and ejabberd: by the gateway, beside a bare socket that says the same.
// Run after a build: node dist/bench/rooms.bench.js. Compare ratios of one run, never absolutes.

import type { Socket } from "node:net";
import { startEjabberd } from "../test/support/ejabberd.js";
import { startProsody } from "../test/support/prosody.js";
import { login } from "./bare-requester.js";
import { figure, median, publish, type Table } from "./report.js";
import { SAYERS, type Sayer, startSayer, TEXT } from "./room-sayers.js";

const OCCUPANTS = 200;
const ROUNDS = 4;
const MESSAGES = 60;
const IN_FLIGHT = 20;
const ONE_BY_ONE = 20;
const ROOM = "all@conference.localhost";
const CROWD = { user: "crowd", password: "secret" };

/** Those who listen: they count what they are told. */
class Crowd {
  readonly #sockets: Socket[] = [];
  #heard = 0;
  #wanted = 0;
  #done = (): void => undefined;

  async enter(port: number): Promise<void> {
    for (let index = 0; index < OCCUPANTS; index += 1) {
      const socket = await login({ port, ...CROWD, resource: `c${index}` });
      let rest = "";
      socket.on("data", (chunk: Buffer) => {
        const parts = (rest + chunk.toString("latin1")).split(TEXT);
        // A text may end in the next chunk.
        rest = parts.at(-1)?.slice(-TEXT.length) ?? "";
        this.#count(parts.length - 1);
      });
      socket.write(
        `<presence to='${ROOM}/c${index}'><x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x></presence>`,
      );
      this.#sockets.push(socket);
    }
  }

  /** Resolves when everybody has heard so many messages from now on. */
  hear(messages: number): Promise<void> {
    this.#wanted = this.#heard + messages * this.#sockets.length;
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #count(heard: number): void {
    this.#heard += heard;
    if (heard > 0 && this.#heard >= this.#wanted) this.#done();
  }
}

/** One round: messages a second, CPU a message, and the time until all have one. */
async function measure(sayer: Sayer, crowd: Crowd): Promise<[number, number, number]> {
  const cpuBefore = await sayer.cpuUs();
  const startedAt = performance.now();
  await Promise.all([crowd.hear(MESSAGES), sayer.say(MESSAGES, IN_FLIGHT)]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuUs = ((await sayer.cpuUs()) - cpuBefore) / MESSAGES;
  const times: number[] = [];
  for (let count = 0; count < ONE_BY_ONE; count += 1) {
    const saidAt = performance.now();
    await Promise.all([crowd.hear(1), sayer.say(1, 1)]);
    times.push(performance.now() - saidAt);
  }
  return [MESSAGES / seconds, cpuUs, median(times)];
}

const USERS = { ...SAYERS, [CROWD.user]: CROWD.password };
const SERVICE = "conference.localhost";
const start = {
  Prosody: () => startProsody({ users: USERS, hostConfig: `Component "${SERVICE}" "muc"` }),
  ejabberd: () => {
    // Those who speak are in the room too; its defaults are 200, and 100 for one account.
    const max_users = OCCUPANTS + 2;
    const mod_muc = { host: SERVICE, max_users, max_user_conferences: max_users, default_room_options: { max_users } };
    return startEjabberd({ users: USERS, moreModules: { mod_muc } });
  },
};

async function measureAt(name: keyof typeof start): Promise<Table> {
  const server = await start[name]();
  // The first one makes the room, so it has to be one that opens it.
  const gateway = await startSayer("gateway", server.port, ROOM);
  const sayers = [await startSayer("bare", server.port, ROOM), gateway];
  const crowd = new Crowd();
  await crowd.enter(server.port);
  const rounds: [number, number, number][][] = sayers.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, sayer] of sayers.entries()) {
      const measured = await measure(sayer, crowd);
      // The first round warms everything up.
      if (round > 0) rounds[index]?.push(measured);
    }
  }
  crowd.leave();
  for (const sayer of sayers) sayer.stop();
  await server.stop();
  const rows = ["a bare socket", "the gateway, rooms.say"].map((sayer, index) => {
    const columns = [0, 1, 2].map((column) => rounds.map((own) => own.map((round) => round[column] ?? Number.NaN)));
    return [sayer, ...columns.flatMap((values, column) => figure(values, index, column === 1 ? 0 : 1))];
  });
  return {
    title: `A room of ${OCCUPANTS} occupants, through ${name}`,
    columns: ["", "messages/s", "its ratio", "CPU us a message", "its ratio", "until all have it, p50 ms", "its ratio"],
    rows,
  };
}

publish([await measureAt("Prosody"), await measureAt("ejabberd")]);

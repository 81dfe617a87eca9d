// A room of 200 occupants notified through Prosody: by the gateway, beside a bare socket that says the same.
// Run after a build: node dist/bench/rooms.bench.js. Compare ratios of one run, never absolutes.

import type { Socket } from "node:net";
import { startProsody } from "../test/support/prosody.js";
import { login } from "./bare-requester.js";
import { median, publish } from "./report.js";
import { SAYERS, type Sayer, startSayer, TEXT } from "./room-sayers.js";

const OCCUPANTS = 200;
const ROUNDS = 8;
const MESSAGES = 100;
const IN_FLIGHT = 20;
const ONE_BY_ONE = 40;
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

const prosody = await startProsody({
  users: { ...SAYERS, [CROWD.user]: CROWD.password },
  hostConfig: `Component "conference.localhost" "muc"`,
});
const names = ["a bare socket", "the gateway, rooms.say"];
// The first one makes the room, so it has to be one that opens it.
const gateway = await startSayer("gateway", prosody.port, ROOM);
const sayers = [await startSayer("bare", prosody.port, ROOM), gateway];
const crowd = new Crowd();
await crowd.enter(prosody.port);
const rounds: [number, number, number][][] = sayers.map(() => []);
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [index, sayer] of sayers.entries()) {
    const measured = await measure(sayer, crowd);
    // The first round warms everything up.
    if (round > 0) rounds[index]?.push(measured);
  }
}
const rows = names.map((name, index) => {
  const own = rounds[index] ?? [];
  const cells = [0, 1, 2].flatMap((column) => {
    const ratios = own.map((round, at) => (round[column] ?? Number.NaN) / (rounds[0]?.[at]?.[column] ?? Number.NaN));
    return [median(own.map((round) => round[column] ?? Number.NaN)).toPrecision(3), median(ratios).toFixed(2)];
  });
  return [name, ...cells];
});
publish([
  {
    title: `A room of ${OCCUPANTS} occupants, through Prosody`,
    columns: ["", "messages/s", "its ratio", "CPU us a message", "its ratio", "until all have it, p50 ms", "its ratio"],
    rows,
  },
]);
crowd.leave();
for (const sayer of sayers) sayer.stop();
await prosody.stop();

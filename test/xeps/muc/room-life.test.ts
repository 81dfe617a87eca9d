// The life of a room in time: back-off, kicks, self-pings (XEP-0045 §8.2; XEP-0410 §3.3).
import { describe, expect, it } from "vitest";
import type { RoomPresence } from "../../../src/xeps/muc/read-presence.js";
import {
  bornRoom,
  type RoomEvent,
  type RoomLife,
  type RoomRules,
  type RoomStep,
  stepRoom,
} from "../../../src/xeps/muc/room-life.js";

const rules: RoomRules = {
  nick: "rpc",
  joinMs: 30_000,
  retryMs: 300_000,
  kickedMs: 60_000,
  kicks: 3,
  pingMs: 900_000,
  random: () => 1,
};
const seen = (kind: RoomPresence["kind"], codes: readonly number[]): RoomEvent => ({
  kind: "presence",
  presence: {
    kind,
    nick: "rpc",
    codes: new Set(codes),
    affiliation: "none",
    role: "none",
    realJid: undefined,
    newNick: undefined,
    actor: undefined,
    reason: undefined,
    destroyed: undefined,
    error: undefined,
  },
});
const timer: RoomEvent = { kind: "timer", quietMs: 900_000 };
const letIn: readonly RoomEvent[] = [seen("available", [110]), { kind: "subject" }];
const kick = seen("unavailable", [110, 307]);

/** Takes the steps one after the other, and gives the last. */
function run(life: RoomLife, ...events: readonly RoomEvent[]) {
  let step: RoomStep = { life, actions: [] };
  for (const event of events) step = stepRoom(step.life, event, rules);
  const timers = step.actions.flatMap((action) => (action.kind === "timer" ? [action.ms] : []));
  return { life: step.life, kinds: step.actions.map(({ kind }) => kind), timer: timers.at(-1) };
}
const online = run(bornRoom(rules), { kind: "online" }).life;
const live = run(online, ...letIn).life;

describe("a room", () => {
  it("that does not answer is tried again, later each time, up to retryMs", () => {
    const waits: (number | undefined)[] = [];
    let { life } = run(online, timer);
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const again = run(life, timer, timer);
      waits.push(again.timer);
      life = again.life;
    }
    expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(waits.at(-1)).toBe(300_000);
    expect(run(life, timer, ...letIn, seen("unavailable", [110])).timer).toBe(1_000);
  });

  it("is live without a subject once its time has passed", () => {
    expect(run(online, seen("available", [110])).life.phase).toBe("entered");
    expect(run(online, seen("available", [110]), timer)).toMatchObject({
      life: { phase: "live" },
      kinds: ["timer", "in", "log"],
    });
  });

  it("that kicks is left alone for longer each time, and for good after the last kick", () => {
    const first = run(live, kick);
    expect(first).toMatchObject({ life: { phase: "kicked" }, timer: 60_000 });
    const second = run(first.life, timer, ...letIn, kick);
    expect(second.timer).toBe(120_000);
    const third = run(second.life, timer, ...letIn, kick);
    expect(third).toMatchObject({ life: { phase: "kicked" }, timer: undefined });
    expect(run(third.life, { kind: "offline" }, { kind: "online" }).life.phase).toBe("kicked");
    expect(run(third.life, { kind: "join" })).toMatchObject({ life: { phase: "joining", kicks: 0 } });
  });

  it("forgets kicks after it was quiet for long, and waits for them on while the link is down", () => {
    const kicked = run(live, kick).life;
    const back = run(kicked, timer, ...letIn, { kind: "pinged", result: "here" }).life;
    expect(run(back, kick).timer).toBe(60_000);
    const down = run(kicked, { kind: "offline" }, timer).life;
    expect(down.phase).toBe("offline");
    expect(run(down, { kind: "online" }).life.phase).toBe("joining");
  });

  it("that bans is never entered again", () => {
    const { life } = run(live, seen("unavailable", [110, 301]));
    for (const event of [{ kind: "online" }, { kind: "join" }, timer] as const)
      expect(run(life, { kind: "offline" }, event)).toMatchObject({ life: { phase: "banned" }, kinds: [] });
  });

  it("is asked after a silence only, and what it answers is believed", () => {
    expect(run(live, { kind: "timer", quietMs: 300_000 })).toMatchObject({ kinds: ["timer"], timer: 600_000 });
    expect(run(live, timer).kinds).toEqual(["ping"]);
    expect(run(live, timer, { kind: "pinged", result: "here" }).timer).toBe(900_000);
    expect(run(live, timer, { kind: "pinged", result: "gone" }).life).toMatchObject({ phase: "waiting" });
    const silent: RoomEvent = { kind: "pinged", result: "unknown" };
    const waits = [1, 2, 3, 7].map((times) => run(live, ...Array.from({ length: times }, () => silent)).timer);
    expect(waits).toEqual([30_000, 60_000, 120_000, 900_000]);
    // Who has not answered is asked again, however much others say in between.
    expect(run(live, silent, { kind: "timer", quietMs: 0 }).kinds).toEqual(["ping"]);
  });

  it("that reconnects is entered again", () => {
    const down = run(live, { kind: "offline" });
    expect(down).toMatchObject({ life: { phase: "offline" }, kinds: ["timer", "out"], timer: undefined });
    expect(run(down.life, { kind: "online" }).kinds).toEqual(["join", "timer"]);
  });
});

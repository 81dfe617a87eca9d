// The pace of what is said in a room (XEP-0045 §7.4; the limits roomBurst, roomMessagesPerMinute, roomSayMs).
import { describe, expect, it } from "vitest";
import { limitDefaults } from "../../../src/limit-table.js";
import { ROOM_LIMIT_TABLE } from "../../../src/xeps/muc/limits.js";
import { Sayings } from "../../../src/xeps/muc/sayings.js";
import { StanzaError } from "../../../src/xmpp/index.js";
import { ManualClock } from "../../support/manual-clock.js";

function start() {
  const clock = new ManualClock();
  const sent: string[] = [];
  let last = 0;
  const limits = { ...limitDefaults(ROOM_LIMIT_TABLE), roomBurst: 2, roomMessagesPerMinute: 60, roomSayMs: 5_000 };
  const newId = (): string => {
    last += 1;
    return `m${last}`;
  };
  const send = (id: string): boolean => {
    sent.push(id);
    return true;
  };
  return { clock, sent, sayings: new Sayings({ room: "r@s", limits, clock, newId, send }) };
}

describe("what is said in a room", () => {
  it("goes out in a burst and then at the rate, in order", async () => {
    const { clock, sent, sayings } = start();
    const said = ["a", "b", "c", "d"].map((text) => sayings.say(text));
    expect(sent).toEqual(["m1", "m2"]);
    clock.advance(999);
    expect(sent).toHaveLength(2);
    clock.advance(1);
    expect(sent).toEqual(["m1", "m2", "m3"]);
    clock.advance(1_000);
    expect(sent).toEqual(["m1", "m2", "m3", "m4"]);
    for (const id of sent) expect(sayings.reflected(id, undefined)).toBe(true);
    expect(sayings.reflected("m1", undefined)).toBe(false);
    expect((await Promise.all(said)).map(({ id }) => id)).toEqual(sent);
  });

  it("slows down when the service finds it too fast, and gives up in the end", async () => {
    const { clock, sent, sayings } = start();
    const said = sayings.say("a");
    const tooFast = new StanzaError("resource-constraint", { type: "wait" });
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      sayings.refused("m1", tooFast);
      const before = sent.length;
      clock.advance(waitMs - 1);
      expect(sent).toHaveLength(before);
      clock.advance(1);
      expect(sent).toHaveLength(before + 1);
    }
    sayings.refused("m1", tooFast);
    await expect(said).rejects.toMatchObject({ code: "overloaded" });
  });

  it("is unknown when nothing reflects it, or when the room is lost", async () => {
    const { clock, sayings } = start();
    const first = sayings.say("a");
    clock.advance(5_000);
    await expect(first).rejects.toMatchObject({ code: "timeout" });
    const rest = ["b", "c", "d"].map((text) => sayings.say(text));
    sayings.lost("the link is down");
    const reasons = await Promise.all(
      rest.map((one) => one.catch((error: { outcomeUnknown: boolean }) => error.outcomeUnknown)),
    );
    expect(reasons).toEqual([true, true, false]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bag, type Placed } from "../src/bag.js";

class Thing implements Placed {
  place: number | undefined = undefined;
}

describe("a bag", () => {
  it("holds what a Set would hold", () => {
    const things = Array.from({ length: 8 }, () => new Thing());
    const step = fc.record({ thing: fc.constantFrom(...things), isIn: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        for (const thing of things) thing.place = undefined;
        const bag = new Bag<Thing>();
        const set = new Set<Thing>();
        for (const { thing, isIn } of steps) {
          if (!isIn) expect(bag.delete(thing)).toBe(set.delete(thing));
          else if (!set.has(thing)) {
            bag.add(thing);
            set.add(thing);
          }
          expect(bag.size).toBe(set.size);
          expect(new Set(bag.list())).toEqual(set);
        }
      }),
    );
  });

  it("gives a list that later changes leave alone", () => {
    const [one, other] = [new Thing(), new Thing()];
    const bag = new Bag<Thing>();
    bag.add(one);
    bag.add(other);
    const list = bag.list();
    bag.delete(one);
    expect(list).toEqual([one, other]);
    expect(bag.list()).toEqual([other]);
  });
});

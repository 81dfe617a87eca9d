// Wizards: the values of each step are typed by its descriptors, also for the choice of the next one.
import { boolean, defineWizard, enumeration, int, optional, string, struct } from "jabber-rpc-under-test";

export const order = defineWizard(
  "shop.order",
  {
    doc: "Orders something to drink.",
    steps: {
      what: {
        fields: { item: enumeration("tea", "coffee"), amount: int },
        next: ({ what }) => (what !== undefined && what.amount > 10 ? "reason" : "where"),
      },
      reason: { title: "Why so many", fields: { reason: string } },
      where: { fields: { street: string, isGift: optional(boolean) } },
    },
    returns: struct({ text: string }),
  },
  async ({ what, reason, where }, call) => {
    const item: "tea" | "coffee" | undefined = what?.item;
    const isGift: boolean | undefined = where?.isGift;
    return { text: `${item} ${reason?.reason} ${where?.street} ${isGift} ${call.requester.jid.full}` };
  },
);

export const nothing = defineWizard("shop.nothing", { steps: { only: { fields: {} } } }, () => {});

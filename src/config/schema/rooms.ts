// `rooms:` and `chatCommands:`: where the gateway talks with many, and how people call methods by writing.

import { z } from "zod";
import { secret } from "./secret.js";

const prefix = z
  .string()
  .regex(/^[!#$%&*+/:;?\\^|~]{1,8}$/, "expected 1 to 8 of ! # $ % & * + / : ; ? \\ ^ | ~")
  .default("!");

/** One row of `rooms:`. */
export const room = z
  .strictObject({
    jid: z.string().min(1).describe("Address of the room: room@service. One that is not there is created."),
    nick: z
      .string()
      .min(1)
      .default("rpc")
      .describe("What the gateway is called there; where that is in use, `NICK-2` and so on."),
    password: secret.exactOptional().describe("Password of the room: `{file: PATH}` or `{env: NAME}`."),
    maxHistory: z
      .int()
      .min(0)
      .max(1_000)
      .default(0)
      .describe("How many messages of its past are asked for; none of them is a command."),
    commandPrefix: prefix.describe("What commands in the room begin with."),
    trustRealJids: z
      .boolean()
      .default(false)
      .describe(
        "Run commands for the real addresses that the room's service states (docs/rooms.md). It can state any address: only for a service that you run.",
      ),
  })
  .describe("One room; its service counts as one of `roomServices`.");

/** `chatCommands:`. */
export const chatCommands = z
  .union([z.literal(false), z.strictObject({ prefix: prefix.describe("What commands begin with.") })], {
    error: "expected false or {prefix: TEXT}",
  })
  .prefault({})
  .describe("Commands in one-to-one chat, such as `!examples.getStateName 6` (docs/rooms.md); false for none.");

// One method, in every part of the settings that declares methods.

import { z } from "zod";

/** An OpenRPC method object. */
export const openRpcMethod = z
  .looseObject({ name: z.string().min(1).describe("The method's name; parameters and result may follow.") })
  .describe("An OpenRPC method object; its name is enough.");

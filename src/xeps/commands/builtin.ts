// Commands that are no methods: what a part of the gateway offers to people by itself.

import type { Jid } from "../../jid.js";
import type { Script } from "./script.js";

/** One of them. It is found before the access list is asked. */
export interface BuiltinCommand {
  /** Under `system.`, so that no method has it. */
  readonly node: string;
  /** What menus show. */
  readonly name: string;
  /** Whether it is listed for the requester. */
  isFor(requester: Jid): boolean;
  /** Whether the requester may run it, or go on with it. For everybody else there is no such command. Default: where it is listed. */
  mayRun?(requester: Jid): boolean;
  script(requester: Jid): Script;
}

// Commands that are no methods: what a part of the gateway offers to people by itself.

import type { Jid } from "../../jid.js";
import type { Script } from "./script.js";

/** One of them. It is found before the access list is asked. */
export interface BuiltinCommand {
  /** Under `system.`, so that no method has it. */
  readonly node: string;
  /** What menus show. */
  readonly name: string;
  /** Whether the requester has it. For everybody else there is no such command. */
  isFor(requester: Jid): boolean;
  script(requester: Jid): Script;
}

// The services that ship.
import type { ServiceClass } from "../rpc/index.js";
import { Examples } from "./examples.js";
import { NotesService } from "./notes.js";
import { OfflineService } from "./offline.js";
import { PubSubService } from "./pubsub.js";
import { RoomsService } from "./rooms.js";
import { StatusesService } from "./statuses.js";
import { Validator1 } from "./validator1.js";

export { Examples } from "./examples.js";
export { NotesService } from "./notes.js";
export { OfflineService } from "./offline.js";
export { PubSubService } from "./pubsub.js";
export { RoomsService } from "./rooms.js";
export { StatusesService } from "./statuses.js";
export { type Capability, type SystemServiceOptions, systemService } from "./system.js";
export { Validator1 } from "./validator1.js";

/** Services by the name that settings give them: `builtin:examples`. */
export const builtinServices: ReadonlyMap<string, ServiceClass> = new Map<string, ServiceClass>([
  ["examples", Examples],
  ["pubsub", PubSubService],
  ["notes", NotesService],
  ["offline", OfflineService],
  ["rooms", RoomsService],
  ["statuses", StatusesService],
  ["validator1", Validator1],
]);

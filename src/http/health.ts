// Whether the process runs, and whether it can be called over XMPP: for whoever watches it.

import { type OpenDoor, textAnswer } from "./door.js";

/** `/healthz` answers as long as the process does; `/readyz` only while the link is up. */
export function createHealthDoors(isOnline: () => boolean): readonly OpenDoor[] {
  return [
    { path: "/healthz", method: "GET", open: true, handle: () => textAnswer("ok") },
    {
      path: "/readyz",
      method: "GET",
      open: true,
      handle: () => (isOnline() ? textAnswer("ready") : textAnswer("the link is down", 503)),
    },
  ];
}

// What happens at a topic, as a line of text or of JSON.

import type { FollowedItem } from "../rpc/index.js";
import { printable } from "./printable.js";

/** An item for people: its title and where it leads, or what it holds. */
export function itemText({ id, payload }: FollowedItem): string {
  if (payload === undefined) return printable(id);
  if ("json" in payload) return printable(JSON.stringify(payload.json));
  if ("xml" in payload) return printable(payload.xml);
  const { title, updated, links } = payload.atom;
  const link = links?.find(({ rel = "alternate" }) => rel === "alternate")?.href;
  return printable([updated.toISOString(), title, ...(link === undefined ? [] : [link])].join("  "));
}

/** An item for programs: `{"id", "service", "node", "atom" | "json" | "xml"}`. */
export function itemJson({ payload, ...rest }: FollowedItem): string {
  return printable(JSON.stringify({ ...rest, ...payload }));
}

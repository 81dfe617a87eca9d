// How each hosted topic is configured, and who may subscribe to it (XEP-0060 §4.5, §16.4.3).

import type { Jid } from "../../../jid.js";
import { type Access, type AccessRule, compileAccess } from "../../../rpc/index.js";
import type { RoomServices } from "../../room-services.js";

/** What is set of a topic; everything but its name has a default. */
export interface TopicOptions {
  /**
   * The name; or its beginning and `*` for topics that are made when something is first published there: `authors/*`. Of several that fit
   * the longest holds.
   */
  readonly node: string;
  /** For people. Default: the name. */
  readonly title?: string;
  /** For people. Default none. */
  readonly description?: string;
  /** So many of the newest items are kept. Default 100. */
  readonly maxItems?: number;
  /** Who may subscribe and read, as the access list says who may call. Default: whoever the access list lets call anything. */
  readonly access?: readonly TopicAccessRule[];
  /** Whether a new subscriber is sent the newest item. Default false. */
  readonly sendLastItem?: boolean;
  /** Whether notifications hold the items, and not only their ids. Default true. */
  readonly deliverPayloads?: boolean;
  /**
   * The type of notifications: `headline` reaches who is available and is never stored; `normal` is stored for who is not, by servers
   * that store messages. Default `headline`.
   */
  readonly notificationType?: "headline" | "normal";
}

/** One rule of who may subscribe. */
export type TopicAccessRule = { readonly allow: string } | { readonly deny: string } | { readonly anyone: true };

/** How one topic is. */
export interface TopicConfig {
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly maxItems: number;
  readonly sendLastItem: boolean;
  readonly deliverPayloads: boolean;
  readonly notificationType: "headline" | "normal";
  /** True where nobody is refused. */
  readonly isOpen: boolean;
  readonly access: Access;
}

/** All of them. */
export interface TopicConfigs {
  /** The topics that exist from the start. */
  readonly declared: ReadonlySet<string>;
  of(node: string): TopicConfig;
  /** May that address subscribe and read? */
  admits(node: string, requester: Jid): Promise<boolean>;
  /** The same by what is known of the address's domain: for who was admitted before. */
  stillAdmits(node: string, subscriber: Jid): boolean;
}

/** What they stand on. */
export interface TopicConfigsOptions {
  readonly topics: readonly TopicOptions[];
  /** The gateway's own. */
  readonly access: Access;
  readonly rooms: RoomServices;
  readonly roomServices: readonly string[];
  /** Characters that a name may have. */
  readonly maxNameChars: number;
}

/** A topic that cannot be set up like that. */
export class TopicOptionsError extends Error {
  override readonly name = "TopicOptionsError";
  /** Its place in the list, from 0. */
  readonly index: number;

  constructor(index: number, problem: string, options?: ErrorOptions) {
    super(`topics[${index}].${problem}`, options);
    this.index = index;
  }
}

/** Checks what is set before there is a gateway. Throws {@link TopicOptionsError}. @param maxNameChars characters that a name may have */
export function checkTopicOptions(topics: readonly TopicOptions[], maxNameChars: number): void {
  const rooms: RoomServices = { isRoomService: () => false, declare: () => undefined, look: () => undefined };
  createTopicConfigs({ topics, access: compileAccess([]), rooms, roomServices: [], maxNameChars });
}

const DEFAULT_MAX_ITEMS = 100;

/** Reads what is set. Throws {@link TopicOptionsError}. */
export function createTopicConfigs(options: TopicConfigsOptions): TopicConfigs {
  const exact = new Map<string, TopicConfig>();
  const beginnings = new Map<string, TopicConfig>();
  for (const [index, topic] of options.topics.entries()) {
    const { node } = topic;
    const isBeginning = node.endsWith("*");
    const [into, name] = isBeginning ? [beginnings, node.slice(0, -1)] : [exact, node];
    if (node === "" || name.includes("*"))
      throw new TopicOptionsError(index, "node: a name, or the beginning of names and `*`, expected");
    if (name.length > options.maxNameChars)
      throw new TopicOptionsError(
        index,
        `node: at most ${options.maxNameChars} characters expected, got ${name.length}`,
      );
    if (into.has(name)) throw new TopicOptionsError(index, `node: ${JSON.stringify(node)} stands there twice`);
    into.set(name, readConfig(topic, index, options));
  }
  const rest = readConfig({ node: "" }, 0, options);
  const of = (node: string): TopicConfig => {
    const found = exact.get(node);
    if (found !== undefined) return found;
    let longest: string | undefined;
    for (const beginning of beginnings.keys())
      if (node.startsWith(beginning) && beginning.length >= (longest?.length ?? 0)) longest = beginning;
    return (longest === undefined ? undefined : beginnings.get(longest)) ?? rest;
  };
  return {
    declared: new Set(exact.keys()),
    of,
    admits: async (node, requester) => {
      const { access } = of(node);
      if (access.dependsOnRooms(requester)) await options.rooms.look(requester);
      // What it remembers may be older than what is known of the domain; the gateway's own is told of that.
      if (access !== options.access) access.forget();
      return access.mayCallAny(requester).allowed;
    },
    stillAdmits: (node, subscriber) => of(node).access.mayCallAny(subscriber).allowed,
  };
}

function readConfig(topic: TopicOptions, index: number, options: TopicConfigsOptions): TopicConfig {
  const { title, description, maxItems = DEFAULT_MAX_ITEMS, access } = topic;
  if (!Number.isSafeInteger(maxItems) || maxItems < 1)
    throw new TopicOptionsError(index, "maxItems: a whole number from 1 expected");
  return {
    title,
    description,
    maxItems,
    sendLastItem: topic.sendLastItem ?? false,
    deliverPayloads: topic.deliverPayloads ?? true,
    notificationType: topic.notificationType ?? "headline",
    isOpen: access?.some((rule) => "anyone" in rule) === true && !access.some((rule) => "deny" in rule),
    access: access === undefined ? options.access : compile(access, index, options),
  };
}

function compile(rules: readonly AccessRule[], index: number, options: TopicConfigsOptions): Access {
  const { roomServices, rooms } = options;
  try {
    return compileAccess(rules, { roomServices, isRoomService: rooms.isRoomService });
  } catch (error) {
    throw new TopicOptionsError(index, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

// What a gateway has beyond calls: the parts that its options ask for, made in the order of their start.

import type { GatewayOptions } from "./gateway-options.js";
import {
  createDatabasePart,
  createFeedsPart,
  createMailboxPart,
  createNotesPart,
  createOfflinePart,
  createPubSubPart,
  createRoomsPart,
  createStatusesPart,
  createTopicsPart,
  type MailboxPart,
  type NotesPart,
  type OfflinePart,
  type Part,
  type PartContext,
  type PubSubPart,
  type RoomsPart,
  type StatusesPart,
  type TopicsPart,
} from "./parts/index.js";

/** All parts in order, and those that the gateway shows. */
export interface GatewayParts {
  readonly list: readonly Part[];
  readonly people: NotesPart;
  readonly offline: OfflinePart;
  readonly pubsub: PubSubPart;
  readonly chat: RoomsPart;
  readonly topics: TopicsPart | undefined;
  readonly statuses: StatusesPart | undefined;
}

/** The parts that the options ask for, in the order of their start. */
export function createParts(options: GatewayOptions, outside: PartContext): GatewayParts {
  const database = options.mailbox && createDatabasePart(options.mailbox.url, outside.log);
  const context: PartContext = database === undefined ? outside : { ...outside, database: database.database };
  const { presence, roomServices, feeds = [], rooms = [], chatCommands = {}, topics: hosted } = options;
  let mailbox: MailboxPart | undefined;
  const people = createNotesPart({ presence, roomServices, arrived: (bare) => mailbox?.arrived(bare) }, context);
  const offline = createOfflinePart(options.offline ?? {}, context);
  const chat = createRoomsPart({ rooms, chatCommands }, context);
  const topics = hosted && createTopicsPart({ topics: hosted, roomServices: roomServices ?? [] }, context);
  const pubsub = createPubSubPart({ topics: topics?.topics }, context);
  const feedsPart = createFeedsPart({ feeds, pubsub: pubsub.pubsub, memory: pubsub.memory }, context);
  const statuses =
    options.statuses &&
    createStatusesPart(
      {
        options: options.statuses,
        pubsub: pubsub.pubsub,
        rooms: chat.rooms,
        hostsTopics: topics !== undefined,
        memory: pubsub.memory,
      },
      context,
    );
  const shown = { people, offline, pubsub, chat, topics, statuses };
  // What waits for us comes as messages, which nobody else shall take.
  const parts: readonly Part[] = [
    offline,
    people,
    chat,
    pubsub,
    ...(topics === undefined ? [] : [topics]),
    ...(statuses === undefined ? [] : [statuses]),
    ...(feeds.length === 0 ? [] : [feedsPart]),
  ];
  if (options.mailbox === undefined || database === undefined) return { list: parts, ...shown };
  // What parts keep needs the database first; what they send goes out until the mailbox stops, which is the first to do so.
  const kinds = parts.flatMap((part) => part.outbox ?? []);
  mailbox = createMailboxPart(options.mailbox, context, database, kinds);
  return { list: [database, ...parts, mailbox], ...shown };
}

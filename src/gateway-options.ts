// What createGateway takes.

import type { FeedOptions } from "./feeds/index.js";
import type { HttpOptions } from "./http/index.js";
import type { Limits } from "./limits.js";
import type { Logger } from "./observe/index.js";
import type {
  ChatCommandOptions,
  MailboxOptions,
  OfflinePartOptions,
  StatusOptions,
  SubscriptionOptions,
} from "./parts/index.js";
import type { RoomOptions } from "./ports/index.js";
import type {
  AccessRule,
  Bind,
  ForwardRule,
  Interceptor,
  MessageHandler,
  MethodSpec,
  ServiceClass,
} from "./rpc/index.js";
import type { UpstreamSettings } from "./upstream/index.js";
import type { Feature, TopicOptions } from "./xeps/index.js";
import type { CodecSettings } from "./xmlrpc-codec/index.js";
import type { ClientLinkOptions, Link } from "./xmpp/index.js";

/** What a gateway is made of. */
export interface GatewayOptions {
  /** A link of your own (such as `createMemoryNetwork().link(…)`), or where to log in. */
  readonly link: Link | ClientLinkOptions;
  /** Who may call what (docs/security.md). Default: nobody, nothing. */
  readonly access?: readonly AccessRule[];
  /** Domains of room services: an occupant of a room is allowed only by a rule with the full address (docs/security.md). */
  readonly roomServices?: readonly string[];
  /** Rooms to be in (docs/rooms.md); their services count as `roomServices`. Default: none. */
  readonly rooms?: readonly RoomOptions[];
  /** Commands in one-to-one chat, such as `!examples.hello` (docs/rooms.md). Default: with the prefix `!`; false for none. */
  readonly chatCommands?: ChatCommandOptions | false;
  /** Classes marked with `@rpcService`. */
  readonly services?: readonly ServiceClass[];
  /** Methods made with `defineMethod` and `defineService`. */
  readonly methods?: readonly MethodSpec[];
  /** Chat messages to the gateway go here, and to methods marked with `@onMessage` (docs/handlers.md). */
  readonly onMessage?: MessageHandler | readonly MessageHandler[];
  /** Binds what the services are injected with. */
  readonly bind?: Bind | readonly Bind[];
  /** Run around every handler, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Further protocol extensions. */
  readonly features?: readonly Feature[];
  /** Whether methods are ad-hoc commands too (docs/commands.md). Default true. */
  readonly commands?: boolean;
  /** Who may have which methods of which other responders called, through the HTTP doors. Default: nobody. */
  readonly forward?: readonly ForwardRule[];
  /** Serves the methods over HTTP too (docs/http.md). Default: not. */
  readonly http?: HttpOptions;
  /** Who may see the gateway's presence. Default: as the mode has it (docs/notes.md). */
  readonly presence?: SubscriptionOptions;
  /** How the messages that wait for the gateway's own account are read (docs/offline.md). */
  readonly offline?: OfflinePartOptions;
  /** How values are read and written (docs/values.md). */
  readonly values?: CodecSettings;
  /** Answer to a permitted caller of a method that does not exist. Default `fault` (-32601). */
  readonly unknownMethod?: "fault" | "item-not-found";
  /** Web functions that become methods (docs/upstreams.md). */
  readonly upstreams?: readonly UpstreamSettings[];
  /** Feeds of the web that are pushed as topics (docs/pubsub.md). */
  readonly feeds?: readonly FeedOptions[];
  /** Tables that a web application and the gateway share (docs/mailbox.md). Default: none. */
  readonly mailbox?: MailboxOptions;
  /** Where statuses go (docs/pubsub.md). Default: there are none. */
  readonly statuses?: StatusOptions;
  /** Topics that the gateway hosts itself, in stand-alone and component mode (docs/topics.md). Default: none are hosted. */
  readonly topics?: readonly TopicOptions[];
  /** Limits that differ from the defaults (docs/settings.md). */
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
}

// The public surface of jabber-rpc. Everything else is free to change.

export type { FeedOptions } from "./feeds/index.js";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.js";
export { type Jid, JidError, parseJid } from "./jid.js";
export type { Limits } from "./limits.js";
export type { LogFields, Logger } from "./observe/index.js";
export {
  type AffiliationName,
  type Following,
  type ItemsOptions,
  type NodeConfig,
  type PublishOptions,
  PubSub,
  type PubSubAffiliation,
  PubSubError,
  type PubSubErrorCode,
  type PubSubSubscription,
  type SubscriptionState,
} from "./ports/index.js";
export type { Proxied } from "./proxy.js";
export { createRequester, type MethodDescription, type Requester, type RequesterOptions } from "./requester.js";
export {
  type AccessRule,
  AccessRuleError,
  type AtomContent,
  type AtomEntry,
  type AtomLink,
  type AtomPerson,
  any,
  array,
  base64,
  boolean,
  CallContext,
  type ChatMessage,
  type Descriptor,
  dateTime,
  defineMethod,
  defineService,
  defineWizard,
  double,
  enumeration,
  exact,
  type FollowedItem,
  type FollowOptions,
  type Interceptor,
  type ItemHandler,
  type ItemPayload,
  int,
  long,
  type MessageHandler,
  type MethodSpec,
  named,
  nil,
  nullable,
  onItem,
  onMessage,
  optional,
  type PayloadKind,
  type PublishedItem,
  RpcFault,
  record,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "./rpc/index.js";
export { type ExactValue, type Shape, ValueError } from "./values/index.js";
export type { CallOptions, Feature, Identity } from "./xeps/index.js";
export { CodecError, type CodecSettings } from "./xmlrpc-codec/index.js";
export {
  CallTimeout,
  type ClientLinkOptions,
  type ComponentLinkOptions,
  createComponentLink,
  createMemoryNetwork,
  Disconnected,
  type IqHandler,
  type IqRequest,
  type IqRoute,
  type Link,
  LinkError,
  type LinkListener,
  type MemoryNetwork,
  StanzaError,
} from "./xmpp/index.js";

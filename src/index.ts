// The public surface of jabber-rpc. Everything else is free to change.

export { createGateway, type Gateway, type GatewayOptions } from "./gateway.js";
export { type Jid, JidError, parseJid } from "./jid.js";
export type { Limits } from "./limits.js";
export type { LogFields, Logger } from "./observe/index.js";
export {
  type Answer,
  type AskOptions,
  type ChoiceQuestion,
  type DescribedQuestion,
  type FieldDescription,
  type FieldKind,
  type FormAnswer,
  type FormDescription,
  type Note,
  type NoteRecord,
  type NoteState,
  Notes,
  type NotifyOptions,
  type OpenQuestion,
  type PersonPresence,
  Presence,
  type Question,
  type QuestionRecord,
  type Refusal,
  type SentNote,
  type TextQuestion,
  type TypedQuestion,
} from "./ports/index.js";
export type { Proxied } from "./proxy.js";
export { createRequester, type MethodDescription, type Requester, type RequesterOptions } from "./requester.js";
export {
  type AccessRule,
  AccessRuleError,
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
  type Interceptor,
  int,
  long,
  type MessageHandler,
  type MethodSpec,
  named,
  nil,
  nullable,
  onMessage,
  optional,
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

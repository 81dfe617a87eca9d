// Streams, stanzas and IQs. The only folder that imports @xmpp/*; it never sees a method.
export { CallTimeout, Disconnected } from "./call-errors.js";
export { type ClientLinkOptions, createClientLink } from "./client-link.js";
export { type ComponentLinkOptions, createComponentLink } from "./component-link.js";
export { type IqHandler, type IqRoute, IqRouter } from "./iq-router.js";
export { KEPT_ANSWER_LIMIT_TABLE, type KeptAnswerLimits } from "./kept-answers.js";
export {
  type Link,
  LinkError,
  type LinkErrorCode,
  type LinkListener,
  type LinkMode,
  type OversizeStanza,
} from "./link.js";
export { createMemoryNetwork, type MemoryNetwork } from "./memory-network.js";
export { DEFAULT_REQUEST_TIMEOUT_MS, type RequestOptions } from "./pending-iqs.js";
export {
  type AccountFile,
  type AccountFileOptions,
  openAccountFile,
  type TextFormat,
} from "./standalone/account-file.js";
export type {
  AccountStore,
  PasswordStore,
  Verifier,
  VerifierStore,
  Verifiers,
} from "./standalone/accounts.js";
export { DEFAULT_ALIAS_NAME } from "./standalone/gateway-addresses.js";
export { createHttpAccounts, type HttpAccountsOptions } from "./standalone/http-accounts.js";
export { STANDALONE_LIMIT_TABLE, type StandaloneLimits } from "./standalone/limits.js";
export type { ListenAddress } from "./standalone/listen.js";
export { createMemoryAccounts, type MemoryAccounts } from "./standalone/memory-accounts.js";
export {
  hasRoom,
  type KeptOfflineMessage,
  type NewOfflineMessage,
  type OfflineLimits,
  type OfflineMessageEntry,
  type OfflineStore,
  offlineId,
  oldestKept,
} from "./standalone/offline/offline-store.js";
export { createQueryAccounts, type QueryAccountsOptions } from "./standalone/query-accounts.js";
export { accountName } from "./standalone/sasl.js";
export {
  createStandaloneLink,
  type StandaloneLink,
  type StandaloneLinkOptions,
  type WebSocketListenOptions,
} from "./standalone/standalone-link.js";
export type { TlsFiles } from "./standalone/tls.js";
export { type IqRequest, writeIq } from "./stanza.js";
export {
  readStanzaError,
  type StanzaCondition,
  StanzaError,
  type StanzaErrorDetails,
  type StanzaErrorType,
  writeStanzaError,
} from "./stanza-error.js";
export { createIdSource } from "./stanza-id.js";
export { type Clock, systemClock } from "./stream/clock.js";

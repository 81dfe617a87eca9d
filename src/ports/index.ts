// What handlers may have injected beyond the call: each port is an abstract class that a part of the gateway implements.
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
  type Question,
  type QuestionRecord,
  type QuestionState,
  type Refusal,
  type SentNote,
  type TextQuestion,
  type TypedQuestion,
  type Urgency,
  type When,
} from "./notes.js";
export {
  OfflineError,
  type OfflineErrorCode,
  type OfflineHeader,
  type OfflineMessage,
  OfflineMessages,
  type OfflineSource,
} from "./offline.js";
export { entryOfPlain, type PlainEntry, readPlainEntry } from "./plain-entry.js";
export { type Available, type PersonPresence, Presence } from "./presence.js";
export {
  type Admission,
  type AdmissionHandler,
  AFFILIATIONS,
  type AffiliationName,
  type Following,
  type ItemsOptions,
  type NodeConfig,
  type PublishOptions,
  PubSub,
  type PubSubAffiliation,
  type PubSubSubscription,
  SUBSCRIPTION_STATES,
  type SubscriptionRequest,
  type SubscriptionState,
} from "./pubsub.js";
export { PubSubError, type PubSubErrorCode } from "./pubsub-error.js";
export { RoomError, type RoomErrorCode } from "./room-error.js";
export {
  type InviteOptions,
  type RoomInfo,
  type RoomOccupant,
  type RoomOptions,
  type RoomStatus,
  Rooms,
  type SaidMessage,
} from "./rooms.js";
export { type PublishedStatus, type Status, Statuses } from "./statuses.js";
export { Topics } from "./topics.js";

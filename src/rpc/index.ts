// What a method is and how a call runs. Knows no XML, no XMPP, no HTTP.
export { type Access, type AccessOptions, compileAccess, type Decision } from "./access.js";
export { type AccessRule, AccessRuleError } from "./access-rules.js";
export { type AccessWarning, countMatches } from "./access-warnings.js";
export { type Arguments, exactArguments, type Reader } from "./arguments.js";
export { CallContext, type Requester } from "./call.js";
export { type CallCount, type CallCounts, type CallEnding, createCallCounts } from "./call-counts.js";
export { type Bind, createServices, type Services, type ServicesOptions } from "./container.js";
export {
  type InferredDeclaration,
  type InferredMethodDecorator,
  type MethodDeclaration,
  rpcMethod,
  rpcService,
  type TypedMethodDecorator,
} from "./decorators.js";
export { buildMethod, defineMethod, defineService, type MethodSignature } from "./define.js";
export {
  type ContentDescription,
  describeMethod,
  type JsonSchema,
  type MethodDescription,
  schemaOf,
  signaturesOf,
  typeNameOf,
} from "./describe.js";
export {
  type AnyDescriptor,
  any,
  array,
  base64,
  boolean,
  type Descriptor,
  dateTime,
  double,
  enumeration,
  exact,
  type In,
  int,
  isDescriptor,
  long,
  type Members,
  named,
  nil,
  nullable,
  type OptionalDescriptor,
  type Out,
  optional,
  record,
  type StringDescriptor,
  type StructIn,
  type StructOut,
  shapeOf,
  string,
  struct,
} from "./descriptors.js";
export {
  type CallRequest,
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  type HandlerRequest,
} from "./dispatch.js";
export { RpcFault, serverFault } from "./errors.js";
export { type FaultCodeName, type FaultCodeRow, faultCodes, isApplicationCode, RESERVED_CODES } from "./fault-codes.js";
export {
  compileForward,
  type ForwardAccess,
  type Forwarder,
  type ForwardRequest,
  type ForwardRule,
} from "./forwarder.js";
export type { Handler, ParamDescriptors, Params } from "./handler-types.js";
export { type HandlersModule, readHandlersModule } from "./handlers-module.js";
export type { Interceptor, Invocation } from "./interceptor.js";
export type {
  AtomContent,
  AtomEntry,
  AtomLink,
  AtomPerson,
  FollowedItem,
  FollowOptions,
  ItemFollow,
  ItemHandler,
  ItemPayload,
  PayloadKind,
  PublishedItem,
} from "./items.js";
export { RPC_LIMIT_TABLE, type RpcLimits, withDefaultLimits } from "./limits.js";
export { type ChatMessage, firstReply, type MessageHandler, type MessageReply } from "./messages.js";
export { methodNameProblem, RESERVED_PREFIX } from "./method-name.js";
export type { MethodOptions, MethodSpec, Param } from "./method-spec.js";
export { createMethodTable, type MethodTable, type RegisteredMethod } from "./method-table.js";
export { type ItemMethodDecorator, onItem } from "./on-item.js";
export { type MessageMethodDecorator, onMessage } from "./on-message.js";
export {
  type FaultOutcome,
  faultOfRefusal,
  type Outcome,
  type RefusalReason,
  type RefusedOutcome,
  type ValueOutcome,
} from "./outcome.js";
export { callAround, whenStopped } from "./running-call.js";
export { type MethodMark, type ServiceClass, type ServiceMark, serviceOf } from "./service-mark.js";
export {
  defineWizard,
  isWizard,
  type StepFields,
  type WizardDefinition,
  type WizardSpec,
  type WizardStep,
  type WizardStepSpec,
  type WizardValues,
} from "./wizard.js";

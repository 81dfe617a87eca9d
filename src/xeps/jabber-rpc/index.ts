// XEP-0009 Jabber-RPC, both sides.
export { ANSWER_LIMIT_TABLE, type AnswerLimits, Answers, requestKey } from "./answers.js";
export { createForwarder, type ForwarderOptions } from "./forwarder.js";
export { type CallOptions, createExactCall, type ExactCall } from "./requester.js";
export { createResponder, type ResponderOptions } from "./responder.js";

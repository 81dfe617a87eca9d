// Commands in chat: methods that people call by writing their names.
export { answerText, isChatAnswer, writeAnswerMark } from "./answer.js";
export { type CommandRunner, createCommandRunner, readCommand } from "./command.js";
export { createChatCommands } from "./feature.js";
export { CHAT_COMMAND_LIMIT_TABLE, type ChatCommandLimits } from "./limits.js";
export { createPace } from "./pace.js";

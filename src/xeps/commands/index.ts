// XEP-0050 Ad-Hoc Commands, both sides.
export { type CommandClient, type CommandStep, createCommandClient, type ListedCommand } from "./client.js";
export type { Action, CommandReply, Note, OfferedAction } from "./command.js";
export { type CommandsOptions, createCommands, createNoCommands } from "./feature.js";
export { COMMAND_LIMIT_TABLE, type CommandLimits } from "./limits.js";

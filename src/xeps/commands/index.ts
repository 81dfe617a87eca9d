// XEP-0050 Ad-Hoc Commands, both sides.

export type { BuiltinCommand } from "./builtin.js";
export { type CommandClient, type CommandStep, createCommandClient, type ListedCommand } from "./client.js";
export type { Action, CommandReply, Note, OfferedAction } from "./command.js";
export { type CommandsOptions, createCommands, createNoCommands } from "./feature.js";
export { type AskedAnswer, askFor } from "./fields.js";
export { labelOf } from "./labels.js";
export { COMMAND_LIMIT_TABLE, type CommandLimits } from "./limits.js";
export { type CommandEnd, type Script, type Stage, withSubmitted } from "./script.js";

// XEP-0050 Ad-Hoc Commands, both sides.
export { type CommandsOptions, createCommands, createNoCommands } from "./feature.js";
export { COMMAND_LIMIT_TABLE, type CommandLimits } from "./limits.js";

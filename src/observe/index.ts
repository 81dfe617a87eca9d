// Observation: free when nobody listens.
export { type LogFields, type Logger, silentLogger } from "./logger.js";

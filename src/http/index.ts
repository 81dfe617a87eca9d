// What we serve over HTTP: the XML-RPC and JSON-RPC doors, health, numbers and descriptions.
export {
  CredentialError,
  type CredentialOptions,
  createCredentials,
  type HttpToken,
  type HttpUser,
} from "./credentials.js";
export { type ClosedDoor, type DoorAnswer, DoorError } from "./door.js";
export { type HttpDoors, type HttpGate, type HttpOptions, openHttpDoors } from "./doors.js";
export { HttpError } from "./http-error.js";
export { HTTP_LIMIT_TABLE, type HttpLimits } from "./limits.js";

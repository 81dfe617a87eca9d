// What we serve over HTTP: the XML-RPC and JSON-RPC doors, health, numbers and descriptions.
export { CredentialError, type HttpToken, type HttpUser } from "./credentials.js";
export { type HttpDoor, type HttpDoorOptions, HttpError, type HttpOptions, openHttpDoor } from "./door.js";
export { HTTP_LIMIT_TABLE, type HttpLimits } from "./limits.js";

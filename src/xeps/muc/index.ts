// Rooms (XEP-0045).
export { ROOM_LIMIT_TABLE, type RoomLimits } from "./limits.js";
export { createRoomCommands } from "./room-commands.js";
export { isCommandPrefix, readRoom } from "./room-settings.js";
export { createMuc, type Muc } from "./rooms.js";

// Rooms (XEP-0045).
export { ROOM_LIMIT_TABLE, type RoomLimits } from "./limits.js";
export { createRoomCommands } from "./room-commands.js";
export { createMuc, isCommandPrefix, type Muc, readRoom } from "./rooms.js";

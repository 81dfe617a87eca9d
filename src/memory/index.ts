// What was seen already.
export { createProcessMemory, type Memory } from "./memory.js";

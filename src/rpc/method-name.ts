// Method names: the alphabet of XML-RPC ("Payload format"), and the prefix that belongs to the responder itself.

const ALPHABET = /^[A-Za-z0-9_.:/]+$/;
const MAX_NAME_LENGTH = 255;

/** Names that the responder keeps for itself start so. */
export const RESERVED_PREFIX = "system.";

/** Why a text cannot be the name of a method, or undefined if it can. */
export function methodNameProblem(name: unknown): string | undefined {
  if (typeof name !== "string" || name === "") return "a method needs a name";
  if (name.length > MAX_NAME_LENGTH)
    return `"${name.slice(0, 40)}…": a method's name has at most ${MAX_NAME_LENGTH} characters`;
  if (!ALPHABET.test(name)) return `"${name}": a method's name is made of A-Z a-z 0-9 _ . : / only`;
  return undefined;
}

/** Throws unless a user's method may have this name. */
export function checkMethodName(name: unknown): asserts name is string {
  const problem = methodNameProblem(name);
  if (problem !== undefined) throw new TypeError(problem);
  if (String(name).startsWith(RESERVED_PREFIX))
    throw new TypeError(`"${String(name)}": names under ${RESERVED_PREFIX} belong to the responder`);
}

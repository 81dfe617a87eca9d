// Identifiers that a stranger cannot guess: a reply is believed only with the right one (RFC 6120 §8.1.3).

import { randomBytes } from "node:crypto";

const ID_BYTES = 12;
const POOL_IDS = 256;

/** Makes a source of identifiers: 96 random bits each, in base64url. Randomness is drawn for many at a time. */
export function createIdSource(): () => string {
  let pool = "";
  let next = 0;
  const length = (ID_BYTES * 4) / 3;
  return () => {
    if (next >= pool.length) {
      pool = randomBytes(ID_BYTES * POOL_IDS).toString("base64url");
      next = 0;
    }
    next += length;
    return pool.slice(next - length, next);
  };
}

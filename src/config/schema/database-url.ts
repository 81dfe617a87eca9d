// Where a database is, in every part of the settings.

import { z } from "zod";
import { secret } from "./secret.js";

/** Without a password: not before an `@` of the host, and not as a parameter. */
const PLAIN_DATABASE = /^(sqlite:.|postgres(ql)?:\/\/(?![^/?#]*:[^/?#]*@)(?!.*[?&]password=))/;

/** `sqlite:FILE` or `postgresql://…`, or where that is read from. */
export const databaseUrl = z
  .union([z.string().regex(PLAIN_DATABASE, "expected sqlite:FILE, or postgresql://… without a password"), secret], {
    error: "expected sqlite:FILE, postgresql://… without a password, or {file: PATH} or {env: NAME} with one",
  })
  .describe("The database: `sqlite:FILE`, or `postgresql://…`; one with a password from a file or the environment.");

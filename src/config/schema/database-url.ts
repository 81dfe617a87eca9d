// Where a database is, in every part of the settings.

import { z } from "zod";
import { secret } from "./secret.js";

/** `sqlite:FILE` or `postgresql://…`, or where that is read from. */
export const databaseUrl = z
  .union([z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/, "expected sqlite:FILE or postgresql://…"), secret])
  .describe("The database: `sqlite:FILE`, or `postgresql://…`; one with a password from a file or the environment.");

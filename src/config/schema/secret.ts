// Where a secret stands, in every part of the settings.

import { z } from "zod";

/** `{file: PATH}` or `{env: NAME}`. */
export const secret = z
  .union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })], {
    error: "expected {file: PATH} or {env: NAME}; a secret never stands in the settings",
  })
  .describe("Where the secret is read from: a file, or an environment variable.");

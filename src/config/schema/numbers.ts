// Numbers that many settings are.

import { z } from "zod";

/** At least 1, and no more than a timer can hold. */
export const positive = () => z.int().min(1).max(0x7fffffff);

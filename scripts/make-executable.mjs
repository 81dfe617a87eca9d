// The compiler writes plain files; the command must be executable for npx and npm link.
import { chmodSync } from "node:fs";

chmodSync(new URL("../dist/src/cli/main.js", import.meta.url), 0o755);

import { defineConfig } from "vitest/config";

// The tests run as compiled by tsc, so that decorator metadata is the same in development, tests and build. Modules hold no
// state, so files share them, and what is tested is loaded by Node itself: half of the time was loading it anew for each file.
export default defineConfig({
  test: {
    include: ["dist/test/**/*.test.js"],
    exclude: ["dist/test/interop/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: false,
    maxWorkers: "100%",
    server: { deps: { external: [/\/dist\/src\//] } },
  },
});

import { defineConfig } from "vitest/config";

// The tests run as compiled by tsc, so that decorator metadata is the same in development, tests and build.
export default defineConfig({
  test: {
    include: ["dist/test/**/*.test.js"],
    exclude: ["dist/test/interop/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

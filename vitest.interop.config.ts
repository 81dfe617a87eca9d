import { defineConfig } from "vitest/config";

// Against real servers and foreign clients. One file at a time: the machine has few cores and servers are heavy.
export default defineConfig({
  test: {
    include: ["dist/test/interop/**/*.test.js"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    // As in vitest.config.ts.
    isolate: false,
    server: { deps: { external: [/\/dist\/src\//] } },
  },
});

// The tests run as compiled by tsc, so that decorator metadata is the same as when the service runs.
export default { test: { include: ["dist/test/**/*.test.js"] } };

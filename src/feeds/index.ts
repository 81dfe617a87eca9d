// Feeds of the web, pushed as topics.
export { createFeedFetcher, type FeedFetcher } from "./fetch-feed.js";
export { FEED_LIMIT_TABLE, type FeedLimits } from "./limits.js";
export { createFeedPoller, type FeedOptions, type FeedPoller } from "./poller.js";
export { createFeedReader, type FeedReader } from "./reader.js";

// Feeds are read in a thread of their own, one at a time: a hostile document of a few megabytes takes seconds, and hundreds of
// megabytes of memory.

import { Worker } from "node:worker_threads";
import { messageOf } from "../message-of.js";
import type { ReadFeed } from "./feed.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedLimits } from "./limits.js";
import type { FeedDocument } from "./read-feed.js";
import type { ReadAnswer, ReadQuestion } from "./read-worker.js";

/** Reads documents. */
export interface FeedReader {
  /**
   * Reads one, after those that were given before. Only the document that takes too long or too much memory fails.
   *
   * @param feedUrl where the settings say that it is
   * @throws FeedProblem
   */
  read(document: FeedDocument, feedUrl: string): Promise<ReadFeed>;
  /** Ends the thread; what is being read fails. May be called twice. */
  close(): Promise<void>;
}

/** Many small elements take about a hundred times their bytes; what takes more was made for it. */
const MEMORY_PER_BYTE = 100;
const LEAST_MEMORY_MB = 64;
/** The thread is started when there is something to read, and ends after so long without. */
const IDLE_MS = 30_000;

/** Makes a reader; its thread is not started yet. */
export function createFeedReader(limits: FeedLimits): FeedReader {
  const memoryMb = Math.max(LEAST_MEMORY_MB, Math.ceil((limits.feedBytes * MEMORY_PER_BYTE) / 1_000_000));
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./read-worker.js", import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    // Told to whoever waits; without anybody the thread is simply gone.
    started.on("error", () => undefined);
    started.on("exit", () => {
      if (thread === started) thread = undefined;
    });
    return started;
  };
  const readNow = async (question: ReadQuestion): Promise<ReadFeed> => {
    if (isClosed) throw new FeedProblem("reader-failed", "the reader of feeds is closed");
    clearTimeout(idle);
    thread ??= start();
    const answer = await ask(thread, question, limits.feedReadMs, memoryMb).catch(async (error: unknown) => {
      await end();
      throw error;
    });
    if (!isClosed) idle = setTimeout(() => void end(), IDLE_MS);
    if (answer.kind === "problem") throw new FeedProblem(answer.code, answer.message);
    return answer.feed;
  };

  return {
    read: (document, feedUrl) => {
      const reading = last.then(() => readNow({ document, feedUrl, limits }));
      last = reading.catch(() => undefined);
      return reading;
    },
    close: async () => {
      isClosed = true;
      await end();
    },
  };
}

/** Asks, and waits for the answer, the end of the thread or the deadline. */
function ask(thread: Worker, question: ReadQuestion, deadlineMs: number, memoryMb: number): Promise<ReadAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      thread.off("message", onMessage).off("error", onError).off("exit", onExit);
      act();
    };
    const fail = (problem: FeedProblem): void => settle(() => reject(problem));
    const onMessage = (answer: ReadAnswer): void => settle(() => resolve(answer));
    const onError = (error: Error): void => {
      const isMemory = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
      if (isMemory) fail(new FeedProblem("too-large", `more than ${memoryMb} MB of memory needed to read it`));
      else fail(new FeedProblem("reader-failed", messageOf(error), { cause: error }));
    };
    const onExit = (): void => fail(new FeedProblem("reader-failed", "the thread that reads feeds ended"));
    const onLate = (): void => fail(new FeedProblem("timeout", `not read within ${deadlineMs} ms`));
    const timer = setTimeout(onLate, deadlineMs);
    thread.on("message", onMessage).on("error", onError).on("exit", onExit);
    thread.postMessage(question);
  });
}

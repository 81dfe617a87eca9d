// Feeds are read in a process of their own, one at a time: a hostile document of a few megabytes takes seconds, and hundreds of
// megabytes of memory. A thread would not do, since one that runs out of memory can take the whole process with it.

import { type ChildProcess, fork } from "node:child_process";
import { messageOf } from "../message-of.js";
import type { ReadFeed } from "./feed.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedLimits } from "./limits.js";
import type { FeedDocument } from "./read-feed.js";
import type { ReadAnswer, ReadQuestion } from "./read-process.js";

/** Reads documents. */
export interface FeedReader {
  /**
   * Reads one, after those that were given before. Only the document that takes too long or too much memory fails.
   *
   * @param feedUrl where the settings say that it is
   * @throws FeedProblem
   */
  read(document: FeedDocument, feedUrl: string): Promise<ReadFeed>;
  /** Ends the process; what is being read fails. May be called twice. */
  close(): Promise<void>;
}

/** Many small elements take about a hundred times their bytes; what takes more was made for it. */
const MEMORY_PER_BYTE = 100;
const LEAST_MEMORY_MB = 64;
/** The process is started when there is something to read, and ends after so long without. */
const IDLE_MS = 30_000;

/** Makes a reader; its process is not started yet. */
export function createFeedReader(limits: FeedLimits): FeedReader {
  const memoryMb = Math.max(LEAST_MEMORY_MB, Math.ceil((limits.feedBytes * MEMORY_PER_BYTE) / 1_000_000));
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = child;
    child = undefined;
    if (ending === undefined || hasEnded(ending)) return;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    // It may be busy, and has nothing to lose.
    ending.kill("SIGKILL");
    await ended;
  };
  const readNow = async (question: ReadQuestion): Promise<ReadFeed> => {
    if (isClosed) throw new FeedProblem("reader-failed", "the reader of feeds is closed");
    clearTimeout(idle);
    if (child === undefined || hasEnded(child)) child = start(memoryMb);
    const answer = await ask(child, question, limits.feedReadMs, memoryMb).catch(async (error: unknown) => {
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

function start(memoryMb: number): ChildProcess {
  const child = fork(new URL("./read-process.js", import.meta.url), {
    execArgv: [`--max-old-space-size=${memoryMb}`],
    // Whatever a document can do there, the passwords in the gateway's environment are not in reach.
    env: {},
    // Dates and bytes arrive as what they are.
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  // Told to whoever waits; without anybody the process is simply gone.
  child.on("error", () => undefined);
  return child;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Asks, and waits for the answer, the end of the process or the deadline. */
function ask(child: ChildProcess, question: ReadQuestion, deadlineMs: number, memoryMb: number): Promise<ReadAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("error", onError).off("exit", onExit);
      act();
    };
    const fail = (problem: FeedProblem): void => settle(() => reject(problem));
    // The process sends nothing else.
    const onMessage = (answer: unknown): void => settle(() => resolve(answer as ReadAnswer));
    const onError = (error: Error): void => fail(new FeedProblem("reader-failed", messageOf(error), { cause: error }));
    const onExit = (code: number | null, signal: string | null): void => {
      // So V8 ends a process whose heap is full.
      if (signal === "SIGABRT" || signal === "SIGTRAP" || code === 134)
        fail(new FeedProblem("too-large", `more than ${memoryMb} MB of memory needed to read it`));
      else fail(new FeedProblem("reader-failed", `the process that reads feeds ended by ${signal ?? `code ${code}`}`));
    };
    const onLate = (): void => fail(new FeedProblem("timeout", `not read within ${deadlineMs} ms`));
    const timer = setTimeout(onLate, deadlineMs);
    child.on("message", onMessage).on("error", onError).on("exit", onExit);
    child.send(question, (error) => {
      if (error !== null) onError(error);
    });
  });
}

// One connection that listens for NOTIFY jabber_rpc, made again after every loss.

import type pg from "pg";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { connectionSettings } from "./pool.js";

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** A connection that is dead without a word is found by asking. */
const ASK_MS = 15_000;

/**
 * Listens until it is closed. Never rejects: while there is no connection, whoever waits for changes has to look for himself.
 *
 * @param onChange also called after every connection, since changes may have been missed
 */
export async function listenForChanges(
  url: string,
  onChange: () => void,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const { default: library } = await import("pg");
  const settings = await connectionSettings(url);
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;

  const lost = (from: pg.Client, error: unknown): void => {
    if (client !== from) return;
    client = undefined;
    clearTimeout(timer);
    void from.end().catch(() => undefined);
    if (isClosed) return;
    log.warn("mailbox.listen-lost", { cause: messageOf(error), retryMs });
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };
  const ask = (from: pg.Client): void => {
    timer = setTimeout(() => {
      from.query("select 1").then(
        () => client === from && ask(from),
        (error: unknown) => lost(from, error),
      );
    }, ASK_MS);
  };
  const connect = (): void => {
    const next = new library.Client(settings);
    client = next;
    next.on("error", (error) => lost(next, error));
    next.on("end", () => lost(next, new Error("the server ended the connection")));
    next.on("notification", onChange);
    next
      .connect()
      .then(() => next.query("listen jabber_rpc"))
      .then(
        () => {
          if (client !== next) return;
          retryMs = FIRST_RETRY_MS;
          ask(next);
          onChange();
        },
        (error: unknown) => lost(next, error),
      );
  };
  connect();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      const open = client;
      client = undefined;
      await open?.end().catch(() => undefined);
    },
  };
}

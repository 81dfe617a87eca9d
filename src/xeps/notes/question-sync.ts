// Questions of several gateways on one store: an answer may reach another gateway than the one that asked. Each takes up what the others
// have asked, and learns how its own ended there (docs/notes.md).

import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Clock } from "../../xmpp/index.js";
import type { Live } from "./live-question.js";
import type { QuestionShelf } from "./question-shelf.js";
import type { QuestionStore, StoredQuestion } from "./question-store.js";

/** What looking at the store stands on. */
export interface QuestionSyncOptions {
  readonly store: Pick<QuestionStore, "openIds" | "find">;
  readonly shelf: QuestionShelf;
  readonly clock: Pick<Clock, "after">;
  readonly log: Logger;
  /** Takes up a question that is open. False for one that cannot be. */
  adopt(stored: StoredQuestion): boolean;
  /** A question of the shelf has ended elsewhere. */
  ended(live: Live, stored: StoredQuestion): void;
  /** True while a question of our own is in the store and not yet known here by its id. */
  isPutting(): boolean;
}

const EVERY_MS = 1_000;

/** Looks once a second, until the returned function is called. */
export function startQuestionSync(options: QuestionSyncOptions): () => void {
  const { store, shelf, clock, log } = options;
  /** What cannot be taken up is not tried again. */
  const unusable = new Set<string>();
  let isStopped = false;
  let isFailing = false;
  let cancel: () => void = () => undefined;

  const takeUp = async (id: string): Promise<void> => {
    const stored = await store.find(id);
    if (stored?.state !== "open" || isStopped || options.isPutting() || shelf.find(id) !== undefined) return;
    if (options.adopt(stored)) log.info("question.taken-up", { id, asked: stored.asked });
    else unusable.add(id);
  };
  const takeEnd = async (live: Live): Promise<void> => {
    const stored = await store.find(live.id);
    // It may have been put after the others were looked at.
    if (stored !== undefined && stored.state !== "open" && live.isOpen && !isStopped) options.ended(live, stored);
  };
  const look = async (): Promise<void> => {
    const open = new Set(await store.openIds());
    for (const id of unusable) if (!open.has(id)) unusable.delete(id);
    for (const id of open) if (shelf.find(id) === undefined && !unusable.has(id)) await takeUp(id);
    for (const live of shelf.all()) if (live.isOpen && !open.has(live.id)) await takeEnd(live);
  };
  const lookAndGoOn = async (): Promise<void> => {
    try {
      await look();
      isFailing = false;
    } catch (error) {
      if (!isFailing && !isStopped) log.warn("question.look-failed", { cause: messageOf(error) });
      isFailing = true;
    }
    if (!isStopped) lookLater();
  };
  const lookLater = (): void => {
    cancel = clock.after(EVERY_MS, () => void lookAndGoOn());
  };

  lookLater();
  return () => {
    isStopped = true;
    cancel();
  };
}

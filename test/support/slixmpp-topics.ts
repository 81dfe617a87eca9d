// A subscriber and publisher made of slixmpp, for tests of publish-subscribe against real servers.

import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { PEERS } from "./callers.js";
import { PYTHON, startProcess } from "./processes.js";

export interface TopicItem {
  readonly id: string;
  readonly title: string | null;
  readonly json: unknown;
}

/** A notification, a message, or what an action came to. */
export interface TopicNews {
  readonly from?: string;
  readonly body?: string;
  readonly said?: string;
  readonly told?: readonly TopicItem[];
  readonly retracted?: readonly string[];
  readonly created?: string;
  /** What became of the own subscription. */
  readonly states?: readonly string[];
  readonly subscribed?: string;
  /** Subscribed, once somebody agrees. */
  readonly pending?: string;
  readonly admitted?: string;
  readonly unsubscribed?: string;
  readonly published?: string;
  readonly items?: readonly TopicItem[];
  readonly nodes?: readonly string[];
  readonly error?: string;
}

export interface TopicPerson {
  /** Does something and resolves with the answer; notifications that come before it are kept. */
  act(action: object): Promise<TopicNews>;
  /** The next notification or message. */
  told(): Promise<TopicNews>;
  /** Those that have come and that nobody has asked for. */
  rest(): readonly TopicNews[];
  stop(): Promise<void>;
}

/** Logs in as `name`@localhost. */
export async function startTopicPerson(port: number, name: string, password: string): Promise<TopicPerson> {
  const script = join(PEERS, "slixmpp_topics.py");
  const client = startProcess(PYTHON, [script, `127.0.0.1:${port}`, `${name}@localhost/slix`, password]);
  const heard: { readonly told: TopicNews[]; readonly answers: TopicNews[] } = { told: [], answers: [] };
  const arrivals = new EventEmitter();
  client.onLine((line) => {
    // Our own script writes nothing else.
    const news = JSON.parse(line) as TopicNews & { readonly online?: string };
    if (news.online !== undefined) return;
    heard[news.told === undefined ? "answers" : "told"].push(news);
    arrivals.emit("news");
  });
  await client.until("stdout", /^\{"online": /m);
  const next = async (kind: "told" | "answers"): Promise<TopicNews> => {
    const ended = client.ended.then(({ stderr }) => {
      throw new Error(`slixmpp ended: ${stderr}`);
    });
    ended.catch(() => undefined);
    for (;;) {
      const news = heard[kind].shift();
      if (news !== undefined) return news;
      await Promise.race([once(arrivals, "news"), ended]);
    }
  };
  return {
    act: (action) => {
      client.write(`${JSON.stringify(action)}\n`);
      return next("answers");
    },
    told: () => next("told"),
    rest: () => heard.told.splice(0),
    stop: () => client.stop(),
  };
}

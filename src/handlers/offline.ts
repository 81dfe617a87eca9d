// The service `offline`: the messages that wait for the gateway's own account, for whoever the access list lets.

import { OfflineError, type OfflineErrorCode, OfflineMessages } from "../ports/index.js";
import {
  array,
  dateTime,
  enumeration,
  int,
  named,
  optional,
  RpcFault,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "../rpc/index.js";

const header = struct({ id: string, from: string, stamp: optional(dateTime) });
const message = struct({
  id: string,
  from: string,
  stamp: optional(dateTime),
  type: string,
  body: optional(string),
  subject: optional(string),
  thread: optional(string),
  xml: string,
});

const FAULTS: Readonly<Record<OfflineErrorCode, number>> = {
  "not-found": 1,
  unsupported: 2,
  refused: 3,
  "too-much": 4,
  ambiguous: 5,
};

/** What the port does, as methods. */
@rpcService("offline")
export class OfflineService {
  constructor(private readonly messages: OfflineMessages) {}

  @rpcMethod({
    params: [],
    returns: enumeration("offline", "archive"),
    doc: "Where messages are read from: offline (XEP-0013), or archive (XEP-0313), which can only be read.",
  })
  source(): Promise<"offline" | "archive"> {
    return faulty(() => this.messages.source());
  }

  @rpcMethod({ params: [], returns: int, doc: "How many messages wait for the gateway's account." })
  count(): Promise<number> {
    return faulty(() => this.messages.count());
  }

  @rpcMethod({ params: [], returns: array(header), doc: "Who has written, the oldest first; nothing is removed." })
  list() {
    return faulty(async () => (await this.messages.list()).map(({ id, from, stamp }) => ({ id, from, stamp })));
  }

  @rpcMethod({ params: [named("id", string)], returns: message, doc: "One message by its id; it is not removed." })
  show(id: string) {
    return faulty(async () => plain(await this.messages.show(id)));
  }

  @rpcMethod({ params: [], returns: array(message), doc: "All messages, the oldest first; nothing is removed." })
  fetch() {
    return faulty(async () => (await this.messages.fetch()).map(plain));
  }

  @rpcMethod({
    params: [named("ids", array(string))],
    doc: "Removes messages by their ids. Fault 2 where there is only an archive.",
  })
  remove(ids: string[]): Promise<void> {
    return faulty(() => this.messages.remove(ids));
  }

  @rpcMethod({ params: [], doc: "Removes all messages. Fault 2 where there is only an archive." })
  purge(): Promise<void> {
    return faulty(() => this.messages.purge());
  }
}

function plain({ id, from, stamp, type, body, subject, thread, xml }: Awaited<ReturnType<OfflineMessages["show"]>>) {
  return { id, from, stamp, type, body, subject, thread, xml };
}

/** What the server cannot do is an answer, and no trouble of ours. */
async function faulty<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (OfflineError.is(error)) throw new RpcFault(FAULTS[error.code], error.message);
    throw error;
  }
}

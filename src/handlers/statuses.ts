// The service `statuses`: what the caller is at, told to all who care.

import { Statuses } from "../ports/index.js";
import {
  array,
  CallContext,
  named,
  optional,
  rpcMethod,
  rpcService,
  serverFault,
  string,
  struct,
} from "../rpc/index.js";
import { ValueError } from "../values/index.js";

/** Publishes statuses of whoever calls. */
@rpcService("statuses")
export class StatusesService {
  constructor(private readonly statuses: Statuses) {}

  @rpcMethod({
    params: [named("text", string), named("link", optional(string))],
    returns: struct({ id: string, places: array(string), problems: array(string) }),
    doc: "Publishes a status of yours to the room and the topics of statuses.",
  })
  async publish(
    text: string,
    link: string | undefined,
    call: CallContext,
  ): Promise<{ id: string; places: string[]; problems: string[] }> {
    const author = call.requester.jid.bare;
    try {
      const published = await this.statuses.publishStatus({ author, text, ...(link === undefined ? {} : { link }) });
      return { id: published.id, places: [...published.places], problems: [...published.problems] };
    } catch (error) {
      if (ValueError.is(error)) throw serverFault("invalidParams", error.message);
      throw error;
    }
  }
}

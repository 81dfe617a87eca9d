// A server that answers one client about the messages that wait for it, right or wrong: what each request gets is a table of answers.

import { EventEmitter, once } from "node:events";
import { type ClientLinkOptions, createRequester, type Requester } from "../../../src/index.js";
import { type FakeElement, FakeServer, type FakeSession } from "../../support/fake-server.js";

export const OWN = "user@localhost";
const DISCO = "http://jabber.org/protocol/disco#";

/** What is sent before the answer, and the content of the answer; or the condition of an error. */
export interface Answer {
  readonly before?: string;
  readonly result?: string;
  readonly error?: string;
}

/** Answers a request by its payload. */
export type Answers = (payload: FakeElement, iq: FakeElement) => Answer | undefined;

/** A server and what it was asked. */
export interface MailServer {
  readonly server: FakeServer;
  /** The payloads of all requests so far. */
  readonly asked: readonly FakeElement[];
  /** Everything else: presences, messages, answers. */
  readonly heard: readonly FakeElement[];
  /** Resolves when it holds. */
  until(condition: () => boolean): Promise<void>;
}

/** Listens as a server with these features for the account {@link OWN}. */
export async function listenAsMailServer(
  features: { readonly server?: readonly string[]; readonly account?: readonly string[] },
  answers: Answers,
): Promise<MailServer> {
  const asked: FakeElement[] = [];
  const heard: FakeElement[] = [];
  const events = new EventEmitter();
  const server = await FakeServer.listen(async (session) => {
    await session.login("secret", ["SCRAM-SHA-1"], `${OWN}/reader`);
    for (;;) {
      const item = await session.next();
      if (item === "footer") {
        session.write("</stream:stream>");
        session.end();
        return;
      }
      if (typeof item === "string") continue;
      const [payload] = item.children;
      const isRequest = item.name === "iq" && (item.attrs["type"] === "get" || item.attrs["type"] === "set");
      if (isRequest && payload !== undefined) {
        asked.push(payload);
        const isInfo = payload.ns === `${DISCO}info` && payload.attrs["node"] === undefined;
        const listed = item.attrs["to"] === undefined ? features.account : features.server;
        const info = (listed ?? []).map((name) => `<feature var='${name}'/>`).join("");
        const answer = isInfo ? { result: `<query xmlns='${DISCO}info'>${info}</query>` } : answers(payload, item);
        reply(session, item, answer ?? { error: "service-unavailable" });
      } else heard.push(item);
      events.emit("heard");
    }
  });
  return {
    server,
    asked,
    heard,
    until: async (condition) => {
      while (!condition()) await once(events, "heard");
    },
  };
}

/** How to log in there. */
export function loginAt(server: FakeServer): ClientLinkOptions {
  return { service: server.service, jid: `${OWN}/reader`, password: "secret" };
}

export interface MailSession extends MailServer {
  readonly requester: Requester;
  stop(): Promise<void>;
}

/** Logs a requester in at such a server, without presence. */
export async function startMailServer(...server: Parameters<typeof listenAsMailServer>): Promise<MailSession> {
  const listening = await listenAsMailServer(...server);
  const requester = createRequester({ link: loginAt(listening.server), presence: false });
  await requester.start();
  return {
    ...listening,
    requester,
    stop: async () => {
      await requester.stop();
      await listening.server.close();
    },
  };
}

function reply(session: FakeSession, { attrs }: FakeElement, { before = "", result = "", error }: Answer): void {
  const from = attrs["to"] === undefined ? "" : ` from='${attrs["to"]}'`;
  const content =
    error === undefined
      ? result
      : `<error type='cancel'><${error} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
  const type = error === undefined ? "result" : "error";
  session.write(`${before}<iq type='${type}' id='${attrs["id"]}'${from}>${content}</iq>`);
}

// Fake servers and the links of one test file, all ended after each test.

import { afterEach, expect } from "vitest";
import { type ClientLinkOptions, createClientLink } from "../../src/xmpp/client-link.js";
import { type ComponentLinkOptions, createComponentLink } from "../../src/xmpp/component-link.js";
import { type Link, LinkError } from "../../src/xmpp/link.js";
import { type FakeScript, FakeServer } from "./fake-server.js";
import { RecordingListener } from "./recording-listener.js";

/** A server that runs `script` for each connection, and what makes links to it. */
export interface Served<Options = ClientLinkOptions> {
  readonly server: FakeServer;
  /** A link that was not started yet; the password is right. */
  readonly connect: (options?: Partial<Options>) => { link: Link; listener: RecordingListener };
  /** A link that is online. */
  readonly online: (options?: Partial<Options>) => Promise<{ link: Link; listener: RecordingListener }>;
  /** Starts a link that must not come up, and gives its error. */
  readonly fail: (options?: Partial<Options>) => Promise<LinkError>;
}

/** For client links. Call once at the top of a test file. After each test links and servers end, and no script may have thrown. */
export function useServers(): (script: FakeScript) => Promise<Served> {
  return useServersFor((service, options: Partial<ClientLinkOptions>) =>
    createClientLink({ service, jid: "user@localhost/test", password: "secret", closeTimeoutMs: 200, ...options }),
  );
}

/** The same for component links. */
export function useComponentServers(): (script: FakeScript) => Promise<Served<ComponentLinkOptions>> {
  return useServersFor((service, options: Partial<ComponentLinkOptions>) =>
    createComponentLink({ service, jid: "rpc.localhost", password: "hush", closeTimeoutMs: 200, ...options }),
  );
}

function useServersFor<Options>(
  createLink: (service: string, options: Partial<Options>) => Link,
): (script: FakeScript) => Promise<Served<Options>> {
  const opened: { server: FakeServer; links: Link[] }[] = [];
  afterEach(async () => {
    for (const { server, links } of opened.splice(0)) {
      // The server goes at the same time: a link on a manual clock would wait for its answer for ever.
      await Promise.all([...links.map((link) => link.stop()), server.close()]);
      expect(server.errors).toEqual([]);
    }
  });
  return async (script) => {
    const server = await FakeServer.listen(script);
    const links: Link[] = [];
    opened.push({ server, links });
    const connect = (options: Partial<Options> = {}) => {
      const link = createLink(server.service, options);
      links.push(link);
      return { link, listener: new RecordingListener() };
    };
    return {
      server,
      connect,
      online: async (options) => {
        const { link, listener } = connect(options);
        await link.start(listener);
        return { link, listener };
      },
      fail: async (options) => {
        const { link, listener } = connect(options);
        const error: unknown = await link.start(listener).then(
          () => new Error("the link came online"),
          (reason: unknown) => reason,
        );
        expect(listener.calls).toEqual([]);
        expect(link.isOnline).toBe(false);
        if (!LinkError.is(error)) throw error;
        return error;
      },
    };
  };
}

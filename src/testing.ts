// jabber-rpc/testing: a gateway inside the test's process, with the real codec and dispatch and no server.

import { createGateway } from "./gateway.js";
import type { GatewayOptions } from "./gateway-options.js";
import type { Jid } from "./jid.js";
import type { Proxied } from "./proxy.js";
import { createRequester, type Requester } from "./requester.js";
import { createMemoryNetwork } from "./xmpp/index.js";

/** What a test gateway is made of: a gateway's options without the link. */
export interface TestGatewayOptions extends Omit<GatewayOptions, "link"> {
  /** The gateway's address. Default `rpc.example.org`. */
  readonly jid?: string;
}

/** A caller in a test. */
export interface TestRequester extends Pick<Requester, "call" | "callExact" | "listMethods" | "describe"> {
  /** `proxy<Orders>("orders").total(7)` calls `orders.total` of the gateway. */
  proxy<T extends object>(prefix: string): Proxied<T>;
}

/** A gateway in a test. */
export interface TestGateway {
  readonly jid: Jid;
  /** A caller with that full address, such as `alice@example.org/desk`; the same object for the same address. */
  as(jid: string): TestRequester;
  /** Ends it and every caller. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway that is called through real stanzas inside this process.
 *
 * Unless `access` says otherwise, anyone may call everything, since most tests are not about access.
 *
 * @throws TypeError for services and methods that a gateway refuses
 */
export async function createTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { jid: address = "rpc.example.org", ...rest } = options;
  const network = createMemoryNetwork();
  const gateway = createGateway({ access: [{ anyone: true }], ...rest, link: network.link(address) });
  const jid = await gateway.start();
  const requesters = new Map<string, Requester>();

  const requesterOf = (from: string): Requester => {
    let requester = requesters.get(from);
    if (requester === undefined) {
      requester = createRequester({ link: network.link(from), values: options.values ?? {} });
      requesters.set(from, requester);
      // A link of the memory network is online as soon as it is started; only a taken address can fail.
      requester.start().catch((error: unknown) => options.log?.error("test.requester", { cause: String(error) }));
    }
    return requester;
  };

  return {
    jid,
    as: (from) => {
      const requester = requesterOf(from);
      return { ...requester, proxy: (prefix) => requester.proxy(jid.full, prefix) };
    },
    stop: async () => {
      for (const requester of requesters.values()) await requester.stop();
      await gateway.stop();
    },
  };
}

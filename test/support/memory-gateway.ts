// A gateway and one raw peer on a memory network, for tests that look at stanzas.
import { createGateway, createMemoryNetwork, type GatewayOptions, type MemoryNetwork } from "../../src/index.js";
import { type RawPeer, startRawPeer } from "./raw-peer.js";

const GATEWAY = "rpc.example.org";
const PEER = "alice@example.org/desk";

export interface MemoryGateway {
  readonly network: MemoryNetwork;
  readonly peer: RawPeer;
  stop(): Promise<void>;
}

export async function startMemoryGateway(options: Omit<GatewayOptions, "link">): Promise<MemoryGateway> {
  const network = createMemoryNetwork();
  const gateway = createGateway({ access: [{ anyone: true }], ...options, link: network.link(GATEWAY) });
  await gateway.start();
  const peer = await startRawPeer(network.link(PEER));
  return {
    network,
    peer,
    stop: async () => {
      await peer.stop();
      await gateway.stop();
    },
  };
}

/** The text of a call as a peer writes it. */
export function callStanza(method: string, params = "", { id = "c1", extra = "" } = {}): string {
  return (
    `<iq type='set' to='${GATEWAY}' id='${id}'><query xmlns='jabber:iq:rpc'><methodCall><methodName>${method}</methodName>` +
    `<params>${params}</params></methodCall>${extra}</query></iq>`
  );
}

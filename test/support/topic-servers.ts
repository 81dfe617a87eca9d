// Prosody and ejabberd with a publish-subscribe service, and a gateway's links to them, for tests of topics.

import { createComponentLink, type GatewayOptions } from "../../src/index.js";
import { startEjabberd } from "./ejabberd.js";
import { startProsody } from "./prosody.js";
import type { ServerProcess } from "./server-process.js";

/** The service; everybody may make topics at ejabberd's, at Prosody's only the gateway. */
export const SERVICE = "pubsub.localhost";
export const USERS = { responder: "gateway's", bob: "bob's" };
export const COMPONENT = { jid: "rpc.localhost", secret: "s3cret" };

export type TopicServer = Pick<ServerProcess, "port" | "componentPort" | "restartCleanly" | "stop">;

export const startProsodyWithTopics = (): Promise<TopicServer> =>
  startProsody({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    hostConfig: `Component "${SERVICE}" "pubsub"\n  admins = { "${COMPONENT.jid}", "responder@localhost" }`,
  });

export const startEjabberdWithTopics = (): Promise<TopicServer> =>
  startEjabberd({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    moreModules: { mod_pubsub: { host: SERVICE, access_createnode: "all", plugins: ["flat"] } },
  });

export const asClient = ({ port }: TopicServer): GatewayOptions["link"] => ({
  service: `xmpp://127.0.0.1:${port}`,
  jid: "responder@localhost/gateway",
  password: USERS.responder,
});

export const asComponent = ({ componentPort }: TopicServer): GatewayOptions["link"] =>
  createComponentLink({ service: `xmpp://127.0.0.1:${componentPort}`, jid: COMPONENT.jid, password: COMPONENT.secret });

// The main job without any server: a gateway that clients connect to, and a requester that calls it over TCP.

import { expect, it } from "vitest";
import { Examples } from "../src/handlers/index.js";
import { createGateway, createRequester } from "../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../src/xmpp/index.js";

it("answers calls at its domain, its service's name and its alias", async () => {
  const accounts = createMemoryAccounts({ iterations: 4096 });
  await accounts.set("alice", "secret");
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts });
  const gateway = createGateway({
    link,
    services: [Examples],
    access: [{ allow: "alice@localhost", methods: "examples.*" }],
  });
  expect((await gateway.start()).full).toBe("localhost");
  const service = `xmpp://127.0.0.1:${link.listening?.port}`;
  const requester = createRequester({ link: { service, jid: "alice@localhost/desk", password: "secret" } });
  await requester.start();
  for (const address of ["localhost", "localhost/x", "rpc.localhost", "rpc@localhost", "rpc@localhost/gateway"]) {
    expect(await requester.call(address, "examples.getStateName", [6])).toBe("Colorado");
  }
  await expect(requester.call("alice@localhost/away", "examples.getStateName", [6])).rejects.toMatchObject({
    condition: "service-unavailable",
  });
  await requester.stop();
  await gateway.stop();
  expect(link.connections).toBe(0);
});

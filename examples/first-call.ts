// What `npm start` runs: a gateway and a caller in one process, with real stanzas between them and no server.

import { Examples } from "../src/handlers/index.js";
import { createGateway, createMemoryNetwork, createRequester } from "../src/index.js";

const network = createMemoryNetwork();
const gateway = createGateway({
  link: network.link("rpc.example.org"),
  services: [Examples],
  access: [{ allow: "alice@example.org", methods: "examples.*" }],
});
await gateway.start();

const alice = createRequester({ link: network.link("alice@example.org/desk") });
await alice.start();
const name = await alice.call("rpc.example.org", "examples.getStateName", [6]);
process.stdout.write(`examples.getStateName(6) -> ${String(name)}\n`);

await alice.stop();
await gateway.stop();

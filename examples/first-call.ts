// What `npm start` runs: a gateway and a caller in one process, with real stanzas between them and no server.
// Copied into a project of its own, it runs as it is.

import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  int,
  named,
  RpcFault,
  string,
} from "jabber-rpc";

const states = ["Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado"];

const getStateName = defineMethod(
  "examples.getStateName",
  { params: [named("index", int)], returns: string, doc: "Name of the index-th US state, 1 to 6." },
  (index) => {
    const name = states[index - 1];
    if (name === undefined) throw new RpcFault(4, `no state ${index}`);
    return name;
  },
);

const network = createMemoryNetwork();
const gateway = createGateway({
  link: network.link("rpc.example.org"),
  methods: [getStateName],
  access: [{ allow: "alice@example.org", methods: "examples.*" }],
});
await gateway.start();

const alice = createRequester({ link: network.link("alice@example.org/desk") });
await alice.start();
const name = await alice.call("rpc.example.org", "examples.getStateName", [6]);
process.stdout.write(`examples.getStateName(6) -> ${String(name)}\n`);

await alice.stop();
await gateway.stop();

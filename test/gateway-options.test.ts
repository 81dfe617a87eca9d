// What a gateway's options say holds in every door.
import { expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  type GatewayOptions,
} from "../src/index.js";

const methods = [defineMethod("t.nothing", { params: [] }, () => undefined)];

async function multicall(values: GatewayOptions["values"]): Promise<unknown> {
  const network = createMemoryNetwork();
  const gateway = createGateway({
    link: network.link("rpc.example.org"),
    access: [{ anyone: true }],
    methods,
    ...(values === undefined ? {} : { values }),
  });
  await gateway.start();
  const alice = createRequester({ link: network.link("alice@example.org/desk") });
  await alice.start();
  const result = await alice.call("rpc.example.org", "system.multicall", [[{ methodName: "t.nothing", params: [] }]]);
  await alice.stop();
  await gateway.stop();
  return result;
}

it("a void slot of a multicall is what a void method answers", async () => {
  expect(await multicall(undefined)).toEqual([[""]]);
  expect(await multicall({ void: "nil" })).toEqual([[null]]);
});

it("a wide rule admits no occupant of a room service", async () => {
  const network = createMemoryNetwork();
  const gateway = createGateway({
    link: network.link("rpc.example.org"),
    access: [{ anyone: true }, { allow: "ops@conference.example.org/bot" }],
    roomServices: ["conference.example.org"],
    methods,
  });
  await gateway.start();
  const callAs = async (from: string): Promise<unknown> => {
    const requester = createRequester({ link: network.link(from) });
    await requester.start();
    const result = await requester.call("rpc.example.org", "t.nothing").catch((error: unknown) => error);
    await requester.stop();
    return result;
  };
  expect(await callAs("alice@example.org/desk")).toBe("");
  expect(await callAs("ops@conference.example.org/bot")).toBe("");
  expect(await callAs("ops@conference.example.org/admin")).toMatchObject({ condition: "forbidden" });
  await gateway.stop();
});

import { createTestGateway, type TestGateway } from "jabber-rpc/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Orders, OrderStore } from "../src/orders.js";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await createTestGateway({
    services: [Orders],
    bind: (container) => container.bind(OrderStore).toSelf().inSingletonScope(),
  });
});
afterAll(() => gateway.stop());

const orders = () => gateway.as("alice@example.org/desk").proxy<Orders>("orders");

test("the total of an order", async () => {
  expect(await orders().total(7)).toEqual({ id: 7, total: 12.5 });
});

test("an order that is not there", async () => {
  await expect(orders().total(8)).rejects.toMatchObject({ code: 404, message: expect.stringMatching(/^no order 8/) });
});

test("a wrong parameter", async () => {
  await expect(orders().total("7" as never)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(/params\[0\] \(id\): int expected, got string/),
  });
});

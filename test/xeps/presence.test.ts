// The presence of a component: whoever subscribes or probes is answered, and nobody else (RFC 6121 §3, §4; XEP-0114 §3).

import { afterEach, describe, expect, it } from "vitest";
import { createComponentLink, createGateway, type Gateway } from "../../src/index.js";
import { type FakeElement, FakeServer, type FakeSession } from "../support/fake-server.js";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(): Promise<{ gateway: Gateway; session: FakeSession; server: FakeServer }> {
  const server = await FakeServer.listen(async (session) => void (await session.acceptComponent()));
  const link = createComponentLink({
    service: server.service,
    jid: "rpc.localhost",
    password: "hush",
    random: () => 0,
    replicas: true,
    closeTimeoutMs: 50,
  });
  const gateway = createGateway({ link });
  await gateway.start();
  stops.push(async () => {
    await Promise.all([gateway.stop(), server.close()]);
    expect(server.errors).toEqual([]);
  });
  const [session] = server.sessions;
  if (session === undefined) throw new Error("no connection");
  return { gateway, session, server };
}

function presence(session: FakeSession, attrs: string): void {
  session.write(`<presence ${attrs}/>`);
}

/** From, to and type of what is sent next. */
async function next(session: FakeSession | undefined): Promise<(string | undefined)[]> {
  const { attrs } = await nextElement(session);
  return [attrs["from"], attrs["to"], attrs["type"]];
}

async function nextElement(session: FakeSession | undefined): Promise<FakeElement> {
  if (session === undefined) throw new Error("no connection");
  return session.expect("presence");
}

describe("a component's presence", () => {
  it("accepts a subscription and shows itself with caps", async () => {
    const { session } = await serve();
    presence(session, "type='subscribe' from='anna@localhost' to='rpc.localhost'");
    expect(await next(session)).toEqual(["rpc.localhost", "anna@localhost", "subscribed"]);
    const shown = await nextElement(session);
    expect(shown.attrs).toMatchObject({ from: "rpc.localhost", to: "anna@localhost" });
    expect(shown.children[0]).toMatchObject({ name: "c", ns: "http://jabber.org/protocol/caps" });
  });

  it("answers a probe to the very resource, also for an address at the domain", async () => {
    const { session } = await serve();
    presence(session, "type='probe' from='anna@localhost/desk' to='any@rpc.localhost'");
    expect(await next(session)).toEqual(["any@rpc.localhost", "anna@localhost/desk", undefined]);
  });

  it("ends a subscription", async () => {
    const { session } = await serve();
    presence(session, "type='unsubscribe' from='anna@localhost' to='rpc.localhost'");
    expect(await next(session)).toEqual(["rpc.localhost", "anna@localhost", "unsubscribed"]);
    expect(await next(session)).toEqual(["rpc.localhost", "anna@localhost", "unavailable"]);
  });

  it("answers nothing else, and not itself", async () => {
    const { session } = await serve();
    for (const type of ["subscribed", "unsubscribed", "unavailable", "error", "nonsense"]) {
      presence(session, `type='${type}' from='anna@localhost' to='rpc.localhost'`);
    }
    presence(session, "from='anna@localhost' to='rpc.localhost'");
    presence(session, "type='subscribe' from='other@rpc.localhost' to='rpc.localhost'");
    presence(session, "type='subscribe' from='@' to='rpc.localhost'");
    presence(session, "type='subscribe' to='rpc.localhost'");
    presence(session, "type='probe' from='last@localhost' to='rpc.localhost'");
    expect((await next(session))[1]).toBe("last@localhost");
  });

  it("is shown again after a loss, and taken back at the end", async () => {
    const { gateway, session, server } = await serve();
    presence(session, "type='probe' from='anna@localhost/desk' to='rpc.localhost'");
    presence(session, "type='probe' from='bert@localhost/desk' to='rpc.localhost'");
    await nextElement(session);
    await nextElement(session);
    presence(session, "type='unsubscribe' from='bert@localhost' to='rpc.localhost'");
    await nextElement(session);
    await nextElement(session);
    session.destroy();
    while (server.sessions.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const [, again] = server.sessions;
    while (again?.received.includes("<presence") !== true) await new Promise((resolve) => setImmediate(resolve));
    expect(await next(again)).toEqual(["rpc.localhost", "anna@localhost", undefined]);
    await gateway.stop();
    expect(await next(again)).toEqual(["rpc.localhost", "anna@localhost", "unavailable"]);
  });
});

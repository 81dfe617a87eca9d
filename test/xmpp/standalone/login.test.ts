// Logging in at a stand-alone endpoint, with a bare socket and with our own client link.

import { afterEach, describe, expect, it } from "vitest";
import { createClientLink } from "../../../src/xmpp/index.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { RawClient, startGateway, type TestGateway } from "./support.js";

let gateway: TestGateway | undefined;
afterEach(() => gateway?.stop());

describe("a stand-alone endpoint", () => {
  it.each(["SCRAM-SHA-1", "SCRAM-SHA-256"] as const)(
    "lets a bare socket in by %s and answers its request",
    async (mechanism) => {
      gateway = await startGateway();
      const client = await RawClient.connect(gateway.port);
      await client.authenticate("alice", "secret", mechanism);
      expect(await client.bind("home")).toBe("alice@localhost/home");
      client.write("<iq type='get' id='1' to='localhost'><query xmlns='urn:echo'/></iq>");
      expect(await client.until("</iq>")).toBe(
        "<iq type='result' id='1' to='alice@localhost/home' from='localhost'><query xmlns='urn:echo'/></iq>",
      );
      client.write("</stream:stream>");
      expect(await client.closed()).toBe("</stream:stream>");
    },
  );

  it("lets our own client link in", async () => {
    gateway = await startGateway();
    const link = createClientLink({
      service: `xmpp://127.0.0.1:${gateway.port}`,
      jid: "alice@localhost/home",
      password: "secret",
    });
    const listener = new RecordingListener();
    expect((await link.start(listener)).full).toBe("alice@localhost/home");
    await link.stop();
  });
});

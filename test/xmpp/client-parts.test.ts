// The parts of a client link that are pure: SCRAM by its vectors, waits, targets, the plan for a server's features.

import { describe, expect, it } from "vitest";
import { StreamParser, type XmlElement } from "../../src/xml/index.js";
import { type FeatureContext, planFeatures } from "../../src/xmpp/client/features.js";
import { ScramExchange, type ScramOptions } from "../../src/xmpp/client/scram.js";
import { CLIENT_PORTS, resolveTargets, type SrvRecord } from "../../src/xmpp/client/targets.js";
import { BackOff } from "../../src/xmpp/stream/back-off.js";
import { parseService } from "../../src/xmpp/stream/service.js";

describe("SCRAM", () => {
  // RFC 5802 §5 and RFC 7677 §3.
  const VECTORS = [
    {
      options: { mechanism: "SCRAM-SHA-1", username: "user", password: "pencil", nonce: "fyko+d2lbbFgONRv9qkxdawL" },
      serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
      proof: "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
      signature: "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    },
    {
      options: { mechanism: "SCRAM-SHA-256", username: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO" },
      serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
      proof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      signature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    },
  ] satisfies { options: ScramOptions; serverFirst: string; proof: string; signature: string }[];

  it.each(VECTORS)("computes the vectors of $options.mechanism", async ({ options, serverFirst, proof, signature }) => {
    const exchange = new ScramExchange(options);
    expect(exchange.clientFirst()).toBe(`n,,n=user,r=${options.nonce}`);
    const nonce = /r=([^,]*)/.exec(serverFirst)?.[1];
    expect(await exchange.clientFinal(serverFirst)).toBe(`c=biws,r=${nonce},p=${proof}`);
    expect(exchange.isServerVerified).toBe(false);
    exchange.checkServerFinal(`v=${signature}`);
    expect(exchange.isServerVerified).toBe(true);
  });

  it("refuses a signature with one bit changed, then also the right one stays possible", async () => {
    const [vector] = VECTORS;
    if (vector === undefined) return;
    const exchange = new ScramExchange(vector.options);
    exchange.clientFirst();
    await exchange.clientFinal(vector.serverFirst);
    for (const final of ["", "v=", "e=invalid-proof", `v=s${vector.signature.slice(1)}`, `x${vector.signature}`]) {
      expect(() => exchange.checkServerFinal(final)).toThrow("could not prove");
    }
    expect(exchange.isServerVerified).toBe(false);
  });

  it("prepares names and passwords: compatibility forms meet, prohibited characters raise without the secret", () => {
    expect(first("I\u00adX", "n")).toBe("n,,n=IX,r=n");
    expect(first("\u2168", "n")).toBe("n,,n=IX,r=n");
    expect(first("a=b,c", "n")).toBe("n,,n=a=3Db=2Cc,r=n");
    for (const password of ["", "hush\u0007", "hush\u0627\u0031"]) {
      expect(() => new ScramExchange({ mechanism: "SCRAM-SHA-1", username: "u", password })).toThrow(
        /^the password is empty or holds/,
      );
    }
  });

  it("makes another nonce each time", () => {
    expect(first("u")).not.toBe(first("u"));
  });
});

describe("BackOff", () => {
  it("doubles its ceiling from 1 s to 60 s and takes any part of it", () => {
    const highest = new BackOff(() => 1);
    expect(Array.from({ length: 8 }, () => highest.next())).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000));
    const lowest = new BackOff(() => 0);
    expect(lowest.next()).toBe(0);
    highest.reset();
    expect(highest.next()).toBe(1_000);
  });

  it("waits 30 s to 60 s at the slow pace", () => {
    expect(new BackOff(() => 0).next("slow")).toBe(30_000);
    expect(new BackOff(() => 1).next("slow")).toBe(60_000);
  });
});

describe("targets", () => {
  it.each([
    ["xmpp://example.org", { host: "example.org", port: 5222, directTls: false }],
    ["xmpp://127.0.0.1:15222", { host: "127.0.0.1", port: 15222, directTls: false }],
    ["xmpps://[::1]", { host: "::1", port: 5223, directTls: true }],
  ])("reads %s", (service, target) => {
    expect(parseService(service, CLIENT_PORTS)).toEqual(target);
  });

  it.each(["", "example.org", "http://example.org", "xmpp://", "xmpp://a:99999", "ws://localhost:5280/ws", "wss://x/"])(
    "refuses %j",
    (service) => {
      expect(() => parseService(service, CLIENT_PORTS)).toThrow(/service .*expected xmpp:|WebSocket/);
    },
  );

  it("goes by priority, then by chance in proportion to the weight", async () => {
    const records: Record<string, SrvRecord[]> = {
      "_xmpp-client._tcp.example.org": [srv("late", 1, 20), srv("light", 2, 10, 1), srv("heavy", 3, 10, 1_000)],
      "_xmpps-client._tcp.example.org": [srv("first", 4, 5)],
    };
    const targets = await resolveTargets(
      "example.org",
      (name) => Promise.resolve(records[name] ?? []),
      () => 0.5,
    );
    expect(targets.map(({ host, directTls }) => [host, directTls])).toEqual([
      ["first", true],
      ["heavy", false],
      ["light", false],
      ["late", false],
    ]);
  });

  it("falls back to the domain when DNS knows no record or fails", async () => {
    const domain = [{ host: "example.org", port: 5222, directTls: false }];
    expect(await resolveTargets("example.org", () => Promise.resolve([]))).toEqual(domain);
    expect(await resolveTargets("example.org", failingDns)).toEqual(domain);
  });

  it("believes a domain that says it offers no service", async () => {
    const none = resolveTargets("example.org", () => Promise.resolve([srv("", 0, 0)]));
    await expect(none).rejects.toMatchObject({ code: "connect-failed" });
  });

  it("asks no DNS for addresses and localhost", async () => {
    expect((await resolveTargets("127.0.0.1", failingDns))[0]?.host).toBe("127.0.0.1");
    expect((await resolveTargets("localhost", failingDns))[0]?.host).toBe("localhost");
  });
});

describe("planFeatures", () => {
  const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
  const REQUIRED = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
  const SCRAM =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>";
  const PLAIN = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
  const remote: FeatureContext = {
    isAuthenticated: false,
    isEncrypted: false,
    isLoopback: false,
    verifiesTls: true,
    prefersTls: false,
    allowsPlaintext: false,
    canResume: false,
  };
  const loopback = { ...remote, isLoopback: true };
  const encrypted = { ...remote, isEncrypted: true };

  it.each<[string, string, FeatureContext, string]>([
    ["TLS first, off loopback", STARTTLS + SCRAM, remote, "starttls"],
    ["TLS first, also when plaintext is allowed", STARTTLS + SCRAM, { ...remote, allowsPlaintext: true }, "starttls"],
    ["no credentials in clear off loopback", SCRAM, remote, "tls-required"],
    ["no credentials for a server that only has PLAIN in clear", PLAIN, remote, "tls-required"],
    ["SCRAM in clear when it is allowed", SCRAM, { ...remote, allowsPlaintext: true }, "SCRAM-SHA-1"],
    ["no PLAIN in clear on loopback", PLAIN, loopback, "authentication-failed"],
    ["PLAIN in clear on loopback when it is allowed", PLAIN, { ...loopback, allowsPlaintext: true }, "PLAIN"],
    ["never PLAIN in clear to another machine", PLAIN, { ...remote, allowsPlaintext: true }, "authentication-failed"],
    ["SCRAM in clear on loopback", SCRAM, loopback, "SCRAM-SHA-1"],
    ["SCRAM in clear on loopback although TLS is there", STARTTLS + SCRAM, loopback, "SCRAM-SHA-1"],
    ["TLS on loopback when it is required", REQUIRED + SCRAM, loopback, "starttls"],
    ["TLS on loopback when only PLAIN is there", STARTTLS + PLAIN, loopback, "starttls"],
    ["TLS on loopback when it was set up", STARTTLS + SCRAM, { ...loopback, prefersTls: true }, "starttls"],
    ["no fall back on loopback when TLS was set up", SCRAM, { ...loopback, prefersTls: true }, "tls-required"],
    ["SCRAM before PLAIN inside TLS", SCRAM, encrypted, "SCRAM-SHA-1"],
    ["PLAIN inside TLS", PLAIN, encrypted, "PLAIN"],
    ["no PLAIN inside unverified TLS", PLAIN, { ...encrypted, verifiesTls: false }, "authentication-failed"],
    ["a mechanism we do not have", SCRAM.replaceAll("SCRAM-SHA-1", "X"), loopback, "authentication-failed"],
    ["no mechanisms", "", encrypted, "authentication-failed"],
    [
      "binding after authentication",
      "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
      { ...encrypted, isAuthenticated: true },
      "bind",
    ],
    ["nothing after authentication", SCRAM, { ...encrypted, isAuthenticated: true }, "stream-error"],
  ])("%s", (_what, features, context, expected) => {
    expect(plan(features, context)).toBe(expected);
  });
});

function readFeatures(children: string): XmlElement {
  const parser = new StreamParser();
  const header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
  parser.write(Buffer.from(`${header}<stream:features>${children}</stream:features>`));
  parser.next();
  const event = parser.next();
  if (event?.kind !== "stanza") throw new Error("no features");
  return event.element;
}

function plan(features: string, context: FeatureContext): string {
  const step = planFeatures(readFeatures(features), context);
  if (step.step === "fail") return step.error.code;
  return step.step === "authenticate" ? step.mechanism : step.step;
}

function first(username: string, nonce?: string): string {
  return new ScramExchange({
    mechanism: "SCRAM-SHA-1",
    username,
    password: "x",
    ...(nonce !== undefined && { nonce }),
  }).clientFirst();
}

function srv(name: string, port: number, priority: number, weight = 0): SrvRecord {
  return { name, port, priority, weight };
}

function failingDns(): Promise<never> {
  return Promise.reject(new Error("ENOTFOUND"));
}

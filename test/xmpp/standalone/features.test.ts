// What is offered to whom: no password in clear, never nothing but TLS beside TLS that is required (RFC 6120 §5.3.1, §13.8).

import { describe, expect, it } from "vitest";
import { offerFor, writeFeatures } from "../../../src/xmpp/standalone/features.js";

const STRICT = { anonymous: false, allowPlaintext: false, plainOnLoopback: false };
const NEAR = { isEncrypted: false, isLoopback: true, canStartTls: false };
const FAR = { isEncrypted: false, isLoopback: false, canStartTls: true };
const SECURE = { isEncrypted: true, isLoopback: false, canStartTls: false };
const SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-1"];

describe("what is offered", () => {
  it.each([
    ["from loopback", NEAR, "verifiers", {}, SCRAM],
    ["from loopback, with PLAIN by option", NEAR, "verifiers", { plainOnLoopback: true }, [...SCRAM, "PLAIN"]],
    ["from loopback, asked for a password", NEAR, "passwords", {}, []],
    ["from loopback, asked for a password by option", NEAR, "passwords", { plainOnLoopback: true }, ["PLAIN"]],
    ["from far in clear", FAR, "verifiers", {}, []],
    ["from far in clear by option", FAR, "verifiers", { allowPlaintext: true, plainOnLoopback: true }, SCRAM],
    ["from far in clear, anonymous", FAR, "verifiers", { anonymous: true }, []],
    ["over TLS", SECURE, "verifiers", {}, [...SCRAM, "PLAIN"]],
    ["over TLS, asked for a password", SECURE, "passwords", {}, ["PLAIN"]],
    ["over TLS, anonymous", SECURE, "passwords", { anonymous: true }, ["PLAIN", "ANONYMOUS"]],
  ] as const)("%s", (_who, channel, accounts, policy, mechanisms) => {
    expect(offerFor(channel, accounts, { ...STRICT, ...policy })).toEqual({
      startTls: channel.canStartTls,
      mechanisms,
    });
  });

  const limits = { maxBytes: 10_000, idleSeconds: 600 };

  it("is TLS alone where TLS has to come first", () => {
    expect(writeFeatures({ startTls: true, mechanisms: [] }, limits)).toBe(
      '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls>',
    );
  });

  it("is TLS and mechanisms where both are right, TLS first", () => {
    const features = writeFeatures({ startTls: true, mechanisms: ["SCRAM-SHA-1"] }, limits);
    expect(features).toMatch(/^<starttls [^>]*\/><mechanisms .*<max-bytes>10000<.*<idle-seconds>600</);
  });

  it("is binding and an optional session afterwards", () => {
    expect(writeFeatures("bind", limits)).toMatch(/^<bind [^>]*\/><session [^>]*><optional\/><\/session><limits/);
  });
});

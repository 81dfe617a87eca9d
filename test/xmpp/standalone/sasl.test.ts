// The server's side of SASL: the vectors of RFC 5802 and RFC 7677, PLAIN, and users that do not exist.

import { describe, expect, it } from "vitest";
import { createMemoryAccounts, type VerifierStore } from "../../../src/xmpp/index.js";
import {
  deriveScramKeys,
  hmac,
  SCRAM_HASHES,
  type ScramMechanismName,
  xorBytes,
} from "../../../src/xmpp/scram/keys.js";
import { readVerifier, writeVerifier } from "../../../src/xmpp/standalone/accounts.js";
import {
  accountName,
  beginSasl,
  decodeSaslMessage,
  type SaslMechanismName,
} from "../../../src/xmpp/standalone/sasl.js";

interface Vector {
  readonly mechanism: ScramMechanismName;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly salt: string;
  readonly proof: string;
  readonly signature: string;
}

const VECTORS: readonly Vector[] = [
  {
    mechanism: "SCRAM-SHA-1",
    clientNonce: "fyko+d2lbbFgONRv9qkxdawL",
    serverNonce: "3rfcNHYJY1ZVvWVs7j",
    salt: "QSXCR+Q6sek8bf92",
    proof: "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    signature: "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  {
    mechanism: "SCRAM-SHA-256",
    clientNonce: "rOprNGfwEbeRWgbNEkqO",
    serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
    proof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    signature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
];

/** The account of the vectors: user, password pencil, with the salt they give. */
async function vectorStore({ mechanism, salt }: Vector): Promise<VerifierStore> {
  const bytes = Buffer.from(salt, "base64");
  const keys = await deriveScramKeys(SCRAM_HASHES[mechanism], "pencil", bytes, 4096);
  const verifier = { iterations: 4096, salt: bytes, storedKey: keys.storedKey, serverKey: keys.serverKey };
  return {
    kind: "verifiers",
    saltSecret: Buffer.alloc(32, 7),
    iterations: 4096,
    verifiers: async (name) => (name === "user" ? { [mechanism]: verifier } : undefined),
    onChanged: () => () => undefined,
    close: () => undefined,
  };
}

async function exchange(
  accounts: VerifierStore,
  mechanism: SaslMechanismName,
  nonce: string,
  ...messages: (string | undefined)[]
) {
  const running = beginSasl(mechanism, { accounts, domain: "localhost", nonce: () => nonce });
  const steps = [];
  for (const message of messages) steps.push(await running.take(message));
  return steps;
}

describe.each(VECTORS)("$mechanism", (vector) => {
  const { mechanism, clientNonce, serverNonce, salt, proof, signature } = vector;
  const first = `n,,n=user,r=${clientNonce}`;
  const final = (changes: { binding?: string; nonce?: string; proof?: string } = {}) =>
    `c=${changes.binding ?? "biws"},r=${changes.nonce ?? clientNonce + serverNonce},p=${changes.proof ?? proof}`;

  it("is the published exchange", async () => {
    const steps = await exchange(await vectorStore(vector), mechanism, serverNonce, undefined, first, final());
    expect(steps).toEqual([
      { step: "challenge", message: "" },
      { step: "challenge", message: `r=${clientNonce}${serverNonce},s=${salt},i=4096` },
      { step: "success", name: "user", message: `v=${signature}` },
    ]);
  });

  it.each([
    ["another channel binding header", final({ binding: "eSws" }), "not-authorized"],
    ["another nonce", final({ nonce: `${clientNonce}${serverNonce}x` }), "not-authorized"],
    ["the client's nonce alone", final({ nonce: clientNonce }), "not-authorized"],
    ["another proof", final({ proof: proof.replace(/^./, "A") }), "not-authorized"],
    ["a short proof", final({ proof: "AAAA" }), "not-authorized"],
    ["no proof", `c=biws,r=${clientNonce}${serverNonce}`, "malformed-request"],
    ["nothing", "", "malformed-request"],
  ])("refuses %s", async (_what, message, condition) => {
    const [, last] = await exchange(await vectorStore(vector), mechanism, serverNonce, first, message);
    expect(last).toEqual({ step: "failure", condition });
  });

  it.each([
    ["another nonce", { nonce: `${clientNonce}${serverNonce}x` }],
    ["an older nonce", { nonce: `${clientNonce}older` }],
    ["another channel binding header", { binding: "eSws" }],
  ])("refuses %s also when the proof is made for it", async (_what, changes) => {
    const hash = SCRAM_HASHES[mechanism];
    const keys = await deriveScramKeys(hash, "pencil", Buffer.from(salt, "base64"), 4096);
    const withoutProof = final({ ...changes, proof: "" }).replace(/,p=$/, "");
    const serverFirst = `r=${clientNonce}${serverNonce},s=${salt},i=4096`;
    const authMessage = `n=user,r=${clientNonce},${serverFirst},${withoutProof}`;
    const signed = xorBytes(keys.clientKey, hmac(hash, keys.storedKey, authMessage)).toString("base64");
    const message = `${withoutProof},p=${signed}`;
    const [, last] = await exchange(await vectorStore(vector), mechanism, serverNonce, first, message);
    expect(last).toEqual({ step: "failure", condition: "not-authorized" });
  });

  it("forgets an account that is removed while it logs in", async () => {
    const known = await vectorStore(vector);
    let isThere = true;
    const accounts = { ...known, verifiers: async (name: string) => (isThere ? known.verifiers(name) : undefined) };
    const running = beginSasl(mechanism, { accounts, domain: "localhost", nonce: () => serverNonce });
    await running.take(first);
    isThere = false;
    expect(await running.take(final())).toEqual({ step: "failure", condition: "not-authorized" });
  });

  it("shows of an unknown user what it shows of a known one, every time the same salt", async () => {
    const accounts = await vectorStore(vector);
    const shown = async (name: string) => (await exchange(accounts, mechanism, "snonce", `n,,n=${name},r=x`))[0];
    const salted = /^r=xsnonce,s=[A-Za-z0-9+/]{22}==,i=4096$/;
    const [once, again, other] = [await shown("ghost"), await shown("ghost"), await shown("spirit")];
    expect(once).toEqual(again);
    expect(once).not.toEqual(other);
    expect(once).toMatchObject({ step: "challenge", message: expect.stringMatching(salted) });
    const [, last] = await exchange(accounts, mechanism, serverNonce, `n,,n=ghost,r=${clientNonce}`, final());
    expect(last).toEqual({ step: "failure", condition: "not-authorized" });
  });
});

describe("PLAIN", () => {
  const rows: readonly [string, string | undefined, object][] = [
    ["the right password", "\0alice\0secret", { step: "success", name: "alice", message: undefined }],
    ["a name in capitals", "\0ALICE\0secret", { step: "success", name: "alice", message: undefined }],
    [
      "the own authorisation identity",
      "alice@localhost\0alice\0secret",
      { step: "success", name: "alice", message: undefined },
    ],
    ["no message yet", undefined, { step: "challenge", message: "" }],
    ["a wrong password", "\0alice\0Secret", { step: "failure", condition: "not-authorized" }],
    ["an unknown user", "\0ghost\0secret", { step: "failure", condition: "not-authorized" }],
    ["a name that cannot be one", "\0a@b\0secret", { step: "failure", condition: "not-authorized" }],
    [
      "another authorisation identity",
      "bob@localhost\0alice\0secret",
      { step: "failure", condition: "invalid-authzid" },
    ],
    [
      "a full authorisation identity",
      "alice@localhost/x\0alice\0secret",
      { step: "failure", condition: "invalid-authzid" },
    ],
    ["no password", "\0alice\0", { step: "failure", condition: "malformed-request" }],
    ["two parts", "alice\0secret", { step: "failure", condition: "malformed-request" }],
    ["four parts", "\0alice\0secret\0", { step: "failure", condition: "malformed-request" }],
  ];

  it.each(rows)("%s", async (_what, message, expected) => {
    const accounts = createMemoryAccounts({ iterations: 4096 });
    await accounts.set("alice", "secret");
    expect(await exchange(accounts, "PLAIN", "", message)).toEqual([expected]);
  });

  it("prepares passwords: a soft hyphen is nothing, a wide letter is the letter", async () => {
    const accounts = createMemoryAccounts({ iterations: 4096 });
    await accounts.set("alice", "sec\u00adret");
    expect(await exchange(accounts, "PLAIN", "", "\0alice\0ｓecret")).toMatchObject([{ step: "success" }]);
  });
});

describe("messages", () => {
  it.each([
    ["", ""],
    ["=", ""],
    ["YQ==", "a"],
    ["YWI=", "ab"],
    ["w6k=", "é"],
    ["YQ", undefined],
    ["YQ=", undefined],
    ["Y Q=", undefined],
    ["====", undefined],
    ["/w==", undefined],
  ])("%j is %j", (text, decoded) => {
    expect(decodeSaslMessage(text)).toBe(decoded);
  });

  it.each([
    ["Alice", "alice"],
    ["ａlice", "alice"],
    ["a b", undefined],
    ["alice@localhost", undefined],
    ["a/b", undefined],
    ["", undefined],
    ["x".repeat(1024), undefined],
  ])("the user name %j means the account %j", (name, account) => {
    expect(accountName(name, "localhost")).toBe(account);
  });
});

describe("verifiers as text", () => {
  const text = `SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$${Buffer.alloc(20, 1).toString("base64")}:${Buffer.alloc(20, 2).toString("base64")}`;

  it("are read and written alike", () => {
    expect(writeVerifier("SCRAM-SHA-1", readVerifier("SCRAM-SHA-1", text))).toBe(text);
  });

  it.each([
    ["another scheme", text.replace("SHA-1", "SHA-256")],
    ["no iterations", text.replace("4096", "0")],
    ["a short key", text.replace(/\$[^$]*$/, "$AAAA:AAAA")],
    ["a password", "secret"],
  ])("refuse %s without quoting it", (_what, wrong) => {
    expect(() => readVerifier("SCRAM-SHA-1", wrong)).toThrow(/^(?!.*secret)(expected SCRAM-SHA-1|the keys)/);
  });
});

// Accounts in a file of RFC 5803 verifiers: never a password in it, replaced as a whole, and read again whenever it changes.

import { randomBytes } from "node:crypto";
import { type FSWatcher, statSync, watch } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { messageOf } from "../../message-of.js";
import { type Logger, silentLogger } from "../../observe/index.js";
import type { ScramMechanismName } from "../scram/keys.js";
import {
  createVerifiers,
  DEFAULT_ITERATIONS,
  readVerifier,
  type VerifierStore,
  type Verifiers,
  writeVerifier,
} from "./accounts.js";
import { withFileLock } from "./file-lock.js";

/** How the file is written down. YAML is the business of the settings, so it is handed in. */
export interface TextFormat {
  parse(text: string): unknown;
  stringify(value: unknown): string;
}

/** Where accounts are, and how they are made. */
export interface AccountFileOptions {
  readonly path: string;
  /** Default JSON, which every YAML reader can read. */
  readonly format?: TextFormat;
  /** The iteration count of new verifiers. Default 10,000. */
  readonly iterations?: number;
  readonly log?: Logger;
}

/** A file of accounts that can be used and changed. Every change is on disk when its promise resolves. */
export interface AccountFile extends VerifierStore {
  names(): Promise<readonly string[]>;
  /** Adds an account, or gives it another password. The name is a prepared localpart. Throws `ScramError` for a bad password. */
  set(name: string, password: string): Promise<"added" | "changed">;
  /** Resolves with false when there was no such account. */
  remove(name: string): Promise<boolean>;
  /** Reads the file again if it has changed: also done by itself. */
  refresh(): Promise<void>;
}

/** What stands in the file. */
interface Content {
  readonly saltSecret: Buffer;
  readonly users: ReadonlyMap<string, Verifiers>;
}

const MECHANISM_KEYS = { "SCRAM-SHA-1": "scram-sha-1", "SCRAM-SHA-256": "scram-sha-256" } as const;
const SECRET_BYTES = 32;

/**
 * Opens a file of accounts. A file that does not exist yet has no accounts and is made by the first `set`.
 * Rejects when it cannot be read; the message names the file and the account, never a key.
 */
export async function openAccountFile(options: AccountFileOptions): Promise<AccountFile> {
  const file = new AccountFileStore(options);
  await file.load();
  return file;
}

class AccountFileStore implements AccountFile {
  readonly kind = "verifiers";
  readonly #path: string;
  readonly #format: TextFormat;
  readonly #log: Logger;
  readonly #newIterations: number;
  readonly #listeners = new Set<(name: string) => void>();
  #content: Content = { saltSecret: randomBytes(SECRET_BYTES), users: new Map() };
  /** What the file looked like when it was read: a new file has another inode. */
  #seen = "";
  #watcher: FSWatcher | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: AccountFileOptions) {
    this.#path = resolve(options.path);
    this.#format = options.format ?? { parse: JSON.parse, stringify: (value) => `${JSON.stringify(value, null, 2)}\n` };
    this.#log = options.log ?? silentLogger;
    this.#newIterations = options.iterations ?? DEFAULT_ITERATIONS;
  }

  get saltSecret(): Uint8Array {
    return this.#content.saltSecret;
  }

  get iterations(): number {
    for (const verifiers of this.#content.users.values()) {
      const known = verifiers["SCRAM-SHA-256"] ?? verifiers["SCRAM-SHA-1"];
      if (known !== undefined) return known.iterations;
    }
    return this.#newIterations;
  }

  /** The first reading: here a broken file is an error, later the last good one stays in use. */
  async load(): Promise<void> {
    const seen = this.#look();
    if (seen === "") return;
    this.#content = await this.#read();
    this.#seen = seen;
  }

  async verifiers(name: string): Promise<Verifiers | undefined> {
    await this.refresh();
    return this.#content.users.get(name);
  }

  async names(): Promise<readonly string[]> {
    await this.refresh();
    return [...this.#content.users.keys()].sort();
  }

  async set(name: string, password: string): Promise<"added" | "changed"> {
    const verifiers = await createVerifiers(password, this.#newIterations);
    return this.#changing(async () => {
      const isNew = !this.#content.users.has(name);
      await this.#replace(new Map(this.#content.users).set(name, verifiers));
      return isNew ? "added" : "changed";
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#changing(async () => {
      const users = new Map(this.#content.users);
      if (!users.delete(name)) return false;
      await this.#replace(users);
      return true;
    });
  }

  refresh(): Promise<void> {
    return this.#inTurn(() => this.#reload());
  }

  onChanged(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    this.#watch();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#unwatch();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#unwatch();
  }

  /** A change of what the file says now, by this process or another: none overwrites what another wrote. */
  #changing<T>(change: () => Promise<T>): Promise<T> {
    return this.#inTurn(() =>
      withFileLock(this.#path, async () => {
        await this.#reload();
        return change();
      }),
    );
  }

  /** One after the other. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#work.then(run);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<void> {
    const seen = this.#look();
    if (seen === this.#seen) return;
    try {
      // A file that was taken away takes its accounts with it; who is unknown keeps looking the same.
      const content = seen === "" ? { ...this.#content, users: new Map() } : await this.#read();
      this.#use(content);
    } catch (error) {
      this.#log.error("accounts.unreadable", {
        file: this.#path,
        cause: messageOf(error),
      });
    }
    this.#seen = seen;
  }

  #use(content: Content): void {
    const before = this.#content.users;
    this.#content = content;
    for (const [name, verifiers] of before) {
      const now = content.users.get(name);
      if (now === undefined || !areEqual(verifiers, now)) for (const listener of this.#listeners) listener(name);
    }
  }

  /** What tells one state of the file from another; "" when there is no file. */
  #look(): string {
    const stat = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? "" : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
  }

  async #read(): Promise<Content> {
    try {
      return readContent(this.#format.parse(await readFile(this.#path, "utf8")));
    } catch (error) {
      const why = messageOf(error);
      throw new Error(`the accounts file ${this.#path} cannot be used: ${why}`, { cause: error });
    }
  }

  /** Readers see the old file or the new one, never half of it, and nobody else can read either. */
  async #replace(users: ReadonlyMap<string, Verifiers>): Promise<void> {
    const content = { ...this.#content, users };
    const temporary = `${this.#path}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(this.#format.stringify(writeContent(content)));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#seen = this.#look();
    this.#use(content);
  }

  /** The folder is watched, since a replaced file is another one. Where that is not possible, each login looks. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    const name = basename(this.#path);
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_event, changed) => {
        if (changed === null || changed === name) void this.refresh();
      });
      this.#watcher.on("error", () => this.#unwatch());
    } catch (error) {
      this.#log.warn("accounts.not-watched", { file: this.#path, cause: String(error) });
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

function readContent(value: unknown): Content {
  const { saltSecret, users, ...others } = readRecord(value, "the file");
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`unknown key ${unknown}; expected saltSecret and users`);
  if (typeof saltSecret !== "string") throw new Error("saltSecret: expected base64 text");
  const secret = Buffer.from(saltSecret, "base64");
  if (secret.length < 16) throw new Error("saltSecret: expected at least 16 bytes in base64");
  const entries = Object.entries(readRecord(users ?? {}, "users"));
  return { saltSecret: secret, users: new Map(entries.map(([name, entry]) => [name, readUser(name, entry)])) };
}

function readUser(name: string, entry: unknown): Verifiers {
  const record = readRecord(entry, `users.${name}`);
  const verifiers: { -readonly [Mechanism in ScramMechanismName]?: Verifiers[Mechanism] } = {};
  for (const mechanism of ["SCRAM-SHA-1", "SCRAM-SHA-256"] as const) {
    const key = MECHANISM_KEYS[mechanism];
    const text = record[key];
    if (text === undefined) continue;
    if (typeof text !== "string") throw new Error(`users.${name}.${key}: expected text`);
    try {
      verifiers[mechanism] = readVerifier(mechanism, text);
    } catch (error) {
      throw new Error(`users.${name}.${key}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  if (Object.keys(verifiers).length === 0) throw new Error(`users.${name}: expected scram-sha-1 or scram-sha-256`);
  return verifiers;
}

function writeContent({ saltSecret, users }: Content): unknown {
  const entries = [...users].map(([name, verifiers]) => {
    const lines = (["SCRAM-SHA-1", "SCRAM-SHA-256"] as const).flatMap((mechanism) => {
      const verifier = verifiers[mechanism];
      return verifier === undefined ? [] : [[MECHANISM_KEYS[mechanism], writeVerifier(mechanism, verifier)] as const];
    });
    return [name, Object.fromEntries(lines)] as const;
  });
  return { saltSecret: saltSecret.toString("base64"), users: Object.fromEntries(entries) };
}

function readRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${what}: expected a mapping`);
  // Checked just above; its members are unknown.
  return value as Record<string, unknown>;
}

function areEqual(left: Verifiers, right: Verifiers): boolean {
  return (["SCRAM-SHA-1", "SCRAM-SHA-256"] as const).every((mechanism) => {
    const [a, b] = [left[mechanism], right[mechanism]];
    return (a && writeVerifier(mechanism, a)) === (b && writeVerifier(mechanism, b));
  });
}

// Which domains are room services: behind their addresses stand nicks that anyone can take (XEP-0045 §6.1, §17.4).

import type { Jid } from "../jid.js";
import { type StanzaCondition, StanzaError } from "../xmpp/index.js";
import type { DiscoInfo } from "./feature.js";

/** What was found out about domains, for access rules that admit whole domains. */
export interface RoomServices {
  /** True for a domain that was found to be a room service, or that did not say in time. */
  isRoomService(domain: string): boolean;
  /** Takes a domain for one from now on, whatever it says of itself. */
  declare(domain: string): void;
  /**
   * Finds out about the requester's domain. Undefined when nothing has to be found out: the answer is known, or the
   * address can be no occupant's.
   *
   * @throws StanzaError resource-constraint: as many requests wait for an answer as calls may run
   */
  look(requester: Jid): Promise<void> | undefined;
}

/** What finding out stands on. */
export interface RoomServicesOptions {
  /** Asks a domain for its disco#info; rejects with a `StanzaError`, or when no answer came in time. */
  ask(domain: string): Promise<DiscoInfo>;
  /** The own domain is no room service: its server stamps the addresses of accounts. */
  ownDomain(): string | undefined;
  /** Called when a domain's answer is there, before `look` resolves. */
  learned(): void;
  readonly now: () => number;
  /** So many requests may wait at a time, as so many calls may run. */
  readonly limits: { readonly callsInFlight: number; readonly callsInFlightPerRequester: number };
}

interface Finding {
  readonly isRoomService: boolean;
  readonly expiresAtMs: number;
}

/** One domain that is being asked. */
interface Search {
  readonly found: Promise<void>;
  /** What to call once it is found: who waits is counted until then. */
  readonly leaves: (() => void)[];
}

/** An answer is believed for an hour, a refusal for a minute; silence is taken for the worst, and asked about again soon. */
const ANSWERED_MS = 3_600_000;
const REFUSED_MS = 60_000;
const SILENT_MS = 10_000;
/** What the own server says of a domain that it could not ask. */
const UNREACHED: ReadonlySet<StanzaCondition> = new Set(["remote-server-not-found", "remote-server-timeout"]);
/** More domains are not remembered; the oldest are asked again. */
const MAX_DOMAINS = 1_000;

/** Makes an empty memory. */
export function createRoomServices(options: RoomServicesOptions): RoomServices {
  const findings = new Map<string, Finding>();
  const declared = new Set<string>();
  const looking = new Map<string, Search>();
  const waiting = new Waiting(options.limits);

  const ask = async (domain: string): Promise<Finding> => {
    const until = (lastsMs: number): number => options.now() + lastsMs;
    try {
      const { identities } = await options.ask(domain);
      const isRoomService = identities.some(({ category }) => category === "conference");
      return { isRoomService, expiresAtMs: until(ANSWERED_MS) };
    } catch (error) {
      // Every room service answers disco, so a domain that refuses is none (XEP-0045 §6.1). One that cannot be reached has not
      // been asked: it may still reach us.
      const isRefusal = StanzaError.is(error) && error.type !== "wait" && !UNREACHED.has(error.condition);
      return { isRoomService: !isRefusal, expiresAtMs: until(isRefusal ? REFUSED_MS : SILENT_MS) };
    }
  };

  const find = async (domain: string, leaves: readonly (() => void)[]): Promise<void> => {
    const finding = await ask(domain);
    if (findings.size >= MAX_DOMAINS) {
      const [oldest] = findings.keys();
      if (oldest !== undefined) findings.delete(oldest);
    }
    findings.delete(domain);
    findings.set(domain, finding);
    looking.delete(domain);
    for (const leave of leaves) leave();
    options.learned();
  };

  return {
    isRoomService: (domain) => declared.has(domain) || findings.get(domain)?.isRoomService === true,
    declare: (domain) => {
      if (declared.has(domain)) return;
      declared.add(domain);
      options.learned();
    },
    look: ({ local, resource, domain, full }) => {
      if (local === "" || resource === "" || domain === options.ownDomain() || declared.has(domain)) return undefined;
      const finding = findings.get(domain);
      if (finding !== undefined && finding.expiresAtMs > options.now()) return undefined;
      const leave = waiting.enter(full);
      let search = looking.get(domain);
      if (search === undefined) {
        const leaves: (() => void)[] = [];
        search = { found: find(domain, leaves), leaves };
        looking.set(domain, search);
      }
      search.leaves.push(leave);
      return search.found;
    },
  };
}

/** Counts the requests that wait, in all and of each requester: they are no calls yet, which the dispatcher would count. */
class Waiting {
  readonly #limits: RoomServicesOptions["limits"];
  readonly #perRequester = new Map<string, number>();
  #all = 0;

  constructor(limits: RoomServicesOptions["limits"]) {
    this.#limits = limits;
  }

  /** Counts one more, until the function that it returns is called. */
  enter(requester: string): () => void {
    const { callsInFlight, callsInFlightPerRequester } = this.#limits;
    const own = this.#perRequester.get(requester) ?? 0;
    if (this.#all >= callsInFlight) throw overloaded(`${callsInFlight} requests wait to be let in`);
    if (own >= callsInFlightPerRequester)
      throw overloaded(`${callsInFlightPerRequester} of your requests wait to be let in`);
    this.#all += 1;
    this.#perRequester.set(requester, own + 1);
    return () => {
      this.#all -= 1;
      const left = (this.#perRequester.get(requester) ?? 1) - 1;
      if (left === 0) this.#perRequester.delete(requester);
      else this.#perRequester.set(requester, left);
    };
  }
}

function overloaded(text: string): StanzaError {
  return new StanzaError("resource-constraint", { text });
}

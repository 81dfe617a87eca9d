// How many connections there may be, of whom, and how many of them strangers (RFC 6120 §13.12; XEP-0205).

import type { StandaloneLimits } from "./limits.js";

/** `refuse`: told why and closed; `drop`: so many are being told already that this one is closed at once. */
export type Admittance = "admit" | "refuse" | "drop";

/** The peer of a connection, as far as it matters here. */
export interface AdmissionPeer {
  readonly address: string;
  readonly isLoopback: boolean;
}

type AdmissionLimits = Pick<
  StandaloneLimits,
  "maxConnections" | "maxConnectionsPerAddress" | "maxUnauthenticatedPercent"
>;

/** Counts connections. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #perAddress = new Map<string, number>();
  #connections = 0;
  #strangers = 0;
  #refused = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** A new connection. Unless it is dropped, its end is told by `leave`. */
  enter(peer: AdmissionPeer): Admittance {
    const { maxConnections, maxConnectionsPerAddress, maxUnauthenticatedPercent } = this.#limits;
    const ofAddress = this.#perAddress.get(peer.address) ?? 0;
    const maxStrangers = Math.max(1, Math.floor((maxConnections * maxUnauthenticatedPercent) / 100));
    const isWelcome =
      this.#connections < maxConnections &&
      this.#strangers < maxStrangers &&
      (peer.isLoopback || ofAddress < maxConnectionsPerAddress);
    if (!isWelcome) {
      if (this.#refused >= maxStrangers) return "drop";
      this.#refused++;
      return "refuse";
    }
    this.#connections++;
    this.#strangers++;
    if (!peer.isLoopback) this.#perAddress.set(peer.address, ofAddress + 1);
    return "admit";
  }

  /** An admitted connection has authenticated. */
  authenticated(): void {
    this.#strangers--;
  }

  /** A connection is gone. */
  leave(peer: AdmissionPeer, was: "refused" | "stranger" | "authenticated"): void {
    if (was === "refused") {
      this.#refused--;
      return;
    }
    this.#connections--;
    if (was === "stranger") this.#strangers--;
    if (peer.isLoopback) return;
    const left = (this.#perAddress.get(peer.address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(peer.address);
    else this.#perAddress.set(peer.address, left);
  }
}

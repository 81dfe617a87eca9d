// The life of a room as a state machine: what happens goes in, what is to be done comes out. It knows no link and no time
// (XEP-0045 §7; XEP-0410).

import type { LogFields } from "../../observe/index.js";
import type { RoomErrorCode, RoomStatus } from "../../ports/index.js";
import type { StanzaCondition } from "../../xmpp/index.js";
import type { RoomPresence } from "./read-presence.js";

/** Where a room stands. `entered`: we are in it, and its past is still coming. */
export type RoomPhase = RoomStatus | "entered";

/** Everything that the life of a room remembers. */
export interface RoomLife {
  readonly phase: RoomPhase;
  readonly isOnline: boolean;
  /** The nick that is asked for or held. */
  readonly nick: string;
  /** How many other nicks were tried in this attempt. */
  readonly conflicts: number;
  /** Attempts in a row that came to nothing. */
  readonly failures: number;
  /** Kicks in a row. */
  readonly kicks: number;
  /** Self-pings in a row that were not answered. */
  readonly unanswered: number;
  readonly problem: RoomProblem | undefined;
}

/** Why a room is not live. */
export interface RoomProblem {
  readonly code: RoomErrorCode;
  readonly text: string;
}

/** What happens to a room. */
export type RoomEvent =
  | { readonly kind: "online" }
  | { readonly kind: "offline" }
  /** A presence of the room or of one of its occupants. */
  | { readonly kind: "presence"; readonly presence: RoomPresence }
  /** The subject, which ends the room's past (§7.2.15). */
  | { readonly kind: "subject" }
  /** The one timer has run out; the room was silent for `quietMs`. */
  | { readonly kind: "timer"; readonly quietMs: number }
  | { readonly kind: "pinged"; readonly result: "here" | "gone" | "unknown" }
  /** Somebody wants it tried now, unless it is joined or must not be. */
  | { readonly kind: "join" }
  | { readonly kind: "leave" };

/** What is to be done. */
export type RoomAction =
  | { readonly kind: "join"; readonly nick: string }
  | { readonly kind: "leave"; readonly nick: string }
  | { readonly kind: "unlock" }
  | { readonly kind: "ping"; readonly nick: string }
  /** Sets the one timer, in place of what it was set to; undefined takes it back. */
  | { readonly kind: "timer"; readonly ms: number | undefined }
  | { readonly kind: "in" }
  /** We are not in the room any more, or did not get in; `problem` is undefined where nothing was wrong. */
  | { readonly kind: "out"; readonly problem: RoomProblem | undefined }
  | { readonly kind: "log"; readonly level: "info" | "warn"; readonly event: string; readonly fields: LogFields };

/** What the life of a room is ruled by. */
export interface RoomRules {
  readonly nick: string;
  readonly joinMs: number;
  readonly retryMs: number;
  readonly kickedMs: number;
  readonly kicks: number;
  readonly pingMs: number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** A step: what is remembered from then on, and what is to be done. */
export interface RoomStep {
  readonly life: RoomLife;
  readonly actions: readonly RoomAction[];
}

const FIRST_RETRY_MS = 1_000;
const FIRST_PING_AGAIN_MS = 30_000;
/** Further nicks that are tried before the attempt is given up for a while. */
const MAX_CONFLICTS = 5;

/** A room that nothing has been tried with. */
export function bornRoom({ nick }: Pick<RoomRules, "nick">): RoomLife {
  return {
    phase: "offline",
    isOnline: false,
    nick,
    conflicts: 0,
    failures: 0,
    kicks: 0,
    unanswered: 0,
    problem: undefined,
  };
}

/** True while we are in the room, as far as we know. */
export function isIn({ phase }: Pick<RoomLife, "phase">): boolean {
  return phase === "live" || phase === "entered";
}

/** Takes one step. */
export function stepRoom(life: RoomLife, event: RoomEvent, rules: RoomRules): RoomStep {
  switch (event.kind) {
    case "online": {
      const online = { ...life, isOnline: true };
      return isPaused(life) ? still(online) : join(online, rules);
    }
    case "offline":
      return goOffline(life);
    case "join":
      return wantsJoin(life) ? join({ ...life, kicks: 0 }, rules) : still(life);
    case "leave":
      return leave(life);
    case "subject":
      return life.phase === "entered" ? goLive(life, rules) : still(life);
    case "timer":
      return timeout(life, event.quietMs, rules);
    case "pinged":
      return isIn(life) ? pinged(life, event.result, rules) : still(life);
    case "presence":
      return presence(life, event.presence, rules);
  }
}

const still = (life: RoomLife): RoomStep => ({ life, actions: [] });
const log = (level: "info" | "warn", event: string, fields: LogFields = {}): RoomAction => ({
  kind: "log",
  level,
  event,
  fields,
});
const timer = (ms: number | undefined): RoomAction => ({ kind: "timer", ms });

/** A reconnect changes nothing about these: they wait for their own time, or for nothing. */
function isPaused({ phase }: RoomLife): boolean {
  return ["kicked", "refused", "banned", "destroyed", "left"].includes(phase);
}

function wantsJoin({ phase, isOnline }: RoomLife): boolean {
  return isOnline && ["waiting", "kicked", "refused", "left", "destroyed", "offline"].includes(phase);
}

function join(life: RoomLife, rules: RoomRules): RoomStep {
  const { nick } = rules;
  return {
    life: { ...life, phase: "joining", nick, conflicts: 0, unanswered: 0 },
    actions: [{ kind: "join", nick }, timer(rules.joinMs)],
  };
}

function goOffline(life: RoomLife): RoomStep {
  const offline = { ...life, isOnline: false };
  // A kick is waited for on, whatever the link does.
  if (isPaused(life)) return still(offline);
  return {
    life: { ...offline, phase: "offline" },
    actions: [timer(undefined), { kind: "out", problem: undefined }],
  };
}

function leave(life: RoomLife): RoomStep {
  const { nick, isOnline, phase } = life;
  const isThere = isOnline && (isIn(life) || phase === "joining");
  return {
    life: { ...life, phase: "left", problem: undefined },
    actions: [
      ...(isThere ? [{ kind: "leave", nick } as const] : []),
      timer(undefined),
      { kind: "out", problem: undefined },
      ...(phase === "left" ? [] : [log("info", "room.left")]),
    ],
  };
}

function goLive(life: RoomLife, rules: RoomRules): RoomStep {
  return {
    life: { ...life, phase: "live", failures: 0, problem: undefined },
    actions: [timer(rules.pingMs), { kind: "in" }, log("info", "room.live", { nick: life.nick })],
  };
}

function timeout(life: RoomLife, quietMs: number, rules: RoomRules): RoomStep {
  switch (life.phase) {
    case "joining":
      return retry(life, { code: "timeout", text: `no answer within ${rules.joinMs} ms` }, rules);
    case "entered":
      // Not every service sends a subject where there is none.
      return goLive(life, rules);
    case "live":
      if (life.unanswered === 0 && quietMs < rules.pingMs) return { life, actions: [timer(rules.pingMs - quietMs)] };
      return { life, actions: [{ kind: "ping", nick: life.nick }] };
    case "waiting":
    case "kicked":
    case "refused":
      return life.isOnline ? join(life, rules) : still({ ...life, phase: "offline" });
    case "offline":
    case "banned":
    case "destroyed":
    case "left":
      return still(life);
  }
}

/** XEP-0410 §3.3: only an answer of the room tells; without one it is asked again, later each time. */
function pinged(life: RoomLife, result: "here" | "gone" | "unknown", rules: RoomRules): RoomStep {
  switch (result) {
    case "here":
      // So long without a kick, and it is forgotten.
      return { life: { ...life, unanswered: 0, kicks: 0 }, actions: [timer(rules.pingMs)] };
    case "unknown": {
      const ms = Math.min(rules.pingMs, FIRST_PING_AGAIN_MS * 2 ** life.unanswered);
      return {
        life: { ...life, unanswered: life.unanswered + 1 },
        actions: [timer(ms), ...(life.unanswered === 0 ? [log("warn", "room.silent", { againInMs: ms })] : [])],
      };
    }
    case "gone":
      return retry(life, { code: "not-in-room", text: "the room does not know us any more" }, rules);
  }
}

function presence(life: RoomLife, seen: RoomPresence, rules: RoomRules): RoomStep {
  const isOurNick = seen.nick === life.nick;
  const isSelf = seen.codes.has(110);
  if (life.phase === "joining") {
    if (seen.kind === "error" && (isOurNick || seen.nick === "")) return joinFailed(life, seen, rules);
    if (seen.kind === "available" && isSelf) return entered(life, seen, rules);
    return seen.kind === "unavailable" && isSelf ? removed(life, seen, rules) : still(life);
  }
  if (!isIn(life)) return still(life);
  if (seen.kind === "unavailable" && (isSelf || isOurNick || seen.destroyed !== undefined))
    return removed(life, seen, rules);
  if (seen.kind === "error" && isOurNick)
    return retry(life, { code: "not-in-room", text: seen.error?.message ?? "an error" }, rules);
  if (seen.kind === "available" && isSelf && !isOurNick)
    return { life, actions: [log("warn", "room.foreign-nick", { nick: life.nick, claimed: seen.nick })] };
  return still(life);
}

/** §7.2.3: a service may give us another nick, if it says so with code 210. */
function entered(life: RoomLife, { nick, codes }: RoomPresence, rules: RoomRules): RoomStep {
  if (nick !== life.nick && !codes.has(210)) {
    const text = `the service let us in as ${JSON.stringify(nick)}, which nobody asked for`;
    const step = refuse(life, { code: "refused", text }, rules);
    return { life: step.life, actions: [{ kind: "leave", nick }, ...step.actions] };
  }
  const actions: RoomAction[] = [timer(rules.joinMs)];
  if (nick !== rules.nick) actions.push(log("warn", "room.other-nick", { wanted: rules.nick, nick }));
  if (codes.has(201)) actions.push({ kind: "unlock" }, log("info", "room.created"));
  if (codes.has(100)) actions.push(log("info", "room.not-anonymous"));
  return { life: { ...life, phase: "entered", nick }, actions };
}

/** Conditions that an early attempt cannot mend (§7.2.5 to §7.2.9). */
const LASTING: Partial<Record<StanzaCondition, RoomErrorCode>> = {
  "not-authorized": "password",
  "registration-required": "members-only",
  "not-allowed": "not-allowed",
  "not-acceptable": "not-allowed",
  gone: "destroyed",
  conflict: "nick-conflict",
};

function joinFailed(life: RoomLife, { error }: RoomPresence, rules: RoomRules): RoomStep {
  const condition = error?.condition ?? "undefined-condition";
  const text = error?.message ?? condition;
  if (condition === "conflict" && life.conflicts < MAX_CONFLICTS) {
    const conflicts = life.conflicts + 1;
    const nick = `${rules.nick}-${conflicts + 1}`;
    return {
      life: { ...life, nick, conflicts },
      actions: [
        log("warn", "room.nick-in-use", { nick: life.nick, next: nick }),
        { kind: "join", nick },
        timer(rules.joinMs),
      ],
    };
  }
  if (condition === "forbidden") return end(life, "banned", { code: "banned", text });
  const code = LASTING[condition];
  return code === undefined ? retry(life, { code: "refused", text }, rules) : refuse(life, { code, text }, rules);
}

/** We are out: why decides whether we come back (§8.2, §9.1, §9.4, §10.9, §16.6). */
function removed(life: RoomLife, seen: RoomPresence, rules: RoomRules): RoomStep {
  const { codes, newNick, destroyed } = seen;
  const because = [seen.actor && `by ${seen.actor}`, seen.reason && `reason: ${seen.reason}`]
    .filter(Boolean)
    .join(", ");
  const told = (what: string): string => (because === "" ? what : `${what} (${because})`);
  if (codes.has(303) && newNick !== undefined && newNick !== "")
    return { life: { ...life, nick: newNick }, actions: [log("warn", "room.other-nick", { nick: newNick })] };
  if (destroyed !== undefined) {
    const where = destroyed.alternate === undefined ? "" : `; it says to go to ${destroyed.alternate}`;
    const text = `the room was destroyed${destroyed.reason === undefined ? "" : ` (reason: ${destroyed.reason})`}${where}`;
    return end(life, "destroyed", { code: "destroyed", text });
  }
  if (codes.has(301)) return end(life, "banned", { code: "banned", text: told("banned") });
  // §16.6: a technical error comes with 307 as well, and is no kick.
  if (codes.has(333) || codes.has(332))
    return retry(life, { code: "not-in-room", text: told("the service shut down or had an error") }, rules);
  if (codes.has(307)) return kicked(life, told("kicked"), rules);
  if (codes.has(321) || codes.has(322))
    return refuse(life, { code: "members-only", text: told("no member any more") }, rules);
  return retry(life, { code: "not-in-room", text: told("removed by the service") }, rules);
}

function kicked(life: RoomLife, text: string, rules: RoomRules): RoomStep {
  const kicks = life.kicks + 1;
  const isLast = kicks >= rules.kicks;
  const ms = isLast ? undefined : Math.min(0x7fffffff, rules.kickedMs * 2 ** (kicks - 1));
  const problem: RoomProblem = { code: "kicked", text };
  return {
    life: { ...life, phase: "kicked", kicks, problem },
    actions: [timer(ms), { kind: "out", problem }, log("warn", "room.kicked", { problem: text, kicks, againInMs: ms })],
  };
}

/** Tried again late: somebody has to change something first. */
function refuse(life: RoomLife, problem: RoomProblem, rules: RoomRules): RoomStep {
  const ms = rules.retryMs;
  return {
    life: { ...life, phase: "refused", problem },
    actions: [timer(ms), { kind: "out", problem }, log("warn", "room.refused", { ...problem, againInMs: ms })],
  };
}

/** Tried again soon, and later each time. */
function retry(life: RoomLife, problem: RoomProblem, rules: RoomRules): RoomStep {
  const ceilingMs = Math.min(rules.retryMs, FIRST_RETRY_MS * 2 ** life.failures);
  const ms = Math.round(ceilingMs / 2 + (rules.random() * ceilingMs) / 2);
  return {
    life: { ...life, phase: "waiting", failures: Math.min(life.failures + 1, 30), problem },
    actions: [timer(ms), { kind: "out", problem }, log("warn", "room.lost", { ...problem, againInMs: ms })],
  };
}

/** For good. */
function end(life: RoomLife, phase: "banned" | "destroyed", problem: RoomProblem): RoomStep {
  return {
    life: { ...life, phase, problem },
    actions: [timer(undefined), { kind: "out", problem }, log("warn", `room.${phase}`, { problem: problem.text })],
  };
}

// The life of a command: forms asked and answered in turn, back and forth, and run exactly once at the end
// (XEP-0050 §2.4, §3.3, §3.4).

import type { Jid } from "../../jid.js";
import { StanzaError } from "../../xmpp/index.js";
import type { FieldProblem, Form } from "../data-forms/index.js";
import type { Action, CommandReply, CommandRequest, Note, OfferedAction } from "./command.js";
import { commandError } from "./command-error.js";
import { type Answered, type CommandEnd, type Script, type Stage, withSubmitted } from "./script.js";
import { type Session, type SessionOptions, type SessionOwner, Sessions } from "./sessions.js";

/** Takes the requests of commands through their sessions. */
export interface CommandEngine {
  /**
   * One request of one requester, who may use the command.
   *
   * @throws StanzaError of XEP-0050 §4.4
   */
  handle(script: Script, request: CommandRequest, requester: Jid): CommandReply | Promise<CommandReply>;
  /** How many sessions wait. */
  readonly openSessions: number;
}

/** What was submitted when nothing was: every field keeps what the form showed. */
const NOTHING: Form = Object.freeze({ type: "submit", fields: [] });

/** Makes an engine without sessions. */
export function createCommandEngine(options: SessionOptions): CommandEngine {
  const sessions = new Sessions(options);

  const handle: CommandEngine["handle"] = (script, request, requester) => {
    const owner: SessionOwner = { jid: requester, node: request.node };
    if (request.sessionId === undefined) return begin(script, request, owner);
    const session = sessions.find(request.sessionId, owner);
    const action = effectiveAction(request.action, session.stage, session.answered.length === 0);
    switch (action) {
      case "cancel":
        sessions.end(session);
        return { node: owner.node, sessionId: session.id, status: "canceled", notes: [] };
      case "prev":
        return goBack(script, session, request.form);
      case "next":
      case "complete":
        return goOn(script, session, action, request.form ?? NOTHING);
    }
  };

  const begin = (
    script: Script,
    request: CommandRequest,
    owner: SessionOwner,
  ): CommandReply | Promise<CommandReply> => {
    if (request.action === "cancel")
      throw commandError("bad-sessionid", "there is nothing to cancel without a session");
    if (request.action !== "execute") throw commandError("bad-action", "a command begins with the action execute");
    const stage = script.stageAfter([]);
    if (stage === undefined) return run(script, [], owner, sessions.newEndedId(owner));
    const session = sessions.open(owner, stage, []);
    if (request.form === undefined) return ask(session);
    return goOn(script, session, effectiveAction("execute", stage, true), request.form);
  };

  const goBack = (script: Script, session: Session, form: Form | undefined): CommandReply => {
    // What was typed so far is kept as it is: it is held against the rules when it comes to count.
    if (form !== undefined) session.submitted.set(session.stage.key, form.fields);
    const answered = session.answered.slice(0, -1);
    const stage = script.stageAfter(answered);
    if (stage === undefined) throw new Error(`${script.node}: the first stage is gone`);
    session.answered = answered;
    session.stage = stage;
    sessions.keep(session);
    return ask(session);
  };

  const goOn = (
    script: Script,
    session: Session,
    action: Action,
    submitted: Form,
  ): CommandReply | Promise<CommandReply> => {
    const { stage } = session;
    session.submitted.set(stage.key, submitted.fields);
    const answer = stage.read(submitted);
    if (answer.kind === "problems") {
      sessions.keep(session);
      return ask(session, answer.problems);
    }
    const { answered, ask: next } = advance(
      script,
      [...session.answered, { key: stage.key, value: answer.value }],
      action,
    );
    if (next === undefined) return finish(script, session, answered);
    session.answered = answered;
    session.stage = next.stage;
    sessions.keep(session);
    return ask(session, next.problems);
  };

  /** From here on the session is over, whatever happens: a second complete finds it ended. */
  const finish = (
    script: Script,
    session: Session,
    answered: readonly Answered[],
  ): CommandReply | Promise<CommandReply> => {
    sessions.end(session);
    const revive = (error: unknown): never => {
      // It did not run: the requester may complete it again.
      if (StanzaError.is(error) && error.type === "wait") sessions.keep(session);
      throw error;
    };
    try {
      const reply = run(script, answered, session.owner, session.id);
      return reply instanceof Promise ? reply.catch(revive) : reply;
    } catch (error) {
      return revive(error);
    }
  };

  return {
    handle,
    get openSessions() {
      return sessions.size;
    },
  };
}

function run(
  script: Script,
  answered: readonly Answered[],
  { jid, node }: SessionOwner,
  sessionId: string,
): CommandReply | Promise<CommandReply> {
  const reply = (end: CommandEnd): CommandReply => ({ node, sessionId, status: "completed", ...end });
  const end = script.run(answered, jid);
  return end instanceof Promise ? end.then(reply) : reply(end);
}

/** All stages that are answered now, and the one to ask, if any. */
interface Advance {
  readonly answered: readonly Answered[];
  readonly ask?: { readonly stage: Stage; readonly problems: readonly FieldProblem[] };
}

/**
 * Goes on to the next stage. Completing early answers the stages that are left with what their forms show; one for which
 * that is not enough is asked after all.
 */
function advance(script: Script, given: readonly Answered[], action: Action): Advance {
  let answered = given;
  for (;;) {
    const stage = script.stageAfter(answered);
    if (stage === undefined) return { answered };
    if (action !== "complete") return { answered, ask: { stage, problems: [] } };
    const answer = stage.read(NOTHING);
    if (answer.kind === "problems") return { answered, ask: { stage, problems: answer.problems } };
    answered = [...answered, { key: stage.key, value: answer.value }];
  }
}

/** The reply that shows a session's stage (XEP-0050 §4.2; the actions always say what `execute` stands for). */
function ask({ id, owner, stage, answered, submitted }: Session, problems: readonly FieldProblem[] = []): CommandReply {
  const offered: OfferedAction[] = [];
  if (answered.length > 0) offered.push("prev");
  if (stage.hasNext) offered.push("next");
  if (stage.canComplete) offered.push("complete");
  const kept = submitted.get(stage.key);
  const form = kept === undefined ? stage.form : withSubmitted(stage.form, kept);
  const texts = problems.map(({ text }) => text);
  return {
    node: owner.node,
    sessionId: id,
    status: "executing",
    actions: { offered, execute: stage.hasNext ? "next" : "complete" },
    notes: texts.map((text): Note => ({ type: "error", text })),
    // COMPAT(profanity, 0.13): notes beside a form are not shown, its instructions are.
    form: { ...form, instructions: [...texts, ...(form.instructions ?? [])] },
  };
}

/** What `execute` stands for at a stage; throws bad-action for what the stage did not offer. */
function effectiveAction(action: Action, stage: Stage, isFirst: boolean): Exclude<Action, "execute"> {
  const meant = action === "execute" ? (stage.hasNext ? "next" : "complete") : action;
  const isOffered =
    meant === "cancel" || (meant === "prev" ? !isFirst : meant === "next" ? stage.hasNext : stage.canComplete);
  if (!isOffered) throw commandError("bad-action", `the action ${meant} is not offered here`);
  return meant;
}

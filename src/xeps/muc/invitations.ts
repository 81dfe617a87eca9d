// Invitations that come in: into a room that we are to be in anyway, or by somebody who may say where we go.

import type { Jid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Invitation } from "./read-message.js";
import type { Room } from "./room.js";

/** What following invitations stands on. */
export interface InvitationsOptions {
  find(bare: string): Room | undefined;
  /** Enters a room that is in no list. Throws a `RoomError`. */
  enter(jid: string, password: string | undefined): Room;
  isInviter(jid: Jid): boolean;
  readonly log: Logger;
}

/** Makes what takes invitations. */
export function createInvitations({ find, enter, isInviter, log }: InvitationsOptions) {
  return ({ room, inviter, isDirect, password }: Invitation): void => {
    const facts = { room: room.bare, inviter: inviter?.full, direct: isDirect };
    const known = find(room.bare);
    const isAllowed = isDirect && inviter !== undefined && isInviter(inviter);
    if (known !== undefined && (isAllowed || !isDirect)) {
      log.info("room.invited", facts);
      known.tell({ kind: "join" });
      return;
    }
    // Who invites through a room is only the room's word: anybody can make a room that says what he likes.
    if (!isAllowed) {
      log.warn("room.invitation-ignored", facts);
      return;
    }
    try {
      enter(room.bare, password);
      log.info("room.invited", facts);
    } catch (error) {
      log.warn("room.invitation-ignored", { ...facts, problem: messageOf(error) });
    }
  };
}

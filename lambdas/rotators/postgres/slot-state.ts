import { escapeIdentifier, escapeLiteral } from 'pg';
import { LockstepError } from '../../core/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { readSlotComment, slotCommentText, type SlotComment, type SlotMemory } from './slot-memory.ts';

/** A slot as the server has it. */
export interface SlotState {
  readonly canLogin: boolean;
  readonly comment: SlotComment;
  /** Sessions of the slot, and whether the authority may see them. */
  readonly sessions: number;
  readonly seesSessions: boolean;
}

interface SlotRow {
  readonly canLogin: boolean;
  readonly isSuperuser: boolean;
  readonly comment: string | null;
  readonly sessions: number;
  readonly seesSessions: boolean;
}

/** The error for a slot that nobody has made. */
export const noSuchRole = (slot: string): LockstepError =>
  new LockstepError(
    'TARGET_REFUSED',
    `there is no role ${slot}; create both slots (lockstep inventory check prints how), or correct the inventory`,
  );

/** Reads a slot; `undefined` where there is no such role. Throws `TARGET_REFUSED` for one that must not be a slot. */
export async function findSlot(session: Session, slot: string): Promise<SlotState | undefined> {
  const [row] = await session.query<SlotRow>(
    `the look at role ${slot}`,
    `SELECT rolcanlogin AS "canLogin", rolsuper AS "isSuperuser",
            shobj_description(r.oid, 'pg_authid') AS "comment",
            (SELECT count(*)::int FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS "sessions",
            pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "seesSessions"
       FROM pg_roles r WHERE rolname = $1`,
    [slot],
  );
  if (!row) return undefined;
  const { comment, isSuperuser, ...state } = row;
  if (!isSuperuser) return { ...state, comment: readSlotComment(slot, comment) };
  throw new LockstepError(
    'TARGET_REFUSED',
    `role ${slot} is a superuser, which no slot may be; run: ALTER ROLE "${slot}" NOSUPERUSER;`,
  );
}

/** `ALTER ROLE … <attributes>`, with what the slot is to remember of it where that changes. */
export function alterSlot(
  slot: string,
  attributes: string,
  comment?: SlotComment,
  memory?: SlotMemory,
): string {
  const role = escapeIdentifier(slot);
  const change = `ALTER ROLE ${role} ${attributes}`;
  if (!comment || !memory) return change;
  return `${change}; COMMENT ON ROLE ${role} IS ${escapeLiteral(slotCommentText(comment, memory))}`;
}

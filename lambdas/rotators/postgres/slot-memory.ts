import { LockstepError } from '../../core/errors.ts';

/**
 * What a slot remembers of us, in the comment on its role: the one place of a role that its administrators
 * may write, that everybody may read, and that changes in one transaction with the role.
 */
export interface SlotMemory {
  /** The version whose verifier the slot holds, or held. */
  readonly token: string;
  /** The highest fence that it has obeyed. */
  readonly fence: number;
  /** What was last done with that version, under that fence. Absent: installed. */
  readonly state?: SlotMark;
}

const MARKS = ['closed', 'revoked', 'stopped'] as const;

/** `closed` can be undone; the other two have ended the version. */
export type SlotMark = (typeof MARKS)[number];

/** How a version ended; `undefined` while it has not. */
export const endOf = (memory: SlotMemory | undefined): 'revoked' | 'stopped' | undefined =>
  memory?.state === 'closed' ? undefined : memory?.state;

/** A comment with our part and everybody else's. */
export interface SlotComment {
  readonly memory?: SlotMemory;
  /** What others have written there; kept. */
  readonly others: Readonly<Record<string, unknown>>;
}

/**
 * Reads a role's comment. Text that is not ours is kept under `note`.
 *
 * A memory that is there and cannot be read fails the change with `FENCED_OFF`: it may be that of a later
 * release, and forgetting a fence would let an old change through.
 */
export function readSlotComment(role: string, comment: string | null): SlotComment {
  const fields = fieldsOf(comment);
  if (!fields) return { others: comment === null || comment === '' ? {} : { note: comment } };
  const { lockstep, ...others } = fields;
  return lockstep === undefined ? { others } : { memory: memoryOf(role, lockstep), others };
}

/** The comment to write. */
export const slotCommentText = ({ others }: SlotComment, memory: SlotMemory): string =>
  JSON.stringify({ lockstep: memory, ...others });

function memoryOf(role: string, found: unknown): SlotMemory {
  const { token, fence, state } = (typeof found === 'object' && found !== null ? found : {}) as Partial<
    Record<keyof SlotMemory, unknown>
  >;
  if (typeof token === 'string' && typeof fence === 'number' && Number.isSafeInteger(fence)) {
    const mark = MARKS.find((each) => each === state);
    if (mark !== undefined) return { token, fence, state: mark };
    if (state === undefined) return { token, fence };
  }
  throw new LockstepError(
    'FENCED_OFF',
    `the comment on role ${role} is not one that this release of Lockstep wrote; ` +
      `once nothing else changes that role, run: COMMENT ON ROLE "${role}" IS NULL;`,
  );
}

function fieldsOf(comment: string | null): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(comment ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}

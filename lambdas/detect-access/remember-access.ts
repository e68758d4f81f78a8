import type { Ledger } from '../core/ports/ledger.ts';
import { secondsAfter, type Instant } from '../core/time.ts';
import type { Access } from '../core/watch/access.ts';
import { dayOf, neighbourDay, rememberRefusal, rememberServing } from '../core/watch/attempt.ts';
import { cellStart, neighbourStart, rememberDenial, type DenialCell } from '../core/watch/denial-cell.ts';
import { principalPartition } from '../core/watch/incident.ts';
import type { AttemptDay, DeniedStretch } from '../core/watch/sight.ts';
import { MEMORY_SECONDS } from '../core/watch/stretch.ts';
import type { Subject } from '../core/watch/watch-list.ts';
import { amendRow } from './amend-row.ts';

/**
 * Adds a refused call to its principal's stretch, and returns the stretches that it may have filled: its own
 * and the one before.
 *
 * The own cell is written before the neighbours are read: of two calls that fill a burst together and are
 * handled at once, at least one then sees both.
 */
export async function rememberDenials(
  ledger: Ledger,
  access: Access,
  subjects: readonly Subject[],
): Promise<readonly DeniedStretch[]> {
  if (access.outcome !== 'refused') return [];
  const partition = principalPartition(access.principal.key);
  const from = cellStart(access.at);
  const nextFrom = neighbourStart(from, 1);
  const known = (await ledger.read('denial', partition, nextFrom))?.body;
  const place = { family: 'denial', partition, id: from, expiresAt: forgottenAt(nextFrom) } as const;
  const cell = await amendRow(ledger, place, (before) => withDenials(before, access, subjects, known));

  const next = (await ledger.read('denial', partition, nextFrom))?.body;
  const previous = (await ledger.read('denial', partition, neighbourStart(from, -1)))?.body;
  return [{ cell, ...(next ? { next } : {}) }, ...(previous ? [{ cell: previous, next: cell }] : [])];
}

function withDenials(
  before: DenialCell | undefined,
  { at, eventId }: Access,
  subjects: readonly Subject[],
  next: DenialCell | undefined,
): DenialCell {
  const first: DenialCell = before ?? { from: cellStart(at), earliest: [], latest: [] };
  return subjects.reduce((cell, { kind, key }) => {
    const denial = { at, eventId, ...(kind === 'unnamed' ? {} : { secret: key }) };
    return rememberDenial(cell, denial, next);
  }, first);
}

/**
 * Remembers that a principal was refused or served one of our secrets, and returns the days on which a
 * refusal may now have been followed by an answer. Other secrets of the account are not remembered: their
 * readers are not ours to know, and may be many.
 */
export async function rememberAttempt(
  ledger: Ledger,
  access: Access,
  subject: Subject,
): Promise<readonly AttemptDay[]> {
  const { isRead, outcome, principal, at } = access;
  if (!isRead || subject.kind !== 'watched' || (outcome !== 'refused' && outcome !== 'served')) return [];
  const partition = principalPartition(principal.key);
  const idOf = (of: Instant): string => `${of}#${subject.key}`;
  const day = dayOf(at);
  const place = { family: 'attempt', partition, id: idOf(day), expiresAt: forgottenAt(day) } as const;
  const attempt = await amendRow(ledger, place, (before) =>
    outcome === 'refused' ? rememberRefusal(before, access) : rememberServing(before, at),
  );

  // An answer may follow a refusal of its own day or of the day before; a late refusal may precede an answer.
  const beside = neighbourDay(day, outcome === 'refused' ? 1 : -1);
  const other = (await ledger.read('attempt', partition, idOf(beside)))?.body;
  if (outcome === 'refused') return [{ day, attempt, ...(other ? { next: other } : {}) }];
  return [{ day, attempt }, ...(other ? [{ day: beside, attempt: other, next: attempt }] : [])];
}

const forgottenAt = (from: Instant): Instant => secondsAfter(from, MEMORY_SECONDS);

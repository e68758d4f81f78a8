import { isOpen, overWrites } from '../core/access/lease-end.ts';
import { indexPlaces, type PointerPlace } from '../core/access/lease-pointers.ts';
import type { Lease } from '../core/access/lease.ts';
import { auditFact, type AuditSubject } from '../core/audit/audited-effect.ts';
import { describeError, isLockstepError } from '../core/errors.ts';
import { remove, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter, type Instant } from '../core/time.ts';
import { quotaWrites } from './give-back.ts';
import { ignoreConflict } from './ignore-conflict.ts';
import { postpone } from './postpone.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** Leases in one commit: five rows each, and the quotas. */
export const ENDS_PER_COMMIT = 10;

/** So many that get no answer, and none that does: then a target that can be asked nothing else is down. */
const DOWN_AFTER = 3;

/** What came of a batch. */
export interface BatchEnd {
  /** How many are over, and in no queue any more. */
  readonly ended: number;
  /** The target let nobody in. */
  readonly isDown: boolean;
}

/** A lease in the queue of its target. */
interface Queued {
  readonly queued: LedgerRow<'lease-ending'>;
  readonly row: LedgerRow<'lease'>;
}

/** What a target said to the end of one lease. */
interface Attempt extends Queued {
  /** Absent where the target refuses it now. */
  readonly error?: { readonly code: string; readonly message: string; readonly isUnanswered: boolean };
  readonly owedFrom?: Instant;
}

/**
 * Ends leases at their target, and closes the book on those that it refuses.
 *
 * The end waits for nothing: where the intent cannot be written, it happens all the same. But the book is closed only
 * on what the audit holds from intent to outcome, so that such a lease is ended, to no effect, once more.
 *
 * @param doesAnswer asked where none of them was ended: whether it is the target, or they are
 */
export async function endBatch(
  ports: SweepPorts,
  pointers: readonly LedgerRow<'lease-ending'>[],
  doesAnswer: () => Promise<boolean | undefined>,
): Promise<BatchEnd> {
  const batch = await readBatch(ports, pointers);
  if (batch.length === 0) return { ended: 0, isDown: false };
  const isIntended = await isAudited(ports, batch, 'intent');
  const attempts = await Promise.all(batch.map((each) => endOne(ports, each)));
  const done = attempts.filter(({ error }) => error === undefined);
  const failed = attempts.filter(({ error }) => error !== undefined);
  if (failed.length > 0) await isAudited(ports, failed, 'outcome');
  for (const each of failed) tellFailure(ports, each);
  const isClosed = isIntended && (done.length === 0 || (await isAudited(ports, done, 'outcome')));
  const isDown = done.length === 0 && (await isTargetDown(failed, doesAnswer));
  await postpone(ports, failed, !isDown);
  if (isClosed) return { ended: await close(ports, done), isDown };
  await postpone(ports, done, false);
  return { ended: 0, isDown };
}

function tellFailure({ onFailedEnd }: SweepPorts, { row, error }: Attempt): void {
  const { id: lease, leasable, target } = row.body;
  if (error) onFailedEnd?.({ lease, leasable, target, code: error.code, what: error.message });
}

async function isTargetDown(
  failed: readonly Attempt[],
  doesAnswer: () => Promise<boolean | undefined>,
): Promise<boolean> {
  const answers = await doesAnswer();
  if (answers !== undefined) return !answers;
  // Who has been in the queue for long has seen others end: it is itself that gets no answer.
  const unanswered = failed.filter(
    ({ error, queued }) => error?.isUnanswered === true && queued.body.attempts < 5,
  );
  return unanswered.length === failed.length && failed.length >= DOWN_AFTER;
}

/** What lies in the queue and should not, is taken out: there is nothing that it would end. */
async function readBatch(
  { ledger }: SweepPorts,
  pointers: readonly LedgerRow<'lease-ending'>[],
): Promise<readonly Queued[]> {
  const rows = await Promise.all(pointers.map(({ body }) => ledger.read('lease', body.lease, 'lease')));
  const pairs = pointers.map((queued, at) => ({ queued, row: rows[at] }));
  const isEnding = (pair: { readonly row: LedgerRow<'lease'> | undefined }): pair is Queued =>
    pair.row?.body.phase === 'ending';
  const stale = pairs.filter((pair) => !isEnding(pair) && !(pair.row && isOpen(pair.row.body)));
  if (stale.length > 0) await ledger.commit(stale.map(({ queued }) => remove(queued))).catch(ignoreConflict);
  return pairs.filter((pair) => isEnding(pair));
}

async function endOne(ports: SweepPorts, pair: Queued): Promise<Attempt> {
  const { kind, leasable, id: lease, fence } = pair.row.body;
  try {
    const { refused } = await ports.leases.call(kind, { do: 'end', leasable, lease, fence });
    if (refused === 'refused' || (refused === 'unknown' && hasExpired(ports, pair.row.body))) return pair;
    const message =
      refused === 'accepted'
        ? 'the target still accepts it'
        : 'the target cannot be asked whether it refuses it';
    const owedFrom = endsByItself(ports, pair.row.body);
    return {
      ...pair,
      error: { code: 'TARGET_REFUSED', message, isUnanswered: false },
      ...(owedFrom === undefined ? {} : { owedFrom }),
    };
  } catch (error) {
    const isUnanswered = isLockstepError(error) && error.remedy === 'retry';
    return { ...pair, error: { ...describeError(error), isUnanswered } };
  }
}

/** Where nobody can ask, the target's own clock has the last word: a little is added for its being another one. */
const hasExpired = ({ capabilitiesOf, clock }: SweepPorts, { kind, expiresAt }: Lease): boolean =>
  capabilitiesOf(kind)?.expiresAtTarget === true && reached(secondsAfter(expiresAt, 60), clock());

/**
 * When what nobody can end sooner ends by itself, where nobody has asked for more than that: whoever gives such a lease back
 * early owes nothing. An order to revoke is owed from the moment that it was given, and on-call hears of it.
 */
function endsByItself({ capabilitiesOf }: SweepPorts, { kind, end, expiresAt }: Lease): Instant | undefined {
  const isOrdered = end?.why !== 'released' && end?.why !== 'expired' && end?.why !== 'never-handed-over';
  return isOrdered || capabilitiesOf(kind)?.revocable !== false ? undefined : expiresAt;
}

/** One entry for what is ended of one leasable for one reason; `false` where one of them could not be written. */
async function isAudited(
  ports: SweepPorts,
  batch: readonly (Queued | Attempt)[],
  type: 'intent' | 'outcome',
): Promise<boolean> {
  const groups = new Map<string, (Queued | Attempt)[]>();
  for (const each of batch) {
    const { leasable, end } = each.row.body;
    const code = 'error' in each ? (each.error?.code ?? '') : '';
    const key = [leasable, end?.why, end?.by, code].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const written = await Promise.all([...groups.values()].map((group) => isGroupAudited(ports, group, type)));
  return written.every((each) => each);
}

async function isGroupAudited(
  ports: SweepPorts,
  group: readonly (Queued | Attempt)[],
  type: 'intent' | 'outcome',
): Promise<boolean> {
  const [first] = group;
  if (!first) return true;
  const subject = subjectOf(
    ports,
    first.row.body,
    group.map(({ row }) => row.body.id),
  );
  const error = 'error' in first ? first.error : undefined;
  try {
    if (type === 'intent') await intend(ports, subject);
    else if (error === undefined)
      await auditFact(ports, subject, 'outcome', { outcome: 'done', note: 'the target refuses it' });
    else {
      const outcome = error.isUnanswered ? 'unknown' : 'failed';
      await auditFact(ports, subject, 'outcome', { outcome, code: error.code });
    }
    return true;
  } catch (failure) {
    if (isLockstepError(failure)) return false;
    throw failure;
  }
}

const intend = async ({ audit, clock, newId }: SweepPorts, subject: AuditSubject): Promise<void> =>
  void (await audit.append({ id: newId(), type: 'intent', at: instant(clock()), ...subject }));

const subjectOf = (
  { functionName }: SweepPorts,
  { leasable, end }: Lease,
  leases: readonly string[],
): AuditSubject => ({
  chain: leasable,
  action: 'end-lease',
  who: { kind: 'function', name: functionName, ...(end ? { via: end.by } : {}) },
  what: { credential: leasable, leases },
  why: { cause: end?.why === 'breach' ? 'breach' : 'lease', reason: end?.why ?? 'expired' },
});

/** Closes the book, all in one commit, or, where somebody was at one of them, one by one. Answers on how many. */
async function close(ports: SweepPorts, done: readonly Attempt[]): Promise<number> {
  if (done.length === 0) return 0;
  if (await isCommitted(ports, await closingWrites(ports, done))) return counted(ports, done);
  let closed = 0;
  for (const one of done) {
    // A pointer that is gone must not keep its lease in the queue.
    const places = await standing(ports, one.row.body);
    if (await isCommitted(ports, await closingWrites(ports, [one], places))) closed += counted(ports, [one]);
  }
  return closed;
}

function counted({ metrics }: SweepPorts, closed: readonly Attempt[]): number {
  for (const { row } of closed) metrics.count('lockstep_leases', { outcome: 'ended', kind: row.body.kind });
  return closed.length;
}

async function isCommitted({ ledger }: SweepPorts, writes: readonly LedgerWrite[]): Promise<boolean> {
  try {
    await ledger.commit(writes);
    return true;
  } catch (error) {
    ignoreConflict(error);
    return false;
  }
}

async function standing({ ledger }: SweepPorts, lease: Lease): Promise<readonly PointerPlace[]> {
  const places = indexPlaces(lease);
  const rows = await Promise.all(
    places.map(({ partition, id }) => ledger.read('lease-index', partition, id)),
  );
  return places.filter((_, at) => rows[at] !== undefined);
}

async function closingWrites(
  ports: SweepPorts,
  done: readonly Attempt[],
  places?: readonly PointerPlace[],
): Promise<readonly LedgerWrite[]> {
  const at = instant(ports.clock());
  const leases = done.map(({ row }) => row.body);
  const quotas = await quotaWrites(ports, leases, at);
  return [...done.flatMap(({ row, queued }) => overWrites(row, queued, at, places)), ...quotas];
}

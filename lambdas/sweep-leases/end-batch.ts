import { isOpen, overWrites } from '../core/access/lease-end.ts';
import type { Lease } from '../core/access/lease.ts';
import { auditFact, type AuditSubject } from '../core/audit/audited-effect.ts';
import { describeError, isLockstepError } from '../core/errors.ts';
import { remove, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import { quotaWrites } from './give-back.ts';
import type { SweepPorts } from './sweep-ports.ts';

/** Leases in one commit: five rows each, and the quotas. */
export const ENDS_PER_COMMIT = 10;

/** How long an attempt waits for the next one: twice as long each time, for as long as it takes. */
const FIRST_WAIT_SECONDS = 15;
/** What a target refuses to end is looked at by somebody; that takes longer than this. */
const LONGEST_WAIT_SECONDS = 600;
/** Where there was no answer it is the target that has to come back: then the dangerous ones must not come last. */
const LONGEST_UNANSWERED_SECONDS = 60;

/** What came of a batch. */
export interface BatchEnd {
  readonly ended: number;
  /** Attempts that the target refused, or did not answer. */
  readonly failed: number;
  /** How many of those got no answer: a target that is down, or busy. */
  readonly unanswered: number;
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
}

/**
 * Ends leases at their target, and closes the book on those that it refuses.
 *
 * The end waits for nothing: where the intent cannot be written, it happens all the same. But the book is closed only
 * on what the audit holds from intent to outcome, so that such a lease is ended, to no effect, once more.
 */
export async function endBatch(
  ports: SweepPorts,
  pointers: readonly LedgerRow<'lease-ending'>[],
): Promise<BatchEnd> {
  const batch = await readBatch(ports, pointers);
  if (batch.length === 0) return { ended: 0, failed: 0, unanswered: 0 };
  const isIntended = await isAudited(ports, batch, 'intent');
  const attempts = await Promise.all(batch.map((each) => endOne(ports, each)));
  const done = attempts.filter(({ error }) => error === undefined);
  const failed = attempts.filter(({ error }) => error !== undefined);
  if (failed.length > 0) await isAudited(ports, failed, 'outcome');
  const isClosed = isIntended && (done.length === 0 || (await isAudited(ports, done, 'outcome')));
  await postpone(ports, isClosed ? failed : [...failed, ...done]);
  if (isClosed) await close(ports, done);
  return {
    ended: isClosed ? done.length : 0,
    failed: failed.length,
    unanswered: failed.filter(({ error }) => error?.isUnanswered === true).length,
  };
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
    return { ...pair, error: { code: 'TARGET_REFUSED', message, isUnanswered: false } };
  } catch (error) {
    const isUnanswered = isLockstepError(error) && error.remedy === 'retry';
    return { ...pair, error: { ...describeError(error), isUnanswered } };
  }
}

/** Where nobody can ask, the target's own clock has the last word: a little is added for its being another one. */
const hasExpired = ({ capabilitiesOf, clock }: SweepPorts, { kind, expiresAt }: Lease): boolean =>
  capabilitiesOf(kind)?.expiresAtTarget === true && reached(secondsAfter(expiresAt, 60), clock());

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

/** Closes the book, all in one commit, or, where somebody was at one of them, one by one. */
async function close(ports: SweepPorts, done: readonly Attempt[]): Promise<void> {
  if (done.length === 0) return;
  try {
    await ports.ledger.commit(await closingWrites(ports, done));
  } catch (error) {
    ignoreConflict(error);
    for (const one of done)
      await ports.ledger.commit(await closingWrites(ports, [one])).catch(ignoreConflict);
  }
  for (const { row } of done)
    ports.metrics.count('lockstep_leases', { outcome: 'ended', kind: row.body.kind });
}

async function closingWrites(ports: SweepPorts, done: readonly Attempt[]): Promise<readonly LedgerWrite[]> {
  const at = instant(ports.clock());
  const quotas = await quotaWrites(
    ports,
    done.map(({ row }) => row.body),
    at,
  );
  return [...done.flatMap(({ row, queued }) => overWrites(row, queued, at)), ...quotas];
}

/** Waits with what failed, longer each time, and says so on the lease. Never given up. */
async function postpone(ports: SweepPorts, failed: readonly Attempt[]): Promise<void> {
  const at = instant(ports.clock());
  for (const { row, queued, error } of failed) {
    const attempts = queued.body.attempts + 1;
    const longest = (error?.isUnanswered ?? true) ? LONGEST_UNANSWERED_SECONDS : LONGEST_WAIT_SECONDS;
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(attempts - 1, 10), longest);
    const lastError = error
      ? `${error.code}: ${error.message}`
      : 'AUDIT_UNAVAILABLE: ended, and not written down yet';
    const waiting = replace(queued, {
      ...queued.body,
      attempts,
      notBefore: secondsAfter(at, wait),
      lastError,
    });
    const noted = error
      ? [replace(row, { ...row.body, failedEnds: row.body.failedEnds + 1, lastError })]
      : [];
    await ports.ledger.commit([waiting, ...noted]).catch(ignoreConflict);
  }
}

/** Somebody else was at it: the next round reads it again. */
function ignoreConflict(error: unknown): void {
  if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
}

import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { isOpen } from '../core/access/lease-end.ts';
import { isLeaseId } from '../core/access/lease-id.ts';
import type { LeaseTarget } from '../core/access/lease-rows.ts';
import type { Lease } from '../core/access/lease.ts';
import { auditFact, type AuditSubject } from '../core/audit/audited-effect.ts';
import { describeError, isLockstepError, LockstepError } from '../core/errors.ts';
import type { LeaseAtTarget } from '../core/ports/leaser.ts';
import { instant, reached, secondsAfter } from '../core/time.ts';
import type { TargetNews } from './claim-target.ts';
import { tellIfDue } from './sweep-due.ts';
import { BUDGET, type SweepPorts } from './sweep-ports.ts';

/** How often a target is asked, from the end of one comparison to the beginning of the next. */
const COMPARE_EVERY_SECONDS = 300;

/** How much longer than its time a lease that is being made is left alone: somebody may be about to write it down. */
const LEFT_ALONE_SECONDS = 60;

/** Above every fence that a lease can have. */
const LAST_FENCE = 2_000_000_000;

/**
 * Asks a target, a slice in each round, what it has of ours, and compares it with the ledger. A key that the ledger does
 * not know, or knows as ended, is ended; one of a lease that is being made is not touched before its time; one that
 * carries our mark and no id is reported, since nobody can say what it is.
 *
 * The ledger is written before anything is made at a target, so what the ledger does not know is nobody's who is still
 * at it: a restored backup of the target, a lost ledger, a stranger's hand.
 */
export async function compareTarget(
  ports: SweepPorts,
  target: string,
  before: Pick<LeaseTarget, 'compared' | 'comparedAt'>,
): Promise<TargetNews> {
  const now = ports.clock();
  const leasables = comparable(ports, target);
  const isDue =
    before.compared !== undefined ||
    before.comparedAt === undefined ||
    reached(secondsAfter(before.comparedAt, COMPARE_EVERY_SECONDS), now) ||
    !reached(before.comparedAt, now);
  if (!isDue || leasables.length === 0) return {};
  let place = startOf(leasables, before.compared);
  for (let page = 1; place && page <= BUDGET.comparedPages; page += 1) {
    const { leasable, after }: Place = place;
    const found = await ports.leases.call(leasable.kind, {
      do: 'list-ours',
      leasable: leasable.name,
      ...(after === undefined ? {} : { after }),
    });
    for (const key of found.leases) await judge(ports, leasable, key);
    place = found.next === undefined ? next(leasables, leasable) : { leasable, after: found.next };
  }
  if (place) {
    const { leasable, after } = place;
    return {
      answered: true,
      compared: { leasable: leasable.name, ...(after === undefined ? {} : { after }) },
    };
  }
  return { answered: true, comparedAt: instant(now) };
}

interface Place {
  readonly leasable: Leasable;
  readonly after?: string;
}

const comparable = (ports: SweepPorts, target: string): readonly Leasable[] =>
  accessOf(ports.inventory).leasables.filter(
    ({ authority, kind }) => (authority ?? kind) === target && ports.capabilitiesOf(kind)?.listsOurs === true,
  );

function startOf(leasables: readonly Leasable[], compared: LeaseTarget['compared']): Place | undefined {
  const at = leasables.find(({ name }) => name === compared?.leasable);
  if (at && compared)
    return { leasable: at, ...(compared.after === undefined ? {} : { after: compared.after }) };
  const [first] = leasables;
  return first && { leasable: first };
}

function next(leasables: readonly Leasable[], leasable: Leasable): Place | undefined {
  const following = leasables[leasables.indexOf(leasable) + 1];
  return following && { leasable: following };
}

/** What becomes of a key that a target has. */
type Verdict = 'leave' | 'tell' | 'end' | 'report';

/** Pure: what the ledger knows of it decides. */
export function verdictOn(lease: Lease | undefined, isReadable: boolean, now: Date): Verdict {
  if (!isReadable) return 'report';
  if (!lease || lease.phase === 'ended') return 'end';
  if (!isOpen(lease)) return 'leave';
  const patience = lease.phase === 'issuing' ? LEFT_ALONE_SECONDS : 0;
  return reached(secondsAfter(lease.dueAt, patience), now) ? 'tell' : 'leave';
}

async function judge(ports: SweepPorts, leasable: Leasable, key: LeaseAtTarget): Promise<void> {
  const id = key.leaseId !== undefined && isLeaseId(key.leaseId) ? key.leaseId : undefined;
  const lease = id === undefined ? undefined : (await ports.ledger.read('lease', id, 'lease'))?.body;
  switch (verdictOn(lease, id !== undefined, ports.clock())) {
    case 'leave':
      return;
    case 'tell':
      // Its minute has passed and nobody told it: the pointer was lost, or a clock jumped over it.
      await tellIfDue(ports, id ?? '');
      return ports.metrics.count('lockstep_lease_findings', { action: 'told' });
    case 'report':
      return ports.metrics.count('lockstep_lease_findings', { action: 'reported' });
    case 'end':
      return endUnknown(ports, leasable, lease, id ?? '');
  }
}

/** Ends what should not be there. Where that fails, the next comparison finds it again. */
async function endUnknown(
  ports: SweepPorts,
  asked: Leasable,
  lease: Lease | undefined,
  id: string,
): Promise<void> {
  const leasable = lease?.leasable ?? asked.name;
  const why = lease
    ? `the ledger has it as ended (${lease.end?.why ?? 'unknown'})`
    : 'the ledger does not know it';
  const subject: AuditSubject = {
    chain: leasable,
    action: 'end-lease',
    who: { kind: 'function', name: ports.functionName },
    what: { credential: leasable, lease: id },
    why: { cause: 'reconcile', reason: `found at the target: ${why}` },
  };
  await ports.audit
    .append({ id: ports.newId(), type: 'intent', at: instant(ports.clock()), ...subject })
    .catch(() => undefined);
  try {
    const { refused } = await ports.leases.call(lease?.kind ?? asked.kind, {
      do: 'end',
      leasable,
      lease: id,
      fence: LAST_FENCE,
    });
    if (refused === 'accepted')
      throw new LockstepError('TARGET_REFUSED', `the target still accepts lease ${id} of ${leasable}`);
    await auditFact(ports, subject, 'outcome', { outcome: 'done' });
    ports.metrics.count('lockstep_lease_findings', { action: 'ended' });
  } catch (error) {
    if (!isLockstepError(error)) throw error;
    const outcome = error.remedy === 'retry' ? 'unknown' : 'failed';
    await auditFact(ports, subject, 'outcome', { outcome, code: describeError(error).code }).catch(
      () => undefined,
    );
    ports.metrics.count('lockstep_lease_findings', { action: 'failed' });
  }
}

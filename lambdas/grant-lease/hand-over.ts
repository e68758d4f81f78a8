import type { AccessAnswers } from '../contracts/access-requests.ts';
import { leaseDigest } from '../core/access/lease-digest.ts';
import { duePlace, point, unpoint } from '../core/access/lease-pointers.ts';
import { viewOf } from '../core/access/lease-view.ts';
import type { Lease } from '../core/access/lease.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { auditedEffect, auditFact, type AuditSubject } from '../core/audit/audited-effect.ts';
import { makeEvent } from '../core/make-event.ts';
import type { LeaseCommands } from '../core/ports/lease-functions.ts';
import { replace, type LedgerRow } from '../core/ports/ledger.ts';
import { earliest, latest, type Instant } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actorOf, decidedBy, type Decision } from './on-record.ts';
import type { Asking } from './right.ts';
import type { Wish } from './wish.ts';

type Issued = LeaseCommands['issue']['answers'];
type Handed = Extract<AccessAnswers['lease'], { readonly status: 'issued' }>;

/**
 * Has a lease made that is written down, and hands its value over. Whatever goes wrong, the value goes nowhere and the
 * lease is told to end, now or, where that fails as well, when it is due.
 */
export async function handOver(
  ports: GrantPorts,
  asking: Asking,
  wish: Wish,
  { row, right }: { readonly row: LedgerRow<'lease'>; readonly right: Decision },
): Promise<Handed> {
  const subject = subjectOf(ports, asking, row.body, { ...wish, right });
  try {
    if (row.body.breakGlass) await auditFact(ports, { ...subject, action: 'break-glass' }, 'decision');
    // Where the outcome cannot be written it is not handed over: nobody may hold what the audit does not know.
    const { issued, lease } = await auditedEffect(
      ports,
      subject,
      () => makeAndRecord(ports, asking, row),
      ({ issued: { key }, lease: { expiresAt } }) => ({
        outcome: 'done',
        note: `made as ${key}`,
        ...(expiresAt === row.body.expiresAt ? {} : { until: expiresAt }),
      }),
    );
    ports.metrics.count('lockstep_leases', { outcome: 'issued', kind: lease.kind });
    const { egress } = wish.what;
    return { status: 'issued', lease: viewOf(lease), value: issued.value.reveal(), egress };
  } catch (error) {
    ports.metrics.count('lockstep_leases', { outcome: 'not-handed-over', kind: row.body.kind });
    // Best effort: the row that is due in a minute does the same.
    await tellToEnd(ports, row.body.id, { why: 'never-handed-over', by: row.body.holder }).catch(
      () => undefined,
    );
    throw error;
  }
}

async function makeAndRecord(
  ports: GrantPorts,
  asking: Asking,
  row: LedgerRow<'lease'>,
): Promise<{ readonly issued: Issued; readonly lease: Lease }> {
  const issued = await make(ports, asking, row.body);
  const lease = await recordLive(ports, row, issued);
  await setTimer(ports, lease);
  return { issued, lease };
}

const make = (ports: GrantPorts, { door }: Asking, lease: Lease): Promise<Issued> =>
  ports.leases.call(lease.kind, {
    do: 'issue',
    leasable: lease.leasable,
    lease: lease.id,
    fence: lease.fence,
    holder: lease.holder,
    purpose: lease.purpose,
    expiresAt: lease.expiresAt,
    // Later it is told to end, and an issue that is still on its way must make nothing behind that.
    notAfter: lease.dueAt,
    // Whoever has it is that holder for as long as it lives: a lease function that does not exchange it has no use for it.
    ...(door.proof !== undefined && ports.capabilitiesOf(lease.kind)?.takesHolderToken === true
      ? { proof: door.proof }
      : {}),
  });

/** From here on it is handed over. Fails where somebody has told it to end meanwhile. */
async function recordLive(
  ports: GrantPorts,
  row: LedgerRow<'lease'>,
  { key, value, expiresAt }: Issued,
): Promise<Lease> {
  const end = endOf(ports, row.body, expiresAt);
  const lease: Lease = {
    ...row.body,
    phase: 'live',
    key,
    valueDigest: leaseDigest(value, row.body.id),
    expiresAt: end,
    // What cannot be renewed ends when it ends, whatever its target made of the time that was asked for.
    ...(ports.capabilitiesOf(row.body.kind)?.renewable === true ? {} : { longestUntil: end }),
    dueAt: end,
  };
  await ports.ledger.commit([
    replace(row, lease),
    // In one minute with what it replaces, it is the same row and stays.
    ...(duePlace(lease).partition === duePlace(row.body).partition
      ? []
      : [unpoint(duePlace(row.body)), point(duePlace(lease), lease.id)]),
  ]);
  return lease;
}

/** What the ledger holds is never shorter than what may work at the target, where nobody can end it there. */
function endOf(ports: GrantPorts, lease: Lease, atTarget: Instant | undefined): Instant {
  if (atTarget === undefined) return lease.expiresAt;
  const isRevocable = ports.capabilitiesOf(lease.kind)?.revocable ?? true;
  return isRevocable ? earliest(lease.expiresAt, atTarget) : latest(lease.expiresAt, atTarget);
}

/** One of three nets. Where it cannot be spread, the target's own end and the sweeper still are. */
export async function setTimer(ports: GrantPorts, lease: Lease): Promise<void> {
  const source = { ...ports, environment: ports.inventory.environment };
  const event = makeEvent(source, 'lease.due', { lease: lease.id });
  await ports.timer.schedule(`lease-${lease.id}`, lease.expiresAt, event).catch(() => undefined);
}

function subjectOf(
  ports: GrantPorts,
  asking: Asking,
  { leasable, id, actingFor, approval, purpose, expiresAt, breakGlass }: Lease,
  { ttlSeconds, right }: Pick<Wish, 'ttlSeconds'> & { readonly right: Decision },
): AuditSubject {
  return {
    chain: leasable,
    action: 'lease',
    who: actorOf(ports, asking),
    what: {
      credential: leasable,
      lease: id,
      ...(actingFor === undefined ? {} : { actingFor }),
      ...(approval === undefined ? {} : { approval }),
      ttlSeconds: String(ttlSeconds),
      until: expiresAt,
    },
    why: {
      cause: 'lease',
      purpose,
      ...decidedBy(ports, [right]),
      ...(breakGlass === undefined ? {} : { reason: `the glass was broken: ${breakGlass.reason}` }),
    },
  };
}

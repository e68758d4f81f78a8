import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { callerKey } from '../core/access/caller.ts';
import { isOpen } from '../core/access/lease-end.ts';
import type { Lease } from '../core/access/lease.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { LockstepError } from '../core/errors.ts';
import { makeEvent } from '../core/make-event.ts';
import { create } from '../core/ports/ledger.ts';
import { instant } from '../core/time.ts';
import { carryOutOrder } from '../sweep-leases/carry-out-order.ts';
import { findLease } from './find-lease.ts';
import type { GrantPorts } from './grant-ports.ts';
import { plainReason } from './plain-text.ts';
import { actorOf, decidedBy, type Decision } from './on-record.ts';
import { orRefuse, type Decided } from './refusals.ts';
import { rightTo, type Asking } from './right.ts';
import { aboutOf, assertThere, meantBy, thatOrAll } from './whose-leases.ts';

/** Pages that are gone through before there is an answer; the rest follows in the background. */
const PAGES_AT_ONCE = 4;

type Revoke = AccessAsks['revoke'];

/**
 * Ends leases of others, by the right to revoke on everything that may be hit: for a person's or an agent's leases, and
 * for all, that is everything there is. It is told in the ledger; the answer says how many, and whether more follow.
 *
 * Nothing of it waits for the audit, and its volume blocks nobody: an order that is not carried out yet is a row that the
 * sweeper goes on with.
 */
export function revokeLeases(
  ports: GrantPorts,
  asking: Asking,
  ask: Revoke,
): Promise<AccessAnswers['revoke']> {
  return ask.by === 'lease' ? revokeOne(ports, asking, ask) : revokeMany(ports, asking, ask);
}

async function revokeOne(
  ports: GrantPorts,
  asking: Asking,
  { name = '', reason }: Revoke,
): Promise<AccessAnswers['revoke']> {
  const { row, named } = await findLease(ports, asking.caller, name);
  const said = plainReason(reason, 'the reason to revoke');
  return orRefuse(ports, asking, { action: 'revoke-leases', named }, async (decided) => {
    const rights = assertMayRevoke(ports, asking, thatOrAll(ports, named), decided);
    if (!row) throw new LockstepError('UNKNOWN_LEASE', 'the ledger has no lease of that id');
    await tellToEnd(ports, row.body.id, { why: 'revoked', by: callerKey(asking.caller) });
    await audit(ports, asking, { chain: row.body.leasable, lease: row.body, reason: said, rights });
    return { ending: isOpen(row.body) ? 1 : 0, more: false };
  });
}

async function revokeMany(ports: GrantPorts, asking: Asking, ask: Revoke): Promise<AccessAnswers['revoke']> {
  const named = aboutOf(ports, ask);
  const reason = plainReason(ask.reason, 'the reason to revoke');
  return orRefuse(ports, asking, { action: 'revoke-leases', named }, async (decided) => {
    const meant = await meantBy(ports, ask);
    const rights = assertMayRevoke(ports, asking, meant.concerned, decided);
    await assertThere(ports, ask, meant);
    const id = ports.newId();
    const source = { ...ports, environment: ports.inventory.environment };
    const order = {
      why: 'revoked' as const,
      by: callerKey(asking.caller),
      reason,
      at: instant(ports.clock()),
      partitions: meant.partitions,
      ...(meant.target === undefined ? {} : { target: meant.target }),
      ended: 0,
    };
    await ports.ledger.commit(
      [create('lease-order', 'open', id, order)],
      [makeEvent(source, 'leases.due', {})],
    );
    const what = ask.name === undefined ? ask.by : `${ask.by} ${ask.name.slice(0, 200)}`;
    const chain = ask.by === 'leasable' ? named.leasable.name : 'operations';
    await audit(ports, asking, { chain, reason: `${what}: ${reason}`, rights });
    const { ended, isDone } = await carryOutOrder(ports, id, PAGES_AT_ONCE);
    return { ending: ended, more: !isDone };
  });
}

function assertMayRevoke(
  ports: GrantPorts,
  asking: Asking,
  concerned: readonly Leasable[],
  decided: Decided,
): readonly Decision[] {
  // Asked for everything in any case, so that an answer does not come sooner where there is what was named.
  const rights = accessOf(ports.inventory)
    .leasables.map((leasable) => ({ leasable, right: rightTo(ports, asking, 'revoke', leasable) }))
    .filter(({ leasable }) => concerned.includes(leasable));
  for (const { right } of rights) decided(right);
  const missing = rights.filter(({ right }) => !right.allowed).map(({ leasable }) => leasable.name);
  if (concerned.length > 0 && missing.length === 0) return rights.map(({ right }) => right);
  throw new LockstepError(
    'POLICY_DENIED',
    concerned.length === 0
      ? 'nothing that can be leased is meant by that'
      : `no policy lets this caller revoke leases of ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ' …' : ''}`,
  );
}

interface Revoked {
  readonly chain: string;
  readonly lease?: Lease;
  readonly reason: string;
  readonly rights: readonly Decision[];
}

const aboutLease = ({ id, actingFor, expiresAt }: Lease) => ({
  lease: id,
  ...(actingFor === undefined ? {} : { actingFor }),
  until: expiresAt,
});

/** Behind the ledger, and without waiting: the appender counts what it could not write. */
const audit = (ports: GrantPorts, asking: Asking, { chain, lease, reason, rights }: Revoked): Promise<void> =>
  auditFact(
    ports,
    {
      chain,
      action: 'revoke-leases',
      who: actorOf(ports, asking),
      what: { credential: chain, ...(lease === undefined ? {} : aboutLease(lease)) },
      why: {
        cause: 'lease',
        ...(lease === undefined ? {} : { purpose: lease.purpose }),
        reason,
        ...decidedBy(ports, rights),
      },
    },
    'decision',
  ).catch(() => undefined);

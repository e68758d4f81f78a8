import { callerKey, type Caller } from '../core/access/caller.ts';
import { isLeaseId } from '../core/access/lease-id.ts';
import type { Lease } from '../core/access/lease.ts';
import { LockstepError } from '../core/errors.ts';
import type { LedgerRow } from '../core/ports/ledger.ts';
import { printable } from '../core/watch/principal.ts';
import { findNamed, type Named } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf } from './on-record.ts';
import { reportMisuse } from './report-misuse.ts';
import { rightTo, type Asking } from './right.ts';

/** A lease that somebody named, and what was leased. */
export interface FoundLease {
  readonly row: LedgerRow<'lease'> | undefined;
  readonly named: Named;
  /** Whether the caller is the very one that it was issued to, acting for the same person. */
  readonly isHolder: boolean;
}

/** Looks a lease up. One that there is not goes the way of one that is another's. */
export async function findLease(ports: GrantPorts, caller: Caller, id: string): Promise<FoundLease> {
  const row = isLeaseId(id) ? await ports.ledger.read('lease', id, 'lease') : undefined;
  return {
    row,
    named: findNamed(ports, row?.body.leasable ?? ''),
    isHolder: row !== undefined && isHolder(row.body, caller),
  };
}

/**
 * Whether policy lets somebody end a lease that is another's. They are shown its id, have most likely taken the wrong
 * command, and may know which is the right one.
 */
export const mayRevoke = (ports: GrantPorts, asking: Asking, { row, named }: FoundLease): boolean =>
  row !== undefined && named.isDeclared && rightTo(ports, asking, 'revoke', named.leasable).allowed;

const isHolder = ({ holder, actingFor }: Lease, caller: Caller): boolean =>
  holder === callerKey(caller) && actingFor === actingForOf(caller).actingFor;

/**
 * The lease, for its holder. Somebody else who names it has come by an id that only its holder was given: that is a
 * finding. Throws `NOT_THE_HOLDER`, `UNKNOWN_LEASE`.
 */
export async function ofHolder(
  ports: GrantPorts,
  asking: Asking,
  found: FoundLease,
): Promise<LedgerRow<'lease'>> {
  const { row, isHolder: isOwn } = found;
  if (!row) throw new LockstepError('UNKNOWN_LEASE', 'the ledger has no lease of that id');
  if (isOwn) return row;
  const { caller } = asking;
  const { id, leasable, holder, actingFor } = row.body;
  const isRevoker = mayRevoke(ports, asking, found);
  await reportMisuse(ports, {
    rule: 'foreign-lease',
    caller,
    leasable,
    subject: id,
    reasons: [
      `Who: ${printable(callerKey(caller))}${asActing(actingForOf(caller).actingFor)}, as ${printable(caller.principal)}.`,
      `What: it asked the broker about lease ${id} of ${leasable}, which belongs to ${printable(holder)}${asActing(actingFor)}.`,
      isRevoker
        ? 'Perhaps: it may end this lease as somebody who may revoke, and is shown its id; renewing and releasing is for the holder.'
        : 'Odd: the id of a lease is told to its holder and to whoever may revoke it, and cannot be guessed.',
    ],
  });
  throw new LockstepError(
    'NOT_THE_HOLDER',
    `lease ${id} of ${leasable} belongs to ${printable(holder)}${asActing(actingFor)}; nobody else can renew or release it${
      isRevoker ? `; you may end it: lockstep revoke-leases lease ${id} --reason '…'` : ''
    }`,
  );
}

const asActing = (person: string | undefined): string =>
  person === undefined ? '' : ` for ${printable(person)}`;

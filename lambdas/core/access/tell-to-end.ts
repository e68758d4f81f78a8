import { isLockstepError, LockstepError } from '../errors.ts';
import { makeEvent } from '../make-event.ts';
import type { NewId } from '../ports/ids.ts';
import type { Ledger, LedgerRow } from '../ports/ledger.ts';
import { instant, type Clock } from '../time.ts';
import { duePlace } from './lease-pointers.ts';
import { endingOf, isOpen, tellWrites, type EndOrder } from './lease-end.ts';
import type { Lease } from './lease.ts';

/** What telling a lease to end needs from outside. */
export interface TellPorts {
  readonly inventory: { readonly environment: string };
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** How often a lease that others change is read again. */
const ATTEMPTS = 5;

/**
 * Tells one lease to end, in the ledger, and has it ended at its target behind that. A lease that has been told before,
 * or that there is not, stays as it is.
 *
 * @param isMeant whether it is still meant, as it is at the moment of telling: it may have been renewed meanwhile
 * @returns the lease as it is now; `undefined` where the ledger has none of that id
 */
export async function tellToEnd(
  ports: TellPorts,
  id: string,
  end: Omit<EndOrder, 'at'>,
  isMeant: (lease: Lease) => boolean = () => true,
): Promise<Lease | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await ports.ledger.read('lease', id, 'lease');
    if (!row || !isOpen(row.body) || !isMeant(row.body)) return row?.body;
    const order = { ...end, at: instant(ports.clock()) };
    const isPointed = attempt === 1 || (await hasPointer(ports, row.body));
    if (await isTold(ports, row, order, isPointed)) return endingOf(row.body, order);
  }
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `lease ${id} was changed by others ${ATTEMPTS} times in a row while it was told to end; it is tried again`,
  );
}

/** Read only where the commit failed: a pointer that is gone must not keep its lease alive. */
async function hasPointer({ ledger }: TellPorts, lease: Lease): Promise<boolean> {
  const { partition, id } = duePlace(lease);
  return (await ledger.read('lease-due', partition, id)) !== undefined;
}

async function isTold(
  ports: TellPorts,
  row: LedgerRow<'lease'>,
  end: EndOrder,
  isPointed: boolean,
): Promise<boolean> {
  const source = { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId };
  try {
    await ports.ledger.commit(tellWrites(row, end, isPointed), [
      makeEvent(source, 'lease.due', { lease: row.body.id }),
    ]);
    return true;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return false;
    throw error;
  }
}

import type { Dependent, Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import type { Delivery } from '../core/ledger-rows.ts';
import { create, replace, type Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Notice, Propagator } from '../core/ports/propagator.ts';
import type { Adoption, Rotation } from '../core/rotation/rotation.ts';
import { instant, type Clock } from '../core/time.ts';

/** What telling needs from outside. */
export interface TellPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly propagator: Propagator;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

type Changed = EventOf<'credential.changed'>;

/**
 * Tells one dependent of one change. Told is not adopted: nothing here moves the rotation.
 *
 * A notice that has been overtaken (a later change, the end of the rotation) is dropped. A failure is
 * recorded and thrown, so that the queue tries again with backoff and in the end keeps a dead letter.
 */
export async function tellDependent(ports: TellPorts, event: Changed): Promise<void> {
  const { detail } = event;
  const rotation = (await ports.ledger.read('rotation', detail.credential, detail.rotation))?.body;
  if (!rotation || isOvertaken(rotation, detail)) return count(ports, detail.dependentKind, 'overtaken');

  const dependent = dependentOf(ports, rotation, detail.dependent);
  const deliveryId = `${detail.rotation}#${detail.change}#${detail.expectation?.id ?? ''}#${detail.dependent}`;
  try {
    const told = await ports.propagator.tell(dependent, noticeOf(event, deliveryId));
    await recordDelivery(ports, event, deliveryId, { status: 'told' });
    count(ports, detail.dependentKind, told);
  } catch (error) {
    const gone = isLockstepError(error, 'DEPENDENT_REFUSED');
    const code = isLockstepError(error) ? error.code : 'UNEXPECTED';
    await recordDelivery(ports, event, deliveryId, { status: gone ? 'gone' : 'failing', lastError: code });
    count(ports, detail.dependentKind, gone ? 'refused' : 'failed');
    throw error;
  }
}

const count = ({ metrics }: TellPorts, dependentKind: string, outcome: string): void =>
  metrics.count('lockstep_deliveries', { outcome, dependent_kind: dependentKind });

function isOvertaken(rotation: Rotation, { change, dependent, expectation }: Changed['detail']): boolean {
  const { phase, rollback, adoption, endedBecause } = rotation;
  switch (change) {
    case 'promoted':
    case 'unadopted':
    case 'rolled-back': {
      const isBack = change === 'rolled-back';
      if (isBack !== (rollback !== undefined) || endedBecause === 'breach') return true;
      if (wasCountedUnproved(isBack ? rollback?.returned[dependent] : adoption[dependent])) return false;
      const isWaitedFor = phase === 'adopting' || phase === 'rolling-back' || phase === 'promoted';
      return !isWaitedFor || (expectation !== undefined && expectation.id !== rotation.expectation);
    }
    case 'disabled':
      return phase !== 'disabled' && phase !== 'retired';
  }
}

/** Forced, or counted by the deadline policy: it has not moved, and needs to hear where to more than ever. */
const wasCountedUnproved = (adoption: Adoption | undefined): boolean =>
  adoption?.by === 'force' || adoption?.by === 'deadline-policy';

/** The dependent as it was frozen in the rotation; its address may have been mended in the inventory since. */
function dependentOf({ inventory }: TellPorts, rotation: Rotation, name: string): Dependent {
  const today = findCredential(inventory, rotation.credential).dependents.find((each) => each.name === name);
  const found = today ?? rotation.dependents.find((each) => each.name === name);
  if (found) return found;
  throw new LockstepError(
    'MALFORMED_EVENT',
    `rotation ${rotation.token} of ${rotation.credential} has no dependent of that name`,
  );
}

function noticeOf({ at, environment, detail }: Changed, id: string): Notice {
  const { credential, kind, rotation, change, version, replaces, dependent, expectation } = detail;
  return {
    id,
    at,
    environment,
    credential,
    kind,
    rotation,
    change,
    version,
    dependent,
    ...(replaces === undefined ? {} : { replaces }),
    ...(expectation === undefined ? {} : { expectation }),
  };
}

/** Bookkeeping for `status`. Two deliveries at once may overwrite each other's count, which harms nobody. */
async function recordDelivery(
  { ledger, clock }: TellPorts,
  { detail }: Changed,
  id: string,
  outcome: Pick<Delivery, 'status' | 'lastError'>,
): Promise<void> {
  const known = await ledger.read('delivery', detail.credential, id);
  const body: Delivery = {
    rotation: detail.rotation,
    change: detail.change,
    dependent: detail.dependent,
    attempts: (known?.body.attempts ?? 0) + 1,
    at: instant(clock()),
    ...outcome,
  };
  const write = known ? replace(known, body) : create('delivery', detail.credential, id, body);
  await ledger.commit([write]).catch((error: unknown) => {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
  });
}

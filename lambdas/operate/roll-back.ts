import type { Orders } from '../contracts/orders.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { secretName } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import { findCredential } from '../core/find-credential.ts';
import { withLock } from '../core/lock/credential-lock.ts';
import { replace } from '../core/ports/ledger.ts';
import { readRotation, recordTransition } from '../core/rotation/record-transition.ts';
import { isOver, type Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { unfinishedRotation } from './hold-credential.ts';
import {
  eventNow,
  orderSubject,
  type OperatePorts,
  type Operator,
  type OrderAnswer,
} from './operate-ports.ts';

/**
 * Orders the way back. Before promotion that means giving the successor up; after it the predecessor is
 * brought back, proved, made current, and the dependents are sent for. Refused once it has been revoked.
 */
export async function rollBack(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['roll-back'],
): Promise<OrderAnswer> {
  const { credential, reason } = order;
  findCredential(ports.inventory, credential);
  const token = await unfinishedRotation(ports, credential);
  const { body: rotation } = await readRotation(ports.ledger, credential, token);
  assertReversible(rotation);
  await auditFact(
    ports,
    orderSubject(ports, operator, 'roll-back', { credential, reason, rotation: token }),
    'decision',
  );
  const record = () => recordOrder(ports, rotation, { by: operator.name, reason });
  const after = rotation.promotedAt ? await record() : await whileNobodyPromotes(ports, rotation, record);
  if (after.phase === 'abandoned')
    ports.metrics.count('lockstep_rotations', { outcome: 'abandoned', kind: after.kind });
  const how = after.phase === 'abandoned' ? 'was given up; nobody had used its successor' : 'is rolling back';
  return {
    said: `rotation ${token} of ${credential} ${how}`,
    facts: { credential, rotation: token, phase: after.phase },
  };
}

/**
 * Promotion looks, moves the label and writes it down under the credential's lock. An order that came in
 * between would give up a version that dependents are already reading; so would one that came after a process
 * that died between the move and its record, which only the vault knows of.
 */
function whileNobodyPromotes<T>(
  ports: OperatePorts,
  rotation: Rotation,
  order: () => Promise<T>,
): Promise<T> {
  const holder = { holder: ports.newId(), seconds: 60 };
  return withLock(ports.ledger, ports.clock, [rotation.credential], holder, async (lock) => {
    await assertNotPromoted(ports, rotation);
    await lock.assertHeld();
    return order();
  });
}

/** What the ledger knows to be promoted by now goes back in the ledger's own way. */
async function assertNotPromoted(ports: OperatePorts, { credential, token }: Rotation): Promise<void> {
  if ((await readRotation(ports.ledger, credential, token)).body.promotedAt) return;
  const { versions } = await ports.vault.describe(secretName(ports.inventory.environment, credential));
  if (!versions[token]?.includes('AWSCURRENT')) return;
  await ports.bus.publish([eventNow(ports, 'reconcile.due', { credential })]);
  throw new LockstepError(
    'NOT_YET',
    `rotation ${token} of ${credential} has been promoted, and the ledger has not heard of it; reconcile was called: give the order again in a moment`,
    { retryAfterSeconds: 5 },
  );
}

async function recordOrder(
  ports: OperatePorts,
  { credential, token }: Rotation,
  by: { readonly by: string; readonly reason: string },
): Promise<Rotation> {
  const event = { type: 'roll-back-ordered' as const, at: instant(ports.clock()), ...by };
  return recordTransition(ports.ledger, credential, token, event, async (changed, before) => {
    // Asked again: while the order was on its way, a step may have gone where there is no way back from.
    assertReversible(before);
    if (!isOver(changed))
      return { events: [eventNow(ports, 'rotation.advanced', { credential, rotation: token })] };
    const state = await ports.ledger.read('credential', credential, 'state');
    const events = [eventNow(ports, 'reconcile.due', { credential })];
    if (state?.body.active !== token) return { events };
    const { active: _ended, ...free } = state.body;
    return { writes: [replace(state, free)], events };
  });
}

function assertReversible({ strategy, reached, phase, token, credential, cause }: Rotation): void {
  if (cause === 'breach') {
    throw new LockstepError(
      'PREDECESSOR_REVOKED',
      `rotation ${token} of ${credential} answers a breach: everything before it has been stopped, and there is nothing to go back to; declare the breach again, and another value is made`,
    );
  }
  const mayHaveBeenInstalled = reached !== 'requested' || (phase !== 'requested' && phase !== 'failed');
  if (strategy !== 'in-place' || !mayHaveBeenInstalled) return;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `rotation ${token} of ${credential} changes its account in place: the target may know only the new value. Let it finish, then rotate again`,
  );
}

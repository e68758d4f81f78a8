import type { Orders } from '../contracts/orders.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { LockstepError } from '../core/errors.ts';
import { findCredential } from '../core/find-credential.ts';
import { assertUnturned, readRotation, recordTransition } from '../core/rotation/record-transition.ts';
import { missingAdopters, missingReturners, type Rotation } from '../core/rotation/rotation.ts';
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
 * Counts the named missing dependents of the one waiting rotation as adopted, on the record. Starts nothing,
 * passes no hold, shortens no drain.
 */
export async function forceAdoption(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['force'],
): Promise<OrderAnswer> {
  const { credential, dependents, reason } = order;
  findCredential(ports.inventory, credential);
  const token = await unfinishedRotation(ports, credential);
  const { body: rotation } = await readRotation(ports.ledger, credential, token);
  assertMissing(rotation, dependents);
  await auditFact(
    ports,
    orderSubject(ports, operator, 'force', {
      ...order,
      rotation: token,
      reason: `${dependents.join(', ')}: ${reason}`,
    }),
    'decision',
  );
  const at = instant(ports.clock());
  const adoption = { by: 'force' as const, at, who: operator.name, reason };
  for (const dependent of dependents) {
    await recordTransition(
      ports.ledger,
      credential,
      token,
      { type: 'dependent-adopted', at, dependent, adoption },
      (_after, before) => {
        // Forced on one way, a dependent has not moved on the other.
        assertUnturned(rotation, before);
        return { events: [eventNow(ports, 'rotation.advanced', { credential, rotation: token })] };
      },
    );
  }
  return {
    said: `${dependents.join(', ')} count as adopted in rotation ${token} of ${credential}`,
    facts: { credential, rotation: token, dependents },
  };
}

function assertMissing(rotation: Rotation, dependents: readonly string[]): void {
  const { phase, token, credential } = rotation;
  if (phase !== 'adopting' && phase !== 'rolling-back') {
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential} is ${phase}; it waits for nobody`,
    );
  }
  const missing = (phase === 'rolling-back' ? missingReturners(rotation) : missingAdopters(rotation)).map(
    ({ name }) => name,
  );
  const others = dependents.filter((name) => !missing.includes(name));
  if (dependents.length === 0 || others.length > 0) {
    const waits = missing.length > 0 ? missing.join(', ') : 'nobody';
    throw new LockstepError(
      'MALFORMED_REQUEST',
      `name dependents that are missing; rotation ${token} of ${credential} waits for ${waits}`,
    );
  }
}

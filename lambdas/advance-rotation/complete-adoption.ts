import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import type { AdvancePorts } from './advance-ports.ts';

/** Nobody is missing any more: the drain begins. */
export async function completeAdoption(
  { ledger, clock }: AdvancePorts,
  { credential, token }: Rotation,
): Promise<void> {
  await recordTransition(ledger, credential, token, { type: 'adoption-completed', at: instant(clock()) });
}

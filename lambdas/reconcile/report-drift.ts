import { isOver } from '../core/rotation/rotation.ts';
import { discrepancy, type Discrepancy, type Situation } from './reconcile-ports.ts';

/** What only a person can judge: labels and ledger that disagree with nothing under way to explain it. */
export function reportDrift(situation: Situation): readonly Discrepancy[] {
  const { secret, state, active } = situation;
  if (!state?.adoptedAt || (active && !isOver(active))) return [];
  const current = Object.entries(secret.versions).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  const found: Discrepancy[] = [];
  if (current !== state.current) {
    const what = `AWSCURRENT is on ${current ?? 'no version'}, the ledger believes ${state.current ?? 'none'}: somebody else moved it`;
    found.push(discrepancy(situation, 'reported', what));
  }
  if (secret.rotationEnabled === false)
    found.push(discrepancy(situation, 'reported', 'rotation is switched off in Secrets Manager'));
  if (secret.replicaRegions.length > 0) {
    found.push(
      discrepancy(
        situation,
        'reported',
        `it is replicated to ${secret.replicaRegions.join(', ')}: not supported yet`,
      ),
    );
  }
  return found;
}

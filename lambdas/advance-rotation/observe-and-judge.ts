import { judgeSessions, negativeEvidence } from '../core/adoption/evidence.ts';
import { slowestCacheSeconds, type Dependent } from '../core/credential.ts';
import type { Observation } from '../core/ports/rotator.ts';
import { quietFrom } from '../core/rotation/next-step.ts';
import {
  missingAdopters,
  missingReturners,
  type Adoption,
  type EvidenceTrail,
  type NegativeEvidence,
  type Rotation,
} from '../core/rotation/rotation.ts';
import { instant, secondsAfter, secondsBetween } from '../core/time.ts';
import { advance, credentialOf, type AdvancePorts } from './advance-ports.ts';
import { bringBack } from './bring-back.ts';
import { recordAdoption } from './count-acknowledgements.ts';

/**
 * Looks at the target once and draws the conclusions: adoption by sessions, and use of the version that is to
 * go. After adoption such use brings the rotation back to waiting, with the predecessor enabled first.
 */
export async function observeAndJudge(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { family } = credentialOf(ports, rotation);
  const { credential, token } = rotation;
  // Disabling asks for the phase under the lock: after this nobody does who has not seen that it is in use.
  if (rotation.phase === 'adopting' && rotation.inUse)
    await ports.targets.call(family, { do: 'enable', credential, rotation: token });
  const seen = await ports.targets.call(family, { do: 'observe', credential, rotation: token });
  if ('unsupported' in seen) {
    await advance(ports, rotation, {
      type: 'observed',
      at: instant(ports.clock()),
      trails: {},
    });
    return;
  }
  const evidence = usedThough(rotation, seen);
  if (evidence && (rotation.phase === 'adopted' || rotation.phase === 'disabled'))
    return bringBack(ports, rotation, evidence);

  const verdicts = judgeWaiting(rotation, seen);
  const trails: Record<string, EvidenceTrail> = Object.fromEntries(
    verdicts.map(({ name, trail }) => [name, trail]),
  );
  await advance(ports, rotation, {
    type: 'observed',
    at: seen.at,
    trails,
    ...(evidence && (rotation.inUse || rotation.rollback) ? { inUse: evidence } : {}),
  });
  for (const { name, kind, adoption } of verdicts) {
    if (!adoption) continue;
    await recordAdoption(ports, rotation, name, adoption);
    if (rotation.promotedAt) {
      const lag = Math.max(0, secondsBetween(rotation.promotedAt, adoption.at));
      ports.metrics.observe('lockstep_adoption_seconds', { dependent_kind: kind }, lag);
    }
  }
}

/** Use of the version that is to go which nobody should make any more; before all have moved it is how things are. */
function usedThough(rotation: Rotation, seen: Observation): NegativeEvidence | undefined {
  const { phase, rollback, dependents } = rotation;
  if (phase === 'promoted') return undefined;
  if (phase === 'rolling-back') {
    const returnedAt = rollback?.returnedAt;
    if (returnedAt === undefined) return undefined;
    return negativeEvidence(
      dependents,
      seen,
      'successor',
      secondsAfter(returnedAt, slowestCacheSeconds(dependents)),
    );
  }
  const isComplete = missingAdopters(rotation).length === 0;
  if (!isComplete) return undefined;
  const quiet = rotation.adoptedAt ? quietFrom(rotation) : (rotation.inUse?.at ?? seen.at);
  return negativeEvidence(dependents, seen, 'predecessor', quiet);
}

interface Verdict {
  readonly name: string;
  readonly kind: string;
  readonly trail: EvidenceTrail;
  readonly adoption?: Adoption;
}

function judgeWaiting(rotation: Rotation, seen: Observation): readonly Verdict[] {
  const isReturning = rotation.phase === 'rolling-back';
  const waitedFor = isReturning ? missingReturners(rotation) : missingAdopters(rotation);
  const witnessed = waitedFor.filter(({ evidence }: Dependent) => evidence?.suffices === true);
  return witnessed.map((dependent) => ({
    name: dependent.name,
    kind: dependent.kind,
    ...judgeSessions(
      dependent,
      rotation.evidence[dependent.name],
      seen,
      isReturning ? 'predecessor' : 'successor',
    ),
  }));
}

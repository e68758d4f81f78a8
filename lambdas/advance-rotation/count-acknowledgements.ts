import { auditFact } from '../core/audit/audited-effect.ts';
import { sameDigest, tagDigest } from '../core/adoption/acknowledgement-tag.ts';
import type { Acknowledgement, Expectation } from '../core/ledger-rows.ts';
import {
  missingAdopters,
  missingReturners,
  type Adoption,
  type Rotation,
} from '../core/rotation/rotation.ts';
import { secondsBetween } from '../core/time.ts';
import { advance, decisionSubject, type AdvancePorts } from './advance-ports.ts';

/**
 * Counts the acknowledgements that are in the ledger, each verified once more against its expectation:
 * somebody who can write acknowledgement rows, but cannot read the value, adopts nothing.
 */
export async function countAcknowledgements(ports: AdvancePorts, rotation: Rotation): Promise<Rotation> {
  const waitedFor =
    rotation.phase === 'rolling-back' ? missingReturners(rotation) : missingAdopters(rotation);
  if (!isWaiting(rotation) || waitedFor.length === 0 || rotation.expectation === undefined) return rotation;

  const { ledger } = ports;
  const expectation = (await ledger.read('expectation', rotation.credential, rotation.expectation))?.body;
  if (!expectation) return rotation;

  let counted = rotation;
  for (const { name, kind } of waitedFor) {
    const proof = (
      await ledger.read('acknowledgement', rotation.credential, `${rotation.expectation}#${name}`)
    )?.body;
    if (!proof || !proves(expectation, rotation.expectation, name, proof)) continue;
    const adoption: Adoption = { by: 'acknowledgement', at: proof.at };
    counted = await recordAdoption(ports, rotation, name, adoption);
    observeLag(ports, rotation, kind, proof);
  }
  return counted;
}

/** On the way back the expectation in force is the successor's until the predecessor has been restored. */
const isWaiting = ({ phase, rollback }: Rotation): boolean =>
  phase === 'promoted' ||
  phase === 'adopting' ||
  (phase === 'rolling-back' && rollback?.restoredAt !== undefined);

function proves(expectation: Expectation, id: string, dependent: string, proof: Acknowledgement): boolean {
  const expected = expectation.expected[dependent];
  if (!expected || proof.dependent !== dependent || proof.expectation !== id) return false;
  return sameDigest(tagDigest(proof.tag), expected.tagDigest);
}

/** Writes one proof of adoption down, in the rotation and in the audit. */
export async function recordAdoption(
  ports: AdvancePorts,
  rotation: Rotation,
  dependent: string,
  adoption: Adoption,
): Promise<Rotation> {
  const subject = decisionSubject(ports, rotation, 'adopt-dependent', {
    dependent,
    reason: `proved by ${adoption.by}`,
  });
  await auditFact(ports, subject, 'outcome', { outcome: 'done' });
  const at = adoption.at;
  return advance(ports, rotation, { type: 'dependent-adopted', at, dependent, adoption });
}

function observeLag(
  { metrics }: AdvancePorts,
  rotation: Rotation,
  dependentKind: string,
  proof: Acknowledgement,
): void {
  const labels = { dependent_kind: dependentKind };
  if (rotation.promotedAt) {
    metrics.observe(
      'lockstep_adoption_seconds',
      labels,
      Math.max(0, secondsBetween(rotation.promotedAt, proof.at)),
    );
  }
  if (proof.fetchMs !== undefined)
    metrics.observe('lockstep_dependent_fetch_milliseconds', labels, proof.fetchMs);
}

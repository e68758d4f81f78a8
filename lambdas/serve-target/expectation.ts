import { acknowledgementTag, tagDigest } from '../core/adoption/acknowledgement-tag.ts';
import type { Dependent } from '../core/credential.ts';
import type { Change } from '../core/events.ts';
import type { Expectation } from '../core/ledger-rows.ts';
import type { HeldVersion } from '../core/ports/rotator.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import type { Instant } from '../core/time.ts';
import type { TargetPorts } from './target-ports.ts';

/** Of whom what is expected. */
export interface ExpectationRequest {
  readonly rotation: Rotation;
  readonly held: HeldVersion;
  readonly change: Change;
  readonly dependents: readonly Dependent[];
  readonly at: Instant;
}

/**
 * What an acknowledgement will be compared with. Only here, where the value can be read, can the tags be
 * known; the ledger gets a digest of each, so that its readers can recognise a tag and not make one.
 */
export function expectationOf(
  ports: Pick<TargetPorts, 'newId'>,
  { rotation, held, change, dependents, at }: ExpectationRequest,
): Expectation {
  const entries = dependents.map(({ name, workload }) => {
    const nonce = ports.newId();
    const subject = {
      credential: rotation.credential,
      version: held.version,
      rotation: rotation.token,
      dependent: name,
      nonce,
    };
    return [
      name,
      { workload, nonce, tagDigest: tagDigest(acknowledgementTag(held.value, subject)) },
    ] as const;
  });
  return {
    rotation: rotation.token,
    version: held.version,
    change,
    at,
    expected: Object.fromEntries(entries),
  };
}

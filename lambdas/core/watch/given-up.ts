import { slowestCacheSeconds } from '../credential.ts';
import { drainEndsAt } from '../rotation/next-step.ts';
import type { Rotation } from '../rotation/rotation.ts';
import { earliest, secondsAfter, type Instant } from '../time.ts';
import type { Access } from './access.ts';
import { SLACK_SECONDS } from './stretch.ts';

/** A version that nobody should read any more. */
export interface GivenUp {
  readonly version: string;
  readonly rotation: string;
  /** When the time in which both versions are read ended. */
  readonly since: Instant;
}

/**
 * The version that an access asked for, if it had been given up by then. Judged by the moments in the
 * ledger against the moment of the access, so a record that comes late is judged as if it came at once.
 *
 * A version that no rotation knows is not judged.
 */
export function givenUpVersion(
  rotations: readonly Rotation[],
  { at, versionId, versionStage }: Pick<Access, 'at' | 'versionId' | 'versionStage'>,
): GivenUp | undefined {
  const ended =
    versionId === undefined ? previousAt(rotations, at, versionStage) : endings(rotations, versionId);
  return ended.find(({ since }) => Date.parse(at) > Date.parse(since) + SLACK_SECONDS * 1000);
}

/** Every moment from which that version should not have been read. */
const endings = (rotations: readonly Rotation[], version: string): readonly GivenUp[] =>
  rotations
    .flatMap((rotation) => [
      ...ending(rotation, rotation.predecessor?.version, predecessorEnd(rotation)),
      ...ending(rotation, rotation.successor?.version, successorEnd(rotation)),
    ])
    .filter((each) => each.version === version);

/** What AWSPREVIOUS meant at a moment: what the last promotion before it replaced, or what a roll-back gave up. */
function previousAt(
  rotations: readonly Rotation[],
  at: Instant,
  stage: string | undefined,
): readonly GivenUp[] {
  if (stage !== 'AWSPREVIOUS') return [];
  const before = (moment: Instant | undefined): boolean =>
    moment !== undefined && Date.parse(moment) <= Date.parse(at) + SLACK_SECONDS * 1000;
  const [last] = rotations
    .filter(({ promotedAt }) => before(promotedAt))
    .sort((one, other) => Date.parse(other.promotedAt ?? '') - Date.parse(one.promotedAt ?? ''));
  if (!last) return [];
  return before(last.rollback?.restoredAt)
    ? ending(last, last.successor?.version, successorEnd(last))
    : ending(last, last.predecessor?.version, predecessorEnd(last));
}

const ending = (
  { token }: Rotation,
  version: string | undefined,
  since: Instant | undefined,
): readonly GivenUp[] =>
  version === undefined || since === undefined ? [] : [{ version, rotation: token, since }];

/** When the overlap of a rotation that went forward ended; `undefined` while it lasts. */
function predecessorEnd(rotation: Rotation): Instant | undefined {
  const { promotedAt, rollback, adoptedAt, disabledAt, endedAt, strategy } = rotation;
  // Not replaced, or replaced and on its way back.
  if (promotedAt === undefined || rollback) return undefined;
  const drained = adoptedAt === undefined ? undefined : drainEndsAt(rotation);
  // Where the target accepts two values, both sides go on reading the old one until they hear `disabled`.
  return first(strategy === 'dual-value' ? disabledAt : drained, endedAt);
}

/** When a successor that came to nothing should have been left. */
function successorEnd(rotation: Rotation): Instant | undefined {
  const { phase, rollback, endedAt, retire, dependents } = rotation;
  if (phase === 'abandoned') return endedAt;
  if (phase !== 'rolling-back' && phase !== 'rolled-back') return undefined;
  const drain = Math.max(retire.drainSeconds, slowestCacheSeconds(dependents));
  return first(
    rollback?.returnedAt === undefined ? undefined : secondsAfter(rollback.returnedAt, drain),
    endedAt,
  );
}

function first(one: Instant | undefined, other: Instant | undefined): Instant | undefined {
  return one === undefined ? other : other === undefined ? one : earliest(one, other);
}

import { slowestCacheSeconds, type Dependent } from '../credential.ts';
import { earliest, latest, reached, secondsAfter, type Instant } from '../time.ts';
import { missingAdopters, missingReturners, type Rotation } from './rotation.ts';

/** The one next thing to do about a rotation. */
export type Step =
  | { readonly do: 'wait'; readonly until?: Instant; readonly for: string }
  | { readonly do: 'fan-out' }
  | { readonly do: 'observe' }
  | { readonly do: 'complete-adoption' }
  | { readonly do: 'decide-deadline'; readonly missing: readonly Dependent[] }
  | { readonly do: 'disable' }
  | { readonly do: 'revoke' }
  | { readonly do: 'restore' }
  | { readonly do: 'nothing' };

/** What the decision depends on besides the rotation itself. */
export interface Circumstances {
  readonly now: Date;
  /** A hold lies on the credential: nothing is disabled or revoked. Adoption goes on. */
  readonly held: boolean;
  /**
   * Since when somebody has been there to tell and to listen, where that is not always so. A deadline counts from
   * there at the earliest: nobody is late who could not have been heard.
   */
  readonly upSince?: Instant;
}

/** Decides. Pure and total, so it is safe to ask again after any crash; time alone never retires anything. */
export function nextStep(rotation: Rotation, circumstances: Circumstances): Step {
  switch (rotation.phase) {
    case 'requested':
    case 'issued':
    case 'installed':
    case 'verified':
    case 'failed':
      return { do: 'wait', for: 'Secrets Manager, which drives the four steps' };
    case 'promoted':
      return { do: 'fan-out' };
    case 'adopting':
      return whileAdopting(rotation, circumstances);
    case 'adopted':
      return whileDraining(rotation, circumstances);
    case 'disabled':
      return whileSoaking(rotation, circumstances);
    case 'rolling-back':
      return whileRollingBack(rotation, circumstances);
    case 'retired':
    case 'abandoned':
    case 'rolled-back':
      return { do: 'nothing' };
  }
}

function whileAdopting(rotation: Rotation, circumstances: Circumstances): Step {
  const missing = missingAdopters(rotation);
  if (missing.length === 0 && !rotation.inUse) return { do: 'complete-adoption' };
  return waitOrDecide(rotation, missing, rotation.adoptingSince ?? rotation.requestedAt, circumstances);
}

function waitOrDecide(
  rotation: Rotation,
  missing: readonly Dependent[],
  since: Instant,
  { now, upSince = since }: Circumstances,
): Step {
  const deadline = secondsAfter(latest(since, upSince), rotation.retire.deadlineSeconds);
  if (!rotation.deadlineDecidedAt && reached(deadline, now)) return { do: 'decide-deadline', missing };

  const look = nextObservation(rotation, missing, now);
  if (look && reached(look, now)) return { do: 'observe' };
  const next = [...(rotation.deadlineDecidedAt ? [] : [deadline]), ...(look ? [look] : [])];
  const [first, ...others] = next;
  const names = missing.map(({ name }) => name).join(', ') || 'sessions on the version that is to go';
  return { do: 'wait', for: names, ...(first === undefined ? {} : { until: earliest(first, ...others) }) };
}

/** When the target has to be looked at next: only while somebody proves itself there, or was seen there. */
function nextObservation(rotation: Rotation, missing: readonly Dependent[], now: Date): Instant | undefined {
  if (!rotation.observable) return undefined;
  const witnessed = missing.flatMap(({ evidence }) =>
    evidence?.suffices ? [evidence.poolLifetimeSeconds] : [],
  );
  if (witnessed.length === 0 && !rotation.inUse) return undefined;
  return rotation.observedAt
    ? secondsAfter(rotation.observedAt, observeEverySeconds(witnessed))
    : now.toISOString();
}

/** Four looks in the shortest pool lifetime, between once a second and once a minute. */
export const observeEverySeconds = (poolLifetimes: readonly number[]): number =>
  Math.max(1, Math.min(...poolLifetimes, 240) / 4);

/** When the predecessor may be disabled: the declared drain, and never before the slowest cache has run out. */
export function drainEndsAt(rotation: Rotation): Instant {
  const adoptedAt = rotation.adoptedAt ?? rotation.requestedAt;
  const promotedAt = rotation.promotedAt ?? rotation.requestedAt;
  return latest(
    secondsAfter(adoptedAt, rotation.retire.drainSeconds),
    secondsAfter(promotedAt, slowestCacheSeconds(rotation.dependents)),
  );
}

/** Since when any use of the predecessor is out of character: adoption is complete and every cache has run out. */
export const quietFrom = (rotation: Rotation): Instant =>
  secondsAfter(rotation.adoptedAt ?? rotation.requestedAt, slowestCacheSeconds(rotation.dependents));

function whileDraining(rotation: Rotation, { now, held }: Circumstances): Step {
  const due = drainEndsAt(rotation);
  if (!reached(due, now)) return { do: 'wait', until: due, for: 'the drain' };
  if (held) return { do: 'wait', for: 'release of the hold' };
  return lookFirst(rotation, due) ? { do: 'observe' } : { do: 'disable' };
}

function whileSoaking(rotation: Rotation, { now, held }: Circumstances): Step {
  const due = secondsAfter(rotation.disabledAt ?? rotation.requestedAt, rotation.retire.soakSeconds);
  if (!reached(due, now)) return { do: 'wait', until: due, for: 'the soak' };
  if (held) return { do: 'wait', for: 'release of the hold' };
  return lookFirst(rotation, due) ? { do: 'observe' } : { do: 'revoke' };
}

/** Nothing is stopped on the strength of a look that is older than the moment from which it may be stopped. */
const lookFirst = (rotation: Rotation, since: Instant): boolean =>
  rotation.observable &&
  (rotation.observedAt === undefined || Date.parse(rotation.observedAt) < Date.parse(since));

function whileRollingBack(rotation: Rotation, circumstances: Circumstances): Step {
  const { now, held } = circumstances;
  const back = rotation.rollback;
  if (!back?.restoredAt) return { do: 'restore' };
  if (!back.toldAt) return { do: 'fan-out' };
  const missing = missingReturners(rotation);
  if (missing.length > 0) return waitOrDecide(rotation, missing, back.restoredAt, circumstances);
  if (!back.returnedAt) return { do: 'complete-adoption' };
  const due = secondsAfter(
    back.returnedAt,
    Math.max(rotation.retire.drainSeconds, slowestCacheSeconds(rotation.dependents)),
  );
  if (!reached(due, now)) return { do: 'wait', until: due, for: 'the drain of the version that is given up' };
  if (held) return { do: 'wait', for: 'release of the hold' };
  if (lookFirst(rotation, due)) return { do: 'observe' };
  return rotation.inUse ? waitOrDecide(rotation, [], back.returnedAt, circumstances) : { do: 'revoke' };
}

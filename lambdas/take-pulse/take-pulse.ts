import { heartbeatSecret } from '../contracts/names.ts';
import type { Credential, Inventory } from '../core/credential.ts';
import { isLockstepError, REMEDIES } from '../core/errors.ts';
import type { HeadStore } from '../core/ports/audit.ts';
import type { DeadLetters } from '../core/ports/bus.ts';
import type { Ledger, Outbox } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Vault } from '../core/ports/vault.ts';
import { isOver, missingAdopters, missingReturners, type Rotation } from '../core/rotation/rotation.ts';
import { instant, reached, secondsAfter, secondsBetween, type Clock } from '../core/time.ts';
import { measureSweeper } from './measure-sweeper.ts';
import { countOverdueSupplies } from './measure-supplies.ts';

/** What measuring needs from outside. */
export interface PulsePorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly deadLetters: DeadLetters;
  readonly heads: Pick<HeadStore, 'latest'>;
  readonly vault: Pick<Vault, 'read' | 'listVersions'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly stuckAfterSeconds: number;
}

/**
 * Measures what nobody reports by happening: ages, lags, queues. And makes the heartbeat read, which the watch must
 * see. What cannot be measured keeps nothing else from being measured: throws the first such error in the end.
 */
export async function takePulse(ports: PulsePorts): Promise<void> {
  const { metrics, deadLetters } = ports;
  const all = await Promise.allSettled([
    measureCredentials(ports),
    deadLetters.list().then((letters) => metrics.gauge('lockstep_dead_letters', {}, letters.length)),
    measureSeal(ports),
    measureOutbox(ports),
    measureSweeper(ports),
    readHeartbeat(ports),
  ]);
  for (const each of all) if (each.status === 'rejected') throw each.reason;
}

async function measureCredentials(ports: PulsePorts): Promise<void> {
  const { inventory, metrics } = ports;
  const states = await Promise.all(inventory.credentials.map((credential) => measure(ports, credential)));
  const count = (is: keyof Measured): number => states.filter((state) => state[is]).length;
  metrics.gauge('lockstep_rotations_failing', {}, count('failing'));
  metrics.gauge('lockstep_adoptions_overdue', {}, count('adoptionOverdue'));
  metrics.gauge('lockstep_pending_stuck', {}, count('stuck'));
  // Last: where the vault does not answer, there is no count of what is too old, and not one that is too low.
  metrics.gauge('lockstep_rotations_overdue', {}, count('overdue') + (await countOverdueSupplies(ports)));
}

interface Measured {
  readonly failing: boolean;
  readonly overdue: boolean;
  readonly adoptionOverdue: boolean;
  readonly stuck: boolean;
}

async function measure(ports: PulsePorts, credential: Credential): Promise<Measured> {
  const { ledger, clock, metrics } = ports;
  const state = (await ledger.read('credential', credential.name, 'state'))?.body;
  if (!state?.adoptedAt) return { failing: false, overdue: false, adoptionOverdue: false, stuck: false };
  const active =
    state.active === undefined
      ? undefined
      : (await ledger.read('rotation', credential.name, state.active))?.body;
  const since = state.currentSince ?? state.adoptedAt;
  const age = Math.max(0, secondsBetween(since, instant(clock())));
  metrics.gauge(
    'lockstep_credential_age_ratio',
    { credential: credential.name },
    age / credential.rotateEverySeconds,
  );
  // What an operator's hold keeps from beginning neither fails nor is stuck: it waits for the release.
  const waits = active !== undefined && state.hold !== undefined && active.reached === 'requested';
  return {
    failing: active !== undefined && !waits && isFailing(active),
    overdue: age > overdueAfterSeconds(credential),
    adoptionOverdue: active !== undefined && isAdoptionOverdue(active),
    stuck: active !== undefined && !waits && isStuck(ports, active),
  };
}

/** So many failures of one rotation are no accident any more. */
const FAILURES = 3;

/**
 * A person has to mend something, or trying again has not helped. How often Secrets Manager tries again is its own
 * affair and written nowhere, so failures in a stretch of time would not do.
 */
function isFailing({ phase, failure }: Rotation): boolean {
  if (phase !== 'failed' || !failure) return false;
  const remedy = Object.entries(REMEDIES).find(([code]) => code === failure.code)?.[1];
  return remedy === 'operator' || failure.attempts >= FAILURES;
}

/** A rotation starts when its cadence is due and then takes some time: a tenth of the cadence, and a minute at least. */
export const overdueAfterSeconds = ({ rotateEverySeconds }: Credential): number =>
  rotateEverySeconds + Math.max(60, rotateEverySeconds / 10);

function isAdoptionOverdue(active: Rotation): boolean {
  if (isOver(active) || active.deadlineDecidedAt === undefined) return false;
  return (
    (active.phase === 'rolling-back' ? missingReturners(active) : missingAdopters(active)).length > 0 ||
    active.inUse !== undefined
  );
}

const isStuck = ({ clock, stuckAfterSeconds }: PulsePorts, active: Rotation): boolean =>
  !isOver(active) &&
  active.promotedAt === undefined &&
  reached(secondsAfter(active.requestedAt, stuckAfterSeconds), clock());

async function measureSeal({ heads, metrics, clock }: PulsePorts): Promise<void> {
  const sealed = await heads.latest();
  // Never sealed is as late as can be: the sample must breach, not be missing.
  const age = sealed ? Math.max(0, secondsBetween(sealed.head.at, instant(clock()))) : 86_400;
  metrics.gauge('lockstep_seal_age_seconds', {}, age);
}

async function measureOutbox({ outbox, metrics, clock }: PulsePorts): Promise<void> {
  const [oldest] = await outbox.pending(1);
  const age = oldest ? Math.max(0, secondsBetween(oldest.at, instant(clock()))) : 0;
  metrics.gauge('lockstep_outbox_age_seconds', {}, age);
  metrics.gauge('lockstep_outbox_malformed', {}, await outbox.malformed());
}

/**
 * Reads a secret that never has a value: the answer does not matter, the record that CloudTrail makes of the
 * question does. Silence is measured by this, not by quiet.
 */
async function readHeartbeat({ vault, inventory }: PulsePorts): Promise<void> {
  await vault.read(heartbeatSecret(inventory.environment)).catch((error: unknown) => {
    if (!isLockstepError(error, 'UNKNOWN_VERSION')) throw error;
  });
}

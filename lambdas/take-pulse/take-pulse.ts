import { heartbeatSecret } from '../contracts/names.ts';
import type { Credential, Inventory } from '../core/credential.ts';
import { isLockstepError } from '../core/errors.ts';
import type { HeadStore } from '../core/ports/audit.ts';
import type { DeadLetters } from '../core/ports/bus.ts';
import type { Ledger, Outbox } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Vault } from '../core/ports/vault.ts';
import { isOver, missingAdopters, missingReturners, type Rotation } from '../core/rotation/rotation.ts';
import { instant, reached, secondsAfter, secondsBetween, type Clock } from '../core/time.ts';

/** What measuring needs from outside. */
export interface PulsePorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly deadLetters: DeadLetters;
  readonly heads: Pick<HeadStore, 'latest'>;
  readonly vault: Pick<Vault, 'read'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly stuckAfterSeconds: number;
}

/** Measures what nobody reports by happening: ages, lags, queues. And makes the heartbeat read, which the watch must see. */
export async function takePulse(ports: PulsePorts): Promise<void> {
  const states = await Promise.all(
    ports.inventory.credentials.map((credential) => measure(ports, credential)),
  );
  const count = (is: (state: Measured) => boolean): number => states.filter(is).length;
  ports.metrics.gauge(
    'lockstep_rotations_overdue',
    {},
    count(({ overdue }) => overdue),
  );
  ports.metrics.gauge(
    'lockstep_adoptions_overdue',
    {},
    count(({ adoptionOverdue }) => adoptionOverdue),
  );
  ports.metrics.gauge(
    'lockstep_pending_stuck',
    {},
    count(({ stuck }) => stuck),
  );
  ports.metrics.gauge('lockstep_dead_letters', {}, (await ports.deadLetters.list()).length);
  await measureLags(ports);
  await readHeartbeat(ports);
}

interface Measured {
  readonly overdue: boolean;
  readonly adoptionOverdue: boolean;
  readonly stuck: boolean;
}

async function measure(ports: PulsePorts, credential: Credential): Promise<Measured> {
  const { ledger, clock, metrics } = ports;
  const state = (await ledger.read('credential', credential.name, 'state'))?.body;
  if (!state?.adoptedAt) return { overdue: false, adoptionOverdue: false, stuck: false };
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
  return {
    overdue: age > overdueAfterSeconds(credential),
    adoptionOverdue: active !== undefined && isAdoptionOverdue(active),
    stuck: active !== undefined && isStuck(ports, active),
  };
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

async function measureLags({ heads, outbox, metrics, clock }: PulsePorts): Promise<void> {
  const now = instant(clock());
  const sealed = await heads.latest();
  // Never sealed is as late as can be: the sample must breach, not be missing.
  metrics.gauge(
    'lockstep_seal_age_seconds',
    {},
    sealed ? Math.max(0, secondsBetween(sealed.head.at, now)) : 86_400,
  );
  const [oldest] = await outbox.pending(1);
  metrics.gauge('lockstep_outbox_age_seconds', {}, oldest ? Math.max(0, secondsBetween(oldest.at, now)) : 0);
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

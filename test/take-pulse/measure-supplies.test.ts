import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmEvaluator } from '../../embedded/metrics/alarm-evaluator.ts';
import { RegistryMetrics } from '../../embedded/metrics/registry-metrics.ts';
import { SampleWindows } from '../../embedded/metrics/sample-windows.ts';
import { heartbeatSecret } from '../../lambdas/contracts/names.ts';
import { alarmsFor } from '../../lambdas/core/alarms.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import type { Metrics } from '../../lambdas/core/ports/metrics.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import { takePulse } from '../../lambdas/take-pulse/take-pulse.ts';
import { token } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MEMORY_AUTHORITY_VALUE } from '../fakes/memory-leaser.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { RecordingPager } from '../fakes/recording-pager.ts';
import { ACCESS, INVENTORY } from '../grant-lease/an-inventory.ts';

const DAY = 86_400;
const [first] = ACCESS.leaseAuthorities;
if (!first) throw new Error('the inventory has no lease authority');

/** Two authorities, one to be supplied every thirty days and one every ninety; and nothing that rotates. */
const TWO: Inventory = {
  ...INVENTORY,
  credentials: [],
  access: {
    ...ACCESS,
    leaseAuthorities: [
      { ...first, name: 'monthly', supplyEverySeconds: 30 * DAY },
      { ...first, name: 'quarterly', supplyEverySeconds: 90 * DAY },
    ],
  },
};

let clock: FakeClock;
let vault: MemoryVault;
let metrics: CountingMetrics;
beforeEach(() => {
  clock = new FakeClock();
  vault = new MemoryVault({ clock: clock.now });
  metrics = new CountingMetrics();
  vault.createSecret(heartbeatSecret(TWO.environment));
  for (const name of ['monthly', 'quarterly']) vault.createSecret(secretName(TWO.environment, name));
});

let supplied = 0;
/** In the way of `lockstep supply`: put, and made current when it was proved. */
async function supply(name: string): Promise<void> {
  const secret = secretName(TWO.environment, name);
  const version = token(7000 + (supplied += 1));
  const before = vault.holderOf(secret, 'AWSCURRENT');
  if (before === undefined) return vault.putFirst(secret, version, MEMORY_AUTHORITY_VALUE);
  await vault.putPending(secret, version, MEMORY_AUTHORITY_VALUE);
  await vault.moveCurrent(secret, { to: version, from: before });
  await vault.removePending(secret, version);
}

function pulse(
  more: { readonly metrics?: Metrics; readonly vault?: Pick<Vault, 'read' | 'listVersions'> } = {},
) {
  const ledger = new MemoryLedger();
  return takePulse({
    inventory: TWO,
    ledger,
    outbox: ledger,
    deadLetters: { list: async () => [], redrive: async () => 0 },
    heads: { latest: async () => undefined },
    vault,
    metrics,
    clock: clock.now,
    stuckAfterSeconds: 60,
    ...more,
  });
}

const overdue = (): number | undefined => metrics.last('lockstep_rotations_overdue');
const ratio = (credential: string): number | undefined =>
  metrics.last('lockstep_credential_age_ratio', { credential });

/** The vault, which answers nobody who asks for versions of that authority. */
const refusing = (name: string, code: ErrorCode): Pick<Vault, 'read' | 'listVersions'> => ({
  read: (...given) => vault.read(...given),
  listVersions: async (secret) => {
    if (secret === secretName(TWO.environment, name)) throw new LockstepError(code, 'as the test says');
    return vault.listVersions(secret);
  },
});

describe('the pulse counts lease authorities', () => {
  it('that are older than supplyEvery among what is too old, and says how old each is', async () => {
    await supply('monthly');
    await supply('quarterly');
    await clock.advance(30 * DAY - 1);
    await pulse();
    expect(overdue()).toBe(0);
    await clock.advance(1);
    await pulse();
    expect(overdue()).toBe(1);
    expect([ratio('monthly'), ratio('quarterly')]).toEqual([1, 1 / 3]);
  });

  it('no more from the moment that a new value is current, and not before', async () => {
    await supply('monthly');
    await supply('quarterly');
    await clock.advance(31 * DAY);
    const secret = secretName(TWO.environment, 'monthly');
    await vault.putPending(secret, token(1), MEMORY_AUTHORITY_VALUE);
    await pulse();
    expect(overdue()).toBe(1);
    await vault.moveCurrent(secret, { to: token(1), from: vault.holderOf(secret, 'AWSCURRENT') ?? '' });
    await pulse();
    expect(overdue()).toBe(0);
  });

  it('not where nobody has supplied them yet: nothing is leased by them', async () => {
    await clock.advance(900 * DAY);
    await pulse();
    expect(overdue()).toBe(0);
    expect(ratio('monthly')).toBeUndefined();
  });
});

describe('what nobody can tell the age of is not taken for new', () => {
  it.each(['VAULT_REFUSED', 'UNKNOWN_CREDENTIAL'] as const)('but counts as too old: %s', async (code) => {
    await supply('monthly');
    await supply('quarterly');
    await pulse({ vault: refusing('quarterly', code) });
    expect(overdue()).toBe(1);
  });

  it('and while the vault does not answer there is no count at all, but everything else is measured', async () => {
    await supply('monthly');
    await expect(pulse({ vault: refusing('quarterly', 'VAULT_UNAVAILABLE') })).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
    expect(overdue()).toBeUndefined();
    expect(metrics.last('lockstep_rotations_failing')).toBe(0);
    expect(metrics.last('lockstep_dead_letters')).toBe(0);
  });
});

it('on-call is told once of a lease authority that is too old, and again only after it has been supplied', async () => {
  const alarms = alarmsFor(TWO).filter(({ id }) => id === 'rotation-overdue');
  const windows = new SampleWindows(alarms);
  const pager = new RecordingPager();
  const registry = new RegistryMetrics({
    environment: 'test',
    clock: clock.now,
    windows,
    onMisfit: (name) => expect.unreachable(name),
  });
  const raise = (page: Parameters<RecordingPager['page']>[0]): Promise<void> => pager.page(page);
  const evaluator = new AlarmEvaluator({ alarms, environment: 'test', windows, clock: clock.now, raise });
  const passes = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await clock.advance(60);
      await pulse({ metrics: registry });
      await evaluator.evaluate();
    }
  };
  await supply('monthly');
  await supply('quarterly');
  await clock.advance(30 * DAY - 120);
  await passes(1);
  expect(pager.pages).toEqual([]);
  await passes(60);
  expect(pager.pages).toMatchObject([
    { title: 'A credential is older than its cadence', firstCommand: 'lockstep status --overdue' },
  ]);
  await supply('monthly');
  await passes(10);
  expect(evaluator.states()).toMatchObject([{ state: 'ok' }]);
  expect(pager.pages).toHaveLength(1);
  await clock.advance(30 * DAY);
  await passes(10);
  expect(pager.pages).toHaveLength(2);
});

import { describe, expect, it } from 'vitest';
import { findCredential } from '../../../lambdas/core/find-credential.ts';
import type { CredentialState } from '../../../lambdas/core/ledger-rows.ts';
import { create } from '../../../lambdas/core/ports/ledger.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';
import { revokeOrphan } from '../../../lambdas/serve-target/commands/orphans.ts';
import type { TargetPorts } from '../../../lambdas/serve-target/target-ports.ts';
import { aRotation } from '../../core/rotation/a-rotation.ts';
import { countedIds, token } from '../../fakes/counted-ids.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryAudit } from '../../fakes/memory-audit.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { MemoryTarget } from '../../fakes/memory-target.ts';
import { MemoryVault } from '../../fakes/memory-vault.ts';
import { codeOf } from '../../ports/under-test.ts';
import { inventoryOf } from '../../simulation/cast.ts';
import { MARK } from '../../fakes/marks.ts';

const SECRET = 'lockstep/simulated/agents';
const [CURRENT, OVER, ACTIVE] = [token(1), token(2), token(3)];

interface Facts {
  readonly state?: Partial<CredentialState>;
  readonly over?: Partial<Rotation>;
}

const inventory = inventoryOf({
  habits: { agents: [] },
  onDeadline: 'hold-and-page',
  mintsReversibly: false,
});

/** What the ledger knows: the current version, a rotation that is over, and one that may be under way. */
async function aLedger({ state, over }: Facts, currentKey: string, orphanKey: string): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  const adoptedAt = '2026-01-01T00:00:00.000Z';
  const predecessor = { version: OVER, key: orphanKey };
  const of = (phase: 'abandoned' | 'adopting', facts: Partial<Rotation>): Rotation =>
    aRotation(phase, { credential: 'agents', ...facts });
  await ledger.commit([
    create('credential', 'agents', 'state', { fence: 2, adoptedAt, current: CURRENT, currentKey, ...state }),
    create('rotation', 'agents', OVER, of('abandoned', { token: OVER, ...over })),
    create('rotation', 'agents', ACTIVE, of('adopting', { token: ACTIVE, predecessor })),
  ]);
  return ledger;
}

/** A target with a key of the current version and one that an ended rotation has left. */
async function aTarget(facts: Facts) {
  const clock = new FakeClock().now;
  const credential = findCredential(inventory, 'agents');
  const target = new MemoryTarget({ shape: 'mint', clock });
  const withAuthority = () => Promise.reject(new Error('not asked'));
  const mint = (madeFor: string) =>
    target.issue(
      { environment: 'simulated', mark: MARK, credential, token: madeFor, fence: 0, withAuthority },
      undefined,
    );
  const [current, orphan] = [await mint(CURRENT), await mint(OVER)];
  const vault = new MemoryVault();
  vault.createSecret(SECRET);
  await vault.putFirst(SECRET, CURRENT, current.value);
  const audit = new MemoryAudit();
  const ports: TargetPorts = {
    inventory,
    mark: MARK,
    family: 'api',
    ledger: await aLedger(facts, current.key, orphan.key),
    vault,
    audit: audit.appender,
    metrics: new CountingMetrics(),
    clock,
    newId: countedIds(),
    sleep: () => Promise.resolve(),
    rotatorFor: () => target,
    functionName: 'target-api',
    lockSeconds: 60,
    vaultWritesPerSecond: 50,
  };
  const revoke = (key: string, madeFor: string) => revokeOrphan(ports, credential, { key, token: madeFor });
  return { revoke, current, orphan, target, vault, audit };
}

describe('a key that reconcile believes to be an orphan', () => {
  it('is ended where the ledger knows its rotation to be over, with an intent and an outcome', async () => {
    const { revoke, orphan, current, target, audit } = await aTarget({});

    expect(await revoke(orphan.key, OVER)).toEqual({ revoked: true });

    expect(target.liveKeys('agents')).toEqual([current.key]);
    expect(audit.entries('agents').map(({ type, action }) => `${type} ${action}`)).toEqual([
      'intent reap',
      'outcome reap',
    ]);
  });

  it.each([
    ['the ledger calls it current', { state: { currentKey: 'key-2' } }],
    ['its version is current', { state: { current: OVER } }],
    ['its rotation is not over', { over: { phase: 'adopting' } }],
    ['it is the predecessor of a rotation under way', { state: { active: ACTIVE } }],
  ] as const)('stays where %s', async (_why, facts) => {
    const { revoke, orphan, target } = await aTarget(facts);

    expect(await codeOf(revoke(orphan.key, OVER))).toBe('OUT_OF_ORDER');

    expect(target.liveKeys('agents')).toContain(orphan.key);
  });

  it('stays where the ledger knows no such rotation', async () => {
    const { revoke, orphan, target } = await aTarget({});
    expect(await codeOf(revoke(orphan.key, token(9)))).toBe('OUT_OF_ORDER');
    expect(target.liveKeys('agents')).toContain(orphan.key);
  });

  it('stays where somebody has moved AWSCURRENT to its version by hand, which only the vault knows', async () => {
    const { revoke, orphan, target, vault, audit } = await aTarget({});
    await vault.putPending(SECRET, OVER, orphan.value);
    await vault.moveCurrent(SECRET, { to: OVER, from: CURRENT });

    expect(await codeOf(revoke(orphan.key, OVER))).toBe('OUT_OF_ORDER');

    expect(target.liveKeys('agents')).toContain(orphan.key);
    expect(audit.entries()).toEqual([]);
  });
});

import type { Credential } from '../../lambdas/core/credential.ts';
import { findCredential } from '../../lambdas/core/find-credential.ts';
import type { CredentialState } from '../../lambdas/core/ledger-rows.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { HeldVersion, Issued } from '../../lambdas/core/ports/rotator.ts';
import type { Phase, Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { runCommand } from '../../lambdas/serve-target/commands/run-command.ts';
import type { TargetPorts } from '../../lambdas/serve-target/target-ports.ts';
import { aRotation } from '../core/rotation/a-rotation.ts';
import { countedIds, token } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { Judge } from '../fakes/judge.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryTarget } from '../fakes/memory-target.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';
import { inventoryOf, shapeOf, type Role } from '../simulation/cast.ts';
import { MARK } from '../fakes/marks.ts';

/** The versions of a rotation at a target: what it began from, and what it rotates to. */
export const [FIRST, SECOND, THIRD] = [token(1), token(2), token(3)];
/** The same fence as the rotation of the tests: what is done for it is not too late. */
const FENCE = 7;

/** What stands where when a test begins. */
export interface Standing {
  readonly role?: Role;
  readonly phase?: Phase;
  readonly facts?: Partial<Rotation>;
  readonly state?: Partial<CredentialState>;
  /** Where AWSCURRENT is. */
  readonly current?: 'first' | 'second';
  /** Whether the successor has been installed. */
  readonly isInstalled?: boolean;
  /** Whether a target of the minting sort knows a disable. */
  readonly reversibly?: boolean;
}

/** A target function with memory on all sides, and one rotation of one credential that has come so far. */
export async function aTarget(standing: Standing = {}) {
  const { role = 'store', phase = 'adopted', current = 'second', isInstalled = true } = standing;
  const inventory = inventoryOf({
    habits: { [role]: ['silent'] },
    onDeadline: 'hold-and-page',
    mintsReversibly: standing.reversibly ?? false,
  });
  const credential = findCredential(inventory, role);
  const judge = new Judge();
  const clock = new FakeClock();
  const target = new MemoryTarget({
    shape: shapeOf(credential.kind),
    clock: clock.now,
    judge,
    capabilities:
      shapeOf(credential.kind) === 'mint' ? { reversibleDisable: standing.reversibly ?? false } : {},
  });
  const [first, second] = await bothAt(target, credential, isInstalled);
  const { vault, secret } = await aVault(role, first, second, current, judge);
  const ledger = await aLedger(credential, standing, phase, first.key, second.key, judge);
  const audit = new MemoryAudit(judge);
  const ports: TargetPorts = {
    inventory,
    mark: MARK,
    family: credential.family,
    ledger,
    vault,
    audit: audit.appender,
    metrics: new CountingMetrics(judge),
    clock: clock.now,
    newId: countedIds(),
    sleep: () => Promise.resolve(),
    rotatorFor: () => target,
    functionName: `target-${credential.family}`,
    lockSeconds: 60,
    vaultWritesPerSecond: 50,
  };
  return {
    ports,
    credential,
    target,
    vault,
    ledger,
    audit,
    clock,
    judge,
    secret,
    first: { version: FIRST, ...first },
    second: { version: SECOND, ...second },
    run: (command: Parameters<typeof runCommand>[1]) => runCommand(ports, command),
    works: ({ value }: Pick<Issued, 'value'>): boolean => target.accepts(role, value),
    labels: async () => (await vault.describe(secret)).versions,
    /** What the audit says, as `<type> <action> <version>`. */
    written: (): readonly string[] =>
      audit
        .entries(role)
        .map(({ type, action, result }) => [type, action, result?.outcome].filter(Boolean).join(' ')),
  };
}

/** Both values in the vault, the second one pending, and AWSCURRENT where it is said to be. */
async function aVault(
  role: Role,
  first: Issued,
  second: Issued,
  current: 'first' | 'second',
  judge: Judge,
): Promise<{ readonly vault: MemoryVault; readonly secret: string }> {
  const secret = `lockstep/simulated/${role}`;
  const vault = new MemoryVault({ judge });
  vault.createSecret(secret);
  vault.setRotationEnabled(secret, true);
  await vault.putFirst(secret, FIRST, first.value);
  await vault.putPending(secret, SECOND, second.value);
  if (current === 'second') await vault.moveCurrent(secret, { to: SECOND, from: FIRST });
  return { vault, secret };
}

/** Both versions at the target, as their installations have left them. */
async function bothAt(
  target: MemoryTarget,
  credential: Credential,
  isInstalled: boolean,
): Promise<readonly [Issued, Issued]> {
  const request = (of: string, fence: number) => ({
    environment: 'simulated',
    mark: MARK,
    credential,
    token: of,
    fence,
    withAuthority: () => Promise.reject(new Error('not asked')),
  });
  const first = await target.issue(request(FIRST, 1), undefined);
  await target.install(request(FIRST, 1), { version: FIRST, ...first }, undefined);
  const current: HeldVersion = { version: FIRST, ...first };
  const second = await target.issue(request(SECOND, FENCE), current);
  if (isInstalled) await target.install(request(SECOND, FENCE), { version: SECOND, ...second }, current);
  return [first, second];
}

async function aLedger(
  credential: Credential,
  { facts, state }: Standing,
  phase: Phase,
  firstKey: string,
  secondKey: string,
  judge: Judge,
): Promise<MemoryLedger> {
  const ledger = new MemoryLedger(judge);
  const { name, kind, strategy, dependents } = credential;
  const rotation = aRotation(phase, {
    credential: name,
    kind,
    strategy,
    dependents,
    token: SECOND,
    fence: FENCE,
    predecessor: { version: FIRST, key: firstKey },
    successor: { version: SECOND, key: secondKey },
    expectation: `${SECOND}#1`,
    ...facts,
  });
  await ledger.commit([
    create('credential', name, 'state', {
      fence: FENCE,
      adoptedAt: '2026-01-01T00:00:00.000Z',
      active: SECOND,
      current: FIRST,
      ...state,
    }),
    create('rotation', name, SECOND, rotation),
  ]);
  return ledger;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StepDriver } from '../../embedded/step-driver/step-driver.ts';
import type { DrivenVault, DriverReport, RotationJobs, Temper } from '../../embedded/step-driver/driven.ts';
import { EmbeddedVault } from '../../embedded/vault/open-vault.ts';
import type { StepRequest } from '../../lambdas/core/ports/targets.ts';
import type { RotationStart } from '../../lambdas/core/ports/vault.ts';
import { countedBytes, countedIds, seededRandom } from '../fakes/counted-ids.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryRotationJobs, MemoryVault } from '../fakes/memory-vault.ts';
import type { RotatingVaultUnderTest } from './rotation-start-contract.ts';

/** A vault and the StepDriver that plays for it, with time that the test owns. */
export interface RotatingWorld extends RotatingVaultUnderTest {
  readonly clock: FakeClock;
  readonly driver: StepDriver;
  readonly jobs: RotationJobs;
  /** The vault's side that only Secrets Manager sees: what another driver over the same vault is given. */
  readonly driven: DrivenVault;
  readonly reports: readonly DriverReport[];
}

/** What tells one world from another. */
export interface WorldOptions {
  readonly temper?: Temper;
}

const ATTEMPTS = 3;

/** Driver and function around any vault. */
export function driveWith(
  parts: { readonly vault: DrivenVault; readonly jobs: RotationJobs; readonly clock: FakeClock },
  { temper }: WorldOptions = {},
) {
  const reports: DriverReport[] = [];
  let step: (request: StepRequest) => Promise<void> = async () => undefined;
  const driver = new StepDriver({
    vault: parts.vault,
    jobs: parts.jobs,
    invoke: (request) => step(request),
    sleep: parts.clock.sleep,
    newId: countedIds(9),
    random: seededRandom(1),
    retries: { maxAttempts: ATTEMPTS, baseSeconds: 2, capSeconds: 60 },
    concurrency: 4,
    report: (report) => void reports.push(report),
    ...(temper ? { temper } : {}),
  });
  return {
    driver,
    reports,
    attempts: ATTEMPTS,
    rotateWith: (work: (request: StepRequest) => Promise<void>): void => void (step = work),
    /** Lets time pass until nothing runs any more, or until the process is dead. */
    settle: async (isDead: () => boolean = () => false): Promise<void> => {
      const state = { isIdle: false };
      const idle = driver.idle().then(() => (state.isIdle = true));
      while (!state.isIdle && !isDead()) await parts.clock.advance(60);
      if (!isDead()) await idle;
    },
  };
}

const SECRET = 'lockstep/test/vector-store';
const FUNCTION_ARN = 'arn:aws:lambda:local:000000000000:function:lockstep-test-target-postgres';

/** The memory vault, driven. */
export async function memoryRotatingWorld(options: WorldOptions = {}): Promise<RotatingWorld> {
  const clock = new FakeClock();
  const jobs = new MemoryRotationJobs();
  let start = (_arn: string, _start: RotationStart): Promise<void> => Promise.reject(new Error('not wired'));
  const vault = new MemoryVault({ startRotation: (arn, each) => start(arn, each) });
  vault.createSecret(SECRET);
  const driven = driveWith({ vault: vault.driven, jobs, clock }, options);
  start = (arn, each) => driven.driver.start(arn, each);
  return {
    ...driven,
    vault,
    name: SECRET,
    newToken: countedIds(7),
    functionArn: FUNCTION_ARN,
    clock,
    jobs,
    driven: vault.driven,
    cleanUp: async () => {
      await driven.driver.stop();
      vault.judge.assertClean();
    },
  };
}

/** The embedded vault in a folder of its own, driven. */
export async function embeddedRotatingWorld(options: WorldOptions = {}): Promise<RotatingWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-vault-'));
  const clock = new FakeClock();
  let start = (_arn: string, _start: RotationStart): Promise<void> => Promise.reject(new Error('not wired'));
  const embedded = new EmbeddedVault({
    path: join(folder, 'data', 'vault.sqlite'),
    keyPath: join(folder, 'keys', 'vault.key'),
    account: '000000000000',
    region: 'local',
    clock: clock.now,
    newId: countedIds(1),
    randomBytes: countedBytes(),
    authorise: () => true,
    defaultBus: async () => undefined,
    startRotation: (arn, each) => start(arn, each),
  });
  embedded.createSecret(SECRET);
  const driven = driveWith({ vault: embedded.driven, jobs: embedded.jobs, clock }, options);
  start = (arn, each) => driven.driver.start(arn, each);
  return {
    ...driven,
    vault: embedded.vaultFor('arn:aws:iam::000000000000:role/lockstep/test/lockstep-test-target-postgres'),
    name: SECRET,
    newToken: countedIds(7),
    functionArn: FUNCTION_ARN,
    clock,
    jobs: embedded.jobs,
    driven: embedded.driven,
    cleanUp: async () => {
      await driven.driver.stop();
      embedded.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

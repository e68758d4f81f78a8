import type { Connection } from '../../cli/connection/connection.ts';
import type { ExpectedChange, WorkloadDoor } from '../../embedded/services/workload-client.ts';
import type { CredentialStatus } from '../../lambdas/report/show-status.ts';
import type { Phase } from '../../lambdas/core/rotation/rotation.ts';
import { THROW_AWAY } from './throw-away-credential.ts';

/** A world in which Lockstep is deployed: a bed, or a real account. */
export interface DeployedWorld {
  /** As somebody who may give every order. */
  readonly operator: Connection;
  /** As the workload that is bound to the throw-away credential. */
  readonly dependent: WorkloadDoor & { post(acknowledgement: unknown): Promise<void> };
  readonly say: (text: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What the scenario saw, for whoever judges it. */
export interface WholeWay {
  readonly firstRotation: CredentialStatus;
  readonly afterRollBack: CredentialStatus;
  /** What a forged proof was answered. */
  readonly forgery: string;
  /** The actions that the audit holds for the credential, by type. */
  readonly audited: readonly string[];
  readonly auditVerifies: boolean;
}

/**
 * The same story in every world: adopt, rotate, prove, drain, retire; rotate again, roll back, return; verify the
 * audit. It takes about ten minutes, since drains are timed by the minute. It touches the throw-away credential alone,
 * and leaves it rotated back, with one login that works, and held, so that no cadence rotates it before the next time.
 */
export async function theWholeWayRound(world: DeployedWorld): Promise<WholeWay> {
  const { operator, say } = world;
  await makeReady(world);

  say('rotating it');
  await operator.order({ order: 'rotate', credential: THROW_AWAY, reason: 'live test' });
  const forgery = await proveByForce(world);
  await prove(world, 'promoted');
  say('proved; waiting for drain and soak');
  const firstRotation = await untilPhase(world, ['retired']);

  say('rotating it again, and rolling back');
  await operator.order({ order: 'rotate', credential: THROW_AWAY, reason: 'live test, to be rolled back' });
  await prove(world, 'promoted');
  await operator.order({ order: 'roll-back', credential: THROW_AWAY, reason: 'live test' });
  await prove(world, 'rolled-back');
  say('returned; waiting for the drain');
  const afterRollBack = await untilPhase(world, ['rolled-back']);

  await operator.order({ order: 'hold', credential: THROW_AWAY, reason: 'the live test is over' });
  say('verifying the audit');
  const { records } = await operator.query('history', { credential: THROW_AWAY, limit: 200 });
  const verified = await operator.query('audit-verify', { credential: THROW_AWAY });
  return {
    firstRotation,
    afterRollBack,
    forgery,
    audited: records.map(({ entry }) => `${entry.type} ${entry.action}`),
    auditVerifies: verified.ok,
  };
}

/** Adopted, and not held from the last time. */
async function makeReady(world: DeployedWorld): Promise<void> {
  const { operator, say } = world;
  const { adopted, hold } = await statusOf(world);
  if (!adopted) {
    say('adopting the throw-away credential');
    await operator.order({ order: 'adopt', credential: THROW_AWAY, value: 'issue' });
  }
  if (hold) await operator.order({ order: 'release', credential: THROW_AWAY, reason: 'a live test begins' });
}

async function statusOf({ operator }: DeployedWorld): Promise<CredentialStatus> {
  const { credentials } = await operator.query('status', { credential: THROW_AWAY });
  const [status] = credentials;
  if (status) return status;
  throw new Error(
    `the deployed environment has no credential ${THROW_AWAY}; declare it, see test/live/throw-away-credential.ts`,
  );
}

const PATIENCE_MS = 15 * 60_000;
const EVERY_MS = 3000;

async function until<T>(
  { sleep }: DeployedWorld,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > giveUpAt) throw new Error(`it never came to this: ${what}`);
    await sleep(EVERY_MS);
  }
}

const untilPhase = (world: DeployedWorld, phases: readonly Phase[]): Promise<CredentialStatus> =>
  until(world, `${THROW_AWAY} is ${phases.join(' or ')}`, async () => {
    const status = await statusOf(world);
    return status.rotation && phases.includes(status.rotation.phase) ? status : undefined;
  });

const expectedChange = (world: DeployedWorld): Promise<ExpectedChange> =>
  until(world, 'something is expected', async () => {
    const expected = await world.dependent.expected(THROW_AWAY);
    return expected.find(({ acknowledged }) => !acknowledged);
  });

/** Reads what is expected and proves it, as a dependent does. */
async function prove(world: DeployedWorld, change: 'promoted' | 'rolled-back'): Promise<void> {
  const { dependent } = world;
  const proved = await until(world, `a proof of what is ${change} counts`, async () => {
    const expected = await expectedChange(world);
    const isReturn = expected.version !== expected.rotation;
    if (isReturn !== (change === 'rolled-back')) return undefined;
    await dependent.acknowledge(THROW_AWAY, expected, await dependent.read(THROW_AWAY, expected.version));
    return expected;
  });
  world.say(`proved version ${proved.version}`);
}

/** Says that it moved, without holding the value. */
async function proveByForce(world: DeployedWorld): Promise<string> {
  const { dependent, rotation, expectation } = await expectedChange(world);
  const forged = {
    credential: THROW_AWAY,
    rotation,
    dependent,
    expectation: expectation.id,
    nonce: expectation.nonce,
    tag: 'f'.repeat(64),
  };
  return world.dependent.post(forged).then(
    () => 'taken',
    (error: unknown) => (error instanceof Error ? error.message : 'refused'),
  );
}

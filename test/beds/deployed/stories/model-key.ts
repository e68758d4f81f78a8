import { InvokeCommand } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import type { Attempt } from '../../../../embedded/services/attempt-log.ts';
import { functionName, targetFunction } from '../../../../lambdas/contracts/names.ts';
import { Cut, type Interceptor } from '../../proxy/bed-proxy.ts';
import { BED_ENVIRONMENT } from '../bed-workspace.ts';
import type { DeployedStage, Services } from '../open-stage.ts';
import { functionOf } from '../recorder.ts';
import { backstopIsRefused, secretArn } from './asking.ts';
import { rotate, statusOf, until, untilPhase } from './rotation-of.ts';

/** Kills the process of a function, once, when it is about to put a value: what it has minted reaches nobody. */
function killBeforeThePut(application: string): {
  readonly interceptor: Interceptor;
  readonly killed: number[];
} {
  const killed: number[] = [];
  return {
    killed,
    interceptor: (call, pass) => {
      const pid = Number(call.application?.split('.').at(-1));
      const isMeant = functionOf(call.application) === application && call.action === 'PutSecretValue';
      if (!isMeant || killed.length > 0) return pass(call);
      killed.push(pid);
      process.kill(pid, 'SIGKILL');
      throw new Cut('the function that asked is dead');
    },
  };
}

/** Keys of a provider: minted, doubled, killed in the middle, rolled back, and asked for again when it is too late. */
export function modelKeyStories(stage: () => DeployedStage, services: () => Services): void {
  it('of two rotations of the provider’s admin key that are asked for at once, one is admitted', async () => {
    const admin = stage().as('platform-admin');
    const asked = await Promise.allSettled([rotate(admin, 'openai-admin'), rotate(admin, 'openai-admin')]);
    const refused = asked.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as { code?: string }] : [],
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(refused).toMatchObject([{ code: 'PREDECESSOR_IN_USE' }]);
    await untilPhase(admin, 'openai-admin', ['retired'], 600);
  });
  killedStory(stage, services);
  rollBackStory(stage, services);
}

function killedStory(stage: () => DeployedStage, services: () => Services): void {
  it('a key whose function is killed between mint and put, and whose every step runs twice, leaves no orphan', async () => {
    const { as, faults, rotations, targets } = stage();
    const admin = as('platform-admin');
    const kill = killBeforeThePut('target-openai');
    // its authority is on its way as well, and puts a value of its own
    await untilPhase(admin, 'openai-admin', ['promoted', 'adopting', 'adopted', 'disabled', 'retired']);
    faults.push(kill.interceptor);
    const token = await rotate(admin, 'openai-agents');
    rotations.doubled.add(token);
    await untilPhase(admin, 'openai-agents', ['adopting', 'adopted', 'disabled', 'retired']);
    faults.splice(faults.indexOf(kill.interceptor), 1);
    expect(kill.killed).toHaveLength(1);
    expect(await backstopIsRefused(stage(), 'openai-agents')).toBe(true);

    const { rotation } = await untilPhase(admin, 'openai-agents', ['retired'], 600);
    expect(rotation?.adopted).toMatchObject([{ dependent: 'summariser', by: 'acknowledgement' }]);
    const attempts = callsOf(services());
    expect(attempts.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(attempts.length).toBeGreaterThan(50);
    // the double knows every key that is alive: one, the current one
    const { keys } = (await command(stage(), { do: 'list-ours' })) as { readonly keys: readonly unknown[] };
    expect(keys).toHaveLength(1);
    expect(targets.openai.requests().length).toBeGreaterThan(0);
  });
}

function rollBackStory(stage: () => DeployedStage, services: () => Services): void {
  it('a roll-back brings everybody home, and nothing of it that comes late changes anything', async () => {
    const { as, rotations } = stage();
    const admin = as('platform-admin');
    await untilPhase(admin, 'openai-agents', ['retired'], 900);
    const before = (await statusOf(admin, 'openai-agents')).current;
    const token = await rotate(admin, 'openai-agents');
    await until(
      'summariser has moved',
      () => statusOf(admin, 'openai-agents'),
      ({ rotation }) => rotation?.token === token && rotation.adopted.length === 1,
    );
    await admin.order({ order: 'roll-back', credential: 'openai-agents', reason: 'a story on the bed' });
    const { current } = await untilPhase(admin, 'openai-agents', ['rolled-back'], 600);
    expect(current).toBe(before);

    const secretId = await secretArn(stage(), 'openai-agents');
    // Secrets Manager plays the rotation once more, and somebody's command to restore arrives late
    await expect(rotations.invoke({ step: 'finishSecret', secretId, token })).rejects.toThrow(
      'failed at the step',
    );
    expect(await command(stage(), { do: 'restore', rotation: token })).toMatchObject({
      code: 'OUT_OF_ORDER',
    });
    expect((await statusOf(admin, 'openai-agents')).current).toBe(before);
    expect(callsOf(services()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });
}

/** What the summariser has tried with its key. */
const callsOf = ({ summariser }: Services): readonly Attempt[] =>
  summariser.attempts().filter(({ what }) => what === 'call');

/** A command to the target function, as whoever may invoke it gives it. */
async function command(
  { clients }: DeployedStage,
  asked: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { Payload } = await clients.lambda.send(
    new InvokeCommand({
      FunctionName: functionName(BED_ENVIRONMENT, targetFunction('openai')),
      Payload: JSON.stringify({ credential: 'openai-agents', ...asked }),
    }),
  );
  return JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
}

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { Attempt } from '../../../../embedded/services/attempt-log.ts';
import type { LeaseView } from '../../../../lambdas/core/access/lease.ts';
import { researchAgent, type BedAgent } from '../bed-agent.ts';
import type { DeployedStage, Services } from '../open-stage.ts';
import { changeDatabaseLogin, changeModelKey } from './lease-supply.ts';
import { statusOf, until } from './rotation-of.ts';

const AGENT = 'agent:research-agent';
/** Whose program runs behind the command line's proxy. */
const PROGRAMS = 'workload:summariser';
const PROGRAM = fileURLToPath(new URL('../../../scenarios/model-program.ts', import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** An agent that has no standing key of anything, through everything that was deployed. */
export function agentStories(stage: () => DeployedStage, services: () => Services): void {
  leasesAloneStory(stage, services);
  programStory(stage);
}

function leasesAloneStory(stage: () => DeployedStage, services: () => Services): void {
  it('an agent works by leases alone, through the proxy, while all that they stand for is rotated, and counts no failure', async () => {
    const { as, brokerOf, canaries, targets } = stage();
    const admin = as('platform-admin');
    const agent = await researchAgent({
      access: brokerOf('research-agent'),
      databaseCa: targets.database.ca,
      canaries,
    });
    try {
      await untilItHasWorkedMore(agent);
      const standing = [await statusOf(admin, 'openai-agents'), await statusOf(admin, 'vector-store')];
      // what its leases are made by is changed under it
      await changeDatabaseLogin(stage());
      await changeModelKey(stage());
      const held = await liveLeases(stage(), AGENT);
      await untilOthers(stage(), AGENT, held);
      // and its keys are taken away in the middle
      const reason = 'it was seen in a log';
      const taken = await liveLeases(stage(), AGENT);
      for (const { id } of taken)
        await brokerOf('platform-admin').ask('revoke', { by: 'lease', name: id, reason });
      await untilOthers(stage(), AGENT, taken);
      expect(failed(agent)).toEqual([]);
      // meanwhile the other stories rotate the key and the login that its leases stand for
      for (const { name, current } of standing)
        await until(
          `${name} has been rotated under the agent`,
          () => statusOf(admin, name),
          (now) => now.current !== current && ['retired', 'rolled-back'].includes(now.rotation?.phase ?? ''),
          900,
        );
      await untilItHasWorkedMore(agent);
    } finally {
      await agent.close();
    }
    const attempts = agent.attempts();
    expect(attempts.length).toBeGreaterThan(100);
    expect(failed(agent)).toEqual([]);
    const used = [...usedKeys(stage(), attempts)];
    console.log(`deployed: the agent tried ${attempts.length} times, by ${used.length} keys of the model`);
    expect(used.length).toBeGreaterThan(3);
    // each of them was a lease's, and none the key that is rotated
    const standingKeys = new Set(
      services()
        .summariser.attempts()
        .map(({ key }) => key),
    );
    expect(standingKeys.size).toBeGreaterThan(1);
    expect(used.filter((key) => standingKeys.has(key))).toEqual([]);
    await untilNone(stage(), AGENT);
  });
}

function programStory(stage: () => DeployedStage): void {
  it('a program behind lockstep proxy asks the model without a key, and goes on when its lease is revoked', async () => {
    const { brokerOf, cli, places } = stage();
    const MODEL_URL = `${places.openai.apiUrl}/chat/completions`;
    const program = [process.execPath, '--import', LOADER, PROGRAM];
    const running = cli.start({ MODEL_URL }, 'summariser', 'proxy', 'model-session', '--', ...program);
    const served = (): number => running.output.split('served').length - 1;
    const untilMore = async (times: number): Promise<void> => {
      const before = served();
      await until(
        `the program has been served ${times} times more`,
        async () => served(),
        (now) => now >= before + times,
      );
    };
    try {
      await untilMore(20);
      const held = await liveLeases(stage(), PROGRAMS);
      expect(held).toHaveLength(1);
      const reason = 'a story on the bed';
      await brokerOf('platform-admin').ask('revoke', { by: 'lease', name: held[0]?.id ?? '', reason });
      await untilOthers(stage(), PROGRAMS, held);
      await untilMore(20);
    } finally {
      const { code, output, errors } = await running.end();
      console.log(`deployed: the program says ${output.trim().split('\n').at(-1)}, the proxy:\n${errors}`);
      expect({ code, last: output.trim().split('\n').at(-1) }).toEqual({
        code: 0,
        last: expect.stringContaining('"failed":0'),
      });
      // neither the key nor the secret of the pass is anywhere in what was said
      expect(output + errors).not.toMatch(/sk-|Basic /);
    }
    await untilNone(stage(), PROGRAMS);
  });
}

/** Leases of the model that somebody has and that work. */
async function liveLeases({ brokerOf }: DeployedStage, of: string): Promise<readonly LeaseView[]> {
  const { leases } = await brokerOf('platform-admin').ask('leases', { leasable: 'model-session' });
  return leases.filter(({ holder, phase }) => holder === of && phase === 'live');
}

/** Waits until somebody has a lease of the model, and none of those that were. */
const untilOthers = (stage: DeployedStage, of: string, before: readonly LeaseView[]) =>
  until(
    `${of} has another lease of the model`,
    () => liveLeases(stage, of),
    (now) => now.length > 0 && now.every(({ id }) => before.every((each) => each.id !== id)),
  );

/** Waits until all of them are given back. */
const untilNone = (stage: DeployedStage, of: string) =>
  until(
    `${of} has no lease of the model any more`,
    () => liveLeases(stage, of),
    (leases) => leases.length === 0,
  );

/** Attempts that failed, and asks for a lease that did. */
const failed = (agent: BedAgent): readonly Attempt[] =>
  agent.attempts().filter(({ outcome }) => outcome === 'failed');

/** The keys that the calls of these attempts have reached the provider with, as it noted them. */
function usedKeys({ targets }: DeployedStage, attempts: readonly Attempt[]): ReadonlySet<string> {
  const calls = new Set(
    attempts.flatMap(({ what, id }) => (what === 'call' && id !== undefined ? [id] : [])),
  );
  const mine = targets.openai.requests().filter(({ clientRequestId = '' }) => calls.has(clientRequestId));
  return new Set(mine.flatMap(({ keyId, status }) => (keyId !== null && status === 200 ? [keyId] : [])));
}

/** Waits until it has called the model and asked the database so often again. */
async function untilItHasWorkedMore(agent: BedAgent, times = 20): Promise<void> {
  const served = (what: Attempt['what']): number =>
    agent.attempts().filter((attempt) => attempt.what === what && attempt.outcome === 'served').length;
  const before = { call: served('call'), statement: served('statement') };
  await until(
    `the agent has worked ${times} times more`,
    async () => ({ call: served('call'), statement: served('statement') }),
    (now) => now.call >= before.call + times && now.statement >= before.statement + times,
  );
}

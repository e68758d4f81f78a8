import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { IssuedLease } from '../../../lambdas/core/ports/leaser.ts';
import { openaiLeaser } from '../../../lambdas/leasers/openai/leaser.ts';
import type { Fault } from '../../../embedded/openai-double/faults.ts';
import { ROUTES } from '../../../embedded/openai-double/routes.ts';
import { newLeaseId } from '../a-leasable.ts';
import { aLeaseWorld, HOLDER, type LeaseWorld } from './a-world.ts';

/** The leaser, each of whose requests reaches the provider, and each of whose answers comes back, when the scheduler says so. */
function interleaved(world: LeaseWorld, scheduler: fc.Scheduler) {
  const { fetch, clock, sleep } = world;
  const delayed: typeof fetch = async (url, init) => {
    await scheduler.schedule(Promise.resolve(), 'request');
    const answer = await fetch(url, init);
    await scheduler.schedule(Promise.resolve(), 'answer');
    return answer;
  };
  return openaiLeaser({ fetch: delayed, clock, sleep });
}

const valuesOf = (answers: readonly PromiseSettledResult<IssuedLease | void>[]) =>
  answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value.value] : []));

it('an end and an issue leave nothing that works, in whatever order their requests arrive', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = aLeaseWorld();
      const leaser = interleaved(world, scheduler);
      const id = newLeaseId();
      const both = Promise.allSettled([
        leaser.issue(world.lease(id, 1), HOLDER, world.times()),
        leaser.end(world.lease(id, 2)),
      ]);
      await scheduler.waitIdle();
      for (const value of valuesOf(await both)) expect(world.use(value)).toBe(401);
      expect(world.names()).toEqual([`lockstep-lease/test/model-calls/${id}/ended`]);
    }),
    { numRuns: 60 },
  );
});

it('two issues of one lease leave one that works, in whatever order their requests arrive', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isSameFence) => {
      const world = aLeaseWorld();
      const leaser = interleaved(world, scheduler);
      const id = newLeaseId();
      const both = Promise.allSettled([
        leaser.issue(world.lease(id, 1), HOLDER, world.times()),
        leaser.issue(world.lease(id, isSameFence ? 1 : 2), HOLDER, world.times()),
      ]);
      await scheduler.waitIdle();
      const values = valuesOf(await both);
      expect(values.map((value) => world.use(value)).filter((status) => status === 200)).toHaveLength(1);
      expect(world.names()).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});

const aFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant<Fault>({ do: 'lose-request' }),
  fc.constant<Fault>({ do: 'lose-answer' }),
  fc.constantFrom(429, 500, 503).map((status): Fault => ({ do: 'refuse', status })),
);
const faults = fc.array(
  fc.record({ route: fc.constantFrom(...ROUTES.map(({ template }) => template)), fault: aFault }),
  { maxLength: 12 },
);

/** As a sweeper does: again and again, as long as the error says that this can help. */
async function untilDone(step: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    try {
      await step();
      return;
    } catch (error) {
      if (!isLockstepError(error) || error.remedy !== 'retry') throw error;
    }
  }
  throw new Error('no end');
}

it('whatever is lost or refused, what was handed over works, and nothing works once the lease has ended', async () => {
  await fc.assert(
    fc.asyncProperty(faults, async (ordered) => {
      const world = aLeaseWorld();
      for (const { route, fault } of ordered) world.faults.order(route, fault);
      const id = newLeaseId();
      const answers: PromiseSettledResult<IssuedLease>[] = [];
      for (const fence of [1, 2, 3])
        answers.push(
          ...(await Promise.allSettled([world.leaser.issue(world.lease(id, fence), HOLDER, world.times())])),
        );
      const foreign = answers.filter((each) => each.status === 'rejected' && !isLockstepError(each.reason));
      expect(foreign).toEqual([]);
      const last = valuesOf(answers.slice(-1)).map((value) => world.use(value));
      expect(last).not.toContain(401);
      await untilDone(() => world.leaser.end(world.lease(id, 4)));
      for (const route of ROUTES) world.faults.take(route.template);
      expect(
        world.organization
          .accounts('proj_agents')
          .filter((each) => each.deletedAtMs === null && each.role === 'member'),
      ).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

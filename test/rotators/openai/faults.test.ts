import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fault } from '../../../embedded/openai-double/faults.ts';
import { ROUTES } from '../../../embedded/openai-double/routes.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import { token } from '../../fakes/counted-ids.ts';
import { aWorld, held, PROJECT, type World } from './a-world.ts';

const aFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant<Fault>({ do: 'lose-request' }),
  fc.constant<Fault>({ do: 'lose-answer' }),
  fc.constantFrom(429, 500, 503).map((status): Fault => ({ do: 'refuse', status })),
);
const faultsSomewhere = fc.array(
  fc.record({ route: fc.constantFrom(...ROUTES.map(({ template }) => template)), fault: aFault }),
  { maxLength: 12 },
);

/** As whoever replays a step does: again and again, as long as the error says that this can help. */
async function untilDone<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      if (!isLockstepError(error) || error.remedy !== 'retry') throw error;
    }
  }
  throw new Error('no end');
}

/** `createSecret` with the reaping that its use case does, for a value that is stored once. */
async function mint(world: World, of: string) {
  const request = world.request(of);
  const stored = held(of, await untilDone(() => world.rotator.issue(request, undefined)));
  await untilDone(async () => {
    const ours = await world.rotator.listOurs(request);
    for (const { key } of ours.filter((each) => each.token === of && each.key !== stored.key))
      await world.rotator.revoke(request, { version: of, key });
  });
  await untilDone(() => world.rotator.verify(request, stored));
  return stored;
}

it('a key goes all the way round whatever is lost or refused, and leaves exactly its successor alive', async () => {
  await fc.assert(
    fc.asyncProperty(faultsSomewhere, faultsSomewhere, async (early, late) => {
      const world = aWorld();
      const predecessor = await mint(world, token(1));
      for (const { route, fault } of early) world.faults.order(route, fault);
      const successor = await mint(world, token(2));
      for (const { route, fault } of late) world.faults.order(route, fault);
      const versions = { successor, predecessor };
      await untilDone(() => world.rotator.observe(world.request(token(2)), versions, []));
      await untilDone(() => world.rotator.revoke(world.request(token(2)), predecessor));
      const proof = await world.rotator.proveRefused(world.request(token(2)), predecessor);
      expect(proof).toBe('refused');
      await untilDone(() => world.rotator.verify(world.request(token(2)), successor));
      const alive = world.organization.accounts(PROJECT).filter(({ deletedAtMs }) => deletedAtMs === null);
      expect(alive.map(({ id }) => id)).toEqual([successor.key]);
    }),
  );
});

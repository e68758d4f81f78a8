/**
 * The whole way round on a real account. Only by `npm run test:live` (docs/live-test.md): it changes two throw-away
 * logins of a database. It has not been run.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { openAccount } from './open-account.ts';
import { theWholeWayRound } from './the-whole-way-round.ts';
import { expectTheWholeWay } from './expect-the-whole-way.ts';

it('a throw-away credential goes the whole way round on a real account', async () => {
  const environment = process.env['LOCKSTEP_STAGE'] ?? '';
  expect(environment, 'LOCKSTEP_STAGE names the environment').not.toBe('');
  const { default: workspace } = (await import(
    pathToFileURL(join(process.cwd(), 'lockstep.config.ts')).href
  )) as { readonly default: unknown };
  const world = await openAccount(workspace, environment);
  expectTheWholeWay(await theWholeWayRound(world));
  // Nothing is left to do: no rotation under way, and of the two logins one works.
  const { credentials } = await world.operator.query('status', { credential: 'live-test' });
  expect(credentials).toMatchObject([{ rotation: { phase: 'rolled-back' } }]);
});

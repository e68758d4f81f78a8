import { hours, poller, postgres, seconds } from '../../lambdas/contracts/inventory/index.ts';

/** The name of the credential that the live test rotates, and of the workload that stands for its dependent. */
export const THROW_AWAY = 'live-test';

/** Where a throw-away login may live: a database and roles that nothing else uses. */
export interface ThrowAwayPlace {
  readonly owner: string;
  /** The name of the `postgresAuthority` that may change the two logins. */
  readonly authority: string;
  readonly database: string;
  readonly slots: readonly [string, string];
  readonly ownerRole: string;
}

/**
 * A database login that nobody uses, for `npm run test:live`, with one dependent, which the test plays. Declare it in
 * the environment that is to be tested under the name `live-test`, beside a workload of that name whose role the test
 * may assume: docs/live-test.md.
 */
export const throwAwayCredential = (place: ThrowAwayPlace) =>
  postgres({
    ...place,
    rotateEvery: hours(12),
    boundTo: [THROW_AWAY],
    dependents: [poller(THROW_AWAY, { cacheTtl: seconds(5) })],
    retire: {
      afterAdoption: seconds(5),
      soak: seconds(5),
      deadline: hours(1),
      onDeadline: 'hold-and-page',
    },
  });

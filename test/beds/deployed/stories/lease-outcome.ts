import { expect } from 'vitest';
import type { Secret } from '../../../../lambdas/core/secret.ts';
import { tryLogin, validUntil } from '../lease-logins.ts';
import type { DeployedStage } from '../open-stage.ts';
import { until } from './rotation-of.ts';

/** A lease is over when the server refuses its login, has no role of it any more, and the audit says so. */
export async function untilOver(
  stage: DeployedStage,
  { id, leasable }: { readonly id: string; readonly leasable: string },
  value: Secret,
): Promise<void> {
  await until(
    `lease ${id} is over`,
    async () => ({ end: await validUntil(stage, value) }),
    ({ end }) => end === undefined,
  );
  expect(await tryLogin(stage, value)).toBe('refused');
  await until(
    `the audit says that lease ${id} is over`,
    () => entriesAbout(stage, { id, leasable }),
    (entries) =>
      entries.some(
        ({ action, type, result }) =>
          action === 'end-lease' && type === 'outcome' && result?.outcome === 'done',
      ),
  );
}

/** What the audit holds of a lease, as the deployed functions read it from DynamoDB. */
export async function entriesAbout(
  { as }: DeployedStage,
  { id, leasable }: { readonly id: string; readonly leasable: string },
) {
  const { records } = await as('platform-admin').query('history', { credential: leasable });
  return records
    .map(({ entry }) => entry)
    .filter(({ what }) => what.lease === id || what.leases?.includes(id) === true);
}

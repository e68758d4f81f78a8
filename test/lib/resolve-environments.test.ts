import { expect, it } from 'vitest';
import { VAULT_WRITES_PER_SECOND } from '../../lambdas/core/rotation/write-budget.ts';
import { resolveEnvironments } from '../../lib/resolve-environments.ts';
import { aWorkspace } from '../contracts/inventory/a-workspace.ts';

const STAGING = '111111111111';
const PRODUCTION = '222222222222';

/** What each environment may write, with production in that account and Region. */
function shares(account: string, region: string): Readonly<Record<string, number>> {
  const text = JSON.stringify(aWorkspace()).replaceAll(PRODUCTION, account);
  const workspace = JSON.parse(text) as ReturnType<typeof aWorkspace>;
  const production = { ...workspace.environments['production'], region };
  const { environments, problems } = resolveEnvironments({
    ...workspace,
    environments: { ...workspace.environments, production },
  });
  expect(problems).toEqual([]);
  return Object.fromEntries(
    environments.map(({ inventory, vaultWritesPerSecond }) => [inventory.environment, vaultWritesPerSecond]),
  );
}

const ALL = { staging: VAULT_WRITES_PER_SECOND, production: VAULT_WRITES_PER_SECOND };

it('gives each environment all that Lockstep takes of its account’s quota of writes', () => {
  expect(shares(PRODUCTION, 'eu-central-1')).toEqual(ALL);
});

it('divides it among environments of one account and Region', () => {
  const { staging = 0, production = 0 } = shares(STAGING, 'eu-central-1');
  expect(staging).toBe(production);
  expect(staging + production).toBeLessThanOrEqual(VAULT_WRITES_PER_SECOND);
});

it('does not divide it among Regions, which have a quota each', () => {
  expect(shares(STAGING, 'eu-west-1')).toEqual(ALL);
});

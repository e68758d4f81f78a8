import { expect, it } from 'vitest';
import {
  githubAppLease,
  githubAppLeaseAuthority,
  resolveInventory,
} from '../../../../lambdas/contracts/inventory/index.ts';
import { accessWith, aBucket, anAccessWorld, both } from './an-access-workspace.ts';

const world = { ...anAccessWorld(), leaseKinds: ['postgres', 'openai'] };
const others = {
  'leases.bucket': aBucket(),
  'leases.repository': githubAppLease({
    owner: 'platform',
    authority: 'app',
    installation: 7,
    account: 'acme',
    access: [{ repositories: ['docs'], permissions: { contents: 'read' } }],
    purposes: ['answer'],
  }),
  'leaseAuthorities.app': githubAppLeaseAuthority({
    owner: 'platform',
    adopters: { staging: [both('admin').staging], production: [both('admin').production] },
    clientId: { staging: 'Iv1.abc', production: 'Iv1.def' },
  }),
};
const resolve = (changes: Readonly<Record<string, unknown>>, environment: string) =>
  resolveInventory(accessWith({ ...others, ...changes }), environment, { localWorld: world });

it('what the embedded world serves no leases of is left out of local, with its authority, and everything else is there', () => {
  const { inventory, leftOut, problems } = resolve({}, 'local');
  expect(problems).toBeUndefined();
  expect(leftOut).toEqual([
    { name: 'bucket', kind: 'aws-session' },
    { name: 'repository', kind: 'github-app' },
  ]);
  expect(inventory?.access?.leasables.map(({ name }) => name)).toEqual(['model-session']);
  expect(inventory?.access?.leaseAuthorities.map(({ name }) => name)).toEqual(['model-leases']);
});

it('elsewhere it is there', () => {
  const { inventory, leftOut, problems } = resolve({}, 'staging');
  expect(problems).toBeUndefined();
  expect(leftOut).toBeUndefined();
  expect(inventory?.access?.leasables.map(({ name }) => name)).toEqual([
    'model-session',
    'bucket',
    'repository',
  ]);
});

it('what is wrong with it in the file is told in local as well', () => {
  expect(resolve({ 'leases.bucket.owner': '' }, 'local').problems).toContainEqual(
    expect.objectContaining({ path: 'leases.bucket.owner' }),
  );
  expect(resolve({ 'leases.bucket.misspelt': 1 }, 'local').problems).toContainEqual(
    expect.objectContaining({ path: 'leases.bucket.misspelt' }),
  );
});

it('a kind that there is not is a problem, and nothing that is left out', () => {
  const { problems } = resolve({ 'leases.bucket.kind': 'aws-sesion' }, 'local');
  expect(problems).toContainEqual(expect.objectContaining({ path: 'leases.bucket.kind' }));
});

it('of a kind that is served everything has to come from the world', () => {
  const localWorld = { ...anAccessWorld({ 'model-session.place': null }), leaseKinds: world.leaseKinds };
  expect(resolveInventory(accessWith(others), 'local', { localWorld }).problems).toMatchObject([
    { path: 'leases.model-session.egress[0].host' },
  ]);
});

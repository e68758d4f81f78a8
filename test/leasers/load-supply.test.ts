import { expect, it } from 'vitest';
import { LEASER_KINDS } from '../../lambdas/contracts/kinds.ts';
import { leaseCapabilities } from '../../lambdas/contracts/lease-capabilities.ts';
import { loadSupply } from '../../lambdas/leasers/load-supply.ts';

const withAuthority = LEASER_KINDS.filter(({ authority }) => authority).map(({ name }) => name);
const without = LEASER_KINDS.filter(({ authority }) => !authority).map(({ name }) => name);

it.each(withAuthority)('a person can give the lease authority of %s a value', async (kind) => {
  expect(['made-here', 'pasted']).toContain((await loadSupply(kind)).how);
});

it.each([...without, 'oracle', 'toString', '__proto__'])(
  'there is nothing to supply for %s, and it says for what there is',
  async (kind) => {
    await expect(loadSupply(kind)).rejects.toThrow(/it can for postgres, /);
    await expect(loadSupply(kind)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  },
);

it.each(LEASER_KINDS)(
  'what $name can do is the same in its kind and apart from it',
  ({ name, capabilities }) => {
    expect(leaseCapabilities(name)).toBe(capabilities);
  },
);

import { beforeEach, describe, expect, it } from 'vitest';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { makeSupplyCurrent, putSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';

const inventory: Inventory = {
  environment: 'local',
  digest: '0'.repeat(64),
  workloads: [],
  freezes: [],
  credentials: [],
  access: {
    ...NO_ACCESS,
    leaseAuthorities: [
      {
        name: 'rag-db-leases',
        kind: 'postgres',
        owner: 'data-platform',
        adopters: [],
        supplyEverySeconds: 86_400,
        target: {},
      },
    ],
  },
};
const SECRET = 'lockstep/local/rag-db-leases';
const version = (digit: string): string => digit.repeat(32);

let vault: MemoryVault;
beforeEach(() => {
  vault = new MemoryVault();
  vault.createSecret(SECRET);
});
const put = (digit: string) =>
  putSupply({ inventory, vault }, 'rag-db-leases', version(digit), new Secret(`value ${digit}`));
const use = (digit: string) => makeSupplyCurrent({ inventory, vault }, 'rag-db-leases', version(digit));
const current = async () => (await vault.read(SECRET)).value.reveal();
const labels = async () => (await vault.describe(SECRET)).versions;

describe('a new value of a lease authority', () => {
  it('is current at once where there is none: nothing could be leased before', async () => {
    expect(await put('1')).toEqual({ is: 'current' });
    expect(await current()).toBe('value 1');
  });

  it('waits to be proved where there is one, and the other is used meanwhile', async () => {
    await put('1');
    expect(await put('2')).toEqual({ is: 'pending' });
    expect(await current()).toBe('value 1');
    await use('2');
    expect([await current(), (await labels())[version('2')]]).toEqual(['value 2', ['AWSCURRENT']]);
  });

  it('changes nothing when any part of it is repeated', async () => {
    await put('1');
    expect(await put('1')).toEqual({ is: 'current' });
    await use('1');
    await put('2');
    await put('2');
    await use('2');
    await use('2');
    expect([await current(), await labels()]).toEqual([
      'value 2',
      { [version('1')]: ['AWSPREVIOUS'], [version('2')]: ['AWSCURRENT'] },
    ]);
  });

  it('takes the place of one that was never proved', async () => {
    await put('1');
    await put('2');
    await put('3');
    await use('3');
    expect([await current(), Object.values(await labels()).flat()]).toEqual([
      'value 3',
      expect.not.arrayContaining(['AWSPENDING']),
    ]);
  });

  it('is not made current when the vault has none of it', async () => {
    await put('1');
    await expect(use('2')).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
    expect(await current()).toBe('value 1');
  });

  it('is put into no other secret: what is no lease authority is refused', async () => {
    vault.createSecret('lockstep/local/vector-store');
    const other = putSupply({ inventory, vault }, 'vector-store', version('1'), new Secret('x'));
    await expect(other).rejects.toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
    await expect(makeSupplyCurrent({ inventory, vault }, 'vector-store', version('1'))).rejects.toMatchObject(
      { code: 'UNKNOWN_CREDENTIAL' },
    );
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { proveSupply, putSupply } from '../../lambdas/supply-authority/supply-authority.ts';
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
    leasables: [
      {
        name: 'vector-reader',
        kind: 'postgres',
        owner: 'retrieval-team',
        tier: 1,
        authority: 'rag-db-leases',
        ttl: { defaultSeconds: 900, maximumSeconds: 900, longestSeconds: 900 },
        limits: { perPrincipal: 1, total: 1, perMinute: 1 },
        purposes: ['investigate'],
        egress: [],
        target: {},
      },
    ],
  },
};
const SECRET = 'lockstep/local/rag-db-leases';
const version = (digit: string): string => digit.repeat(32);

let vault: MemoryVault;
let proved: string[];
/** Versions that the target refuses. */
let refused: string[];
beforeEach(() => {
  vault = new MemoryVault();
  vault.createSecret(SECRET);
  [proved, refused] = [[], []];
});
/** As the lease function does: reads the version that it is told to, and logs in with it. */
const leases: LeaseFunctions = {
  call: async (kind, command) => {
    if (kind !== 'postgres' || command.do !== 'prove-authority' || command.leasable !== 'vector-reader')
      throw new Error('only proving was expected, through the kind of the authority');
    const { version: told } = command as unknown as { readonly version: string };
    const value = (await vault.read(SECRET, { version: told })).value.reveal();
    if (refused.includes(value)) throw new LockstepError('TARGET_REFUSES_LOGIN', 'the login was refused');
    proved.push(value);
    return { works: true } as never;
  },
};
const put = (digit: string) =>
  putSupply({ inventory, vault }, 'rag-db-leases', version(digit), new Secret(`value ${digit}`));
const prove = () => proveSupply({ inventory, vault, leases }, 'rag-db-leases');
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
    expect(await prove()).toEqual({ version: version('2') });
    expect([proved, await current(), (await labels())[version('2')]]).toEqual([
      ['value 2'],
      'value 2',
      ['AWSCURRENT'],
    ]);
  });

  it('changes nothing when any part of it is repeated', async () => {
    await put('1');
    expect(await put('1')).toEqual({ is: 'current' });
    await prove();
    await put('2');
    await put('2');
    await prove();
    await prove();
    expect([await current(), await labels()]).toEqual([
      'value 2',
      { [version('1')]: ['AWSPREVIOUS'], [version('2')]: ['AWSCURRENT'] },
    ]);
  });

  it('takes the place of one that was never proved', async () => {
    await put('1');
    await put('2');
    await put('3');
    await prove();
    expect([await current(), Object.values(await labels()).flat()]).toEqual([
      'value 3',
      expect.not.arrayContaining(['AWSPENDING']),
    ]);
  });
});

describe('proving a new value of a lease authority', () => {
  it('leaves it unused where its target refuses it, and the one in use stays', async () => {
    await put('1');
    await put('2');
    refused.push('value 2');
    await expect(prove()).rejects.toMatchObject({ code: 'TARGET_REFUSES_LOGIN' });
    expect(await current()).toBe('value 1');
    refused.pop();
    await prove();
    expect(await current()).toBe('value 2');
  });

  it('leaves it unused when the answer that it works was lost', async () => {
    await put('1');
    await put('2');
    const lost: LeaseFunctions = {
      call: async (kind, command) => {
        await leases.call(kind, command);
        throw new LockstepError('TARGET_UNREACHABLE', 'no usable answer');
      },
    };
    await expect(proveSupply({ inventory, vault, leases: lost }, 'rag-db-leases')).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    });
    expect(await current()).toBe('value 1');
  });

  it('is refused before there is one', async () => {
    await expect(prove()).rejects.toMatchObject({ code: 'NOT_ADOPTED' });
    expect(proved).toEqual([]);
  });

  it('is for lease authorities, as putting one is: other secrets are left alone', async () => {
    vault.createSecret('lockstep/local/vector-store');
    const other = putSupply({ inventory, vault }, 'vector-store', version('1'), new Secret('x'));
    await expect(other).rejects.toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
    await expect(proveSupply({ inventory, vault, leases }, 'vector-store')).rejects.toMatchObject({
      code: 'UNKNOWN_CREDENTIAL',
    });
  });
});

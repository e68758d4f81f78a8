import { LambdaClient } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { awsConnection, type AwsSupplies } from '../../cli/connection/aws-connection.ts';
import { NO_ACCESS } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { MemoryVault } from '../fakes/memory-vault.ts';

const SECRET = 'lockstep/staging/openai-leases';
const inventory = {
  environment: 'staging',
  access: {
    ...NO_ACCESS,
    leaseAuthorities: [{ name: 'openai-leases', kind: 'openai' }],
    leasables: [{ name: 'model-session', kind: 'openai', authority: 'openai-leases' }],
  },
} as unknown as Inventory;
const version = (digit: string): string => digit.repeat(32);

let vault: MemoryVault;
let called: object[];
const leases: LeaseFunctions = {
  call: async (kind, command) => {
    called.push({ kind, ...command });
    return { works: true } as never;
  },
};
beforeEach(() => {
  [vault, called] = [new MemoryVault(), []];
  vault.createSecret(SECRET);
});

const connection = (supplies?: AwsSupplies) =>
  awsConnection({
    stage: { environment: 'staging', account: '111111111111', region: 'us-east-1' },
    lambda: new LambdaClient({ region: 'us-east-1' }),
    vault,
    ...(supplies ? { supplies } : {}),
    fetch: () => Promise.reject(new Error('nothing goes through a URL here')),
    newId: () => 'an-id',
    timeouts: { orderSeconds: 1, querySeconds: 1 },
  });

describe('supplying a lease authority on AWS', () => {
  it('goes to the vault and to the lease function of its kind, under the person’s own right', async () => {
    const aws = connection({ vault, leases, inventory: async () => inventory });
    await aws.putSupply('openai-leases', version('1'), new Secret('the first'));
    expect(await aws.putSupply('openai-leases', version('2'), new Secret('the second'))).toEqual({
      is: 'pending',
    });
    expect(await aws.proveSupply('openai-leases')).toEqual({ version: version('2') });
    expect(called).toEqual([
      { kind: 'openai', do: 'prove-authority', leasable: 'model-session', version: version('2') },
    ]);
    expect((await vault.read(SECRET)).value.reveal()).toBe('the second');
  });

  it('touches nothing where the file is wrong', async () => {
    const wrong = async (): Promise<never> => {
      throw new LockstepError('INVENTORY_INVALID', 'the inventory has problems');
    };
    const put = connection({ vault, leases, inventory: wrong }).putSupply(
      'openai-leases',
      version('1'),
      new Secret('the first'),
    );
    await expect(put).rejects.toMatchObject({ code: 'INVENTORY_INVALID' });
    expect((await vault.describe(SECRET)).versions).toEqual({});
  });

  it('is refused by name where it is not offered, as are tokens of issuers that are not ours', async () => {
    const aws = connection();
    await expect(aws.proveSupply('openai-leases')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await expect(aws.signToken({ issuer: 'okta', subject: 'ada' })).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
    });
  });
});

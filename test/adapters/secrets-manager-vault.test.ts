import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretsManagerVault } from '../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { clientOf } from './doubles/http-double.ts';
import { ServiceError } from './doubles/json-double.ts';
import { secretsManagerDouble, type SecretsManagerDouble } from './doubles/secrets-manager.ts';

const NAME = 'lockstep/staging/vector-store';
const FIRST = '00000000-0000-4000-8000-000000000001';
const SECOND = '00000000-0000-4000-8000-000000000002';
const THIRD = '00000000-0000-4000-8000-000000000003';
const value = (text: string): Secret => new Secret(`{"password":"not-a-real-${text}"}`);

let aws: SecretsManagerDouble;
let vault: Vault;

beforeEach(async () => {
  aws = await secretsManagerDouble();
  vault = secretsManagerVault(new SecretsManagerClient(clientOf(aws)));
  aws.declare(NAME);
});
afterEach(() => aws.close());

/** A secret that has been adopted, and whose second rotation has put a pending version. */
async function withPending(): Promise<void> {
  await vault.putFirst(NAME, FIRST, value('first'));
  await vault.putPending(NAME, SECOND, value('second'));
}

describe('what is sent', () => {
  it('puts a pending value under its token, with AWSPENDING and no other label', async () => {
    await vault.putPending(NAME, SECOND, value('second'), 'rotation-token-of-the-event');
    expect(aws.inputs('PutSecretValue')).toEqual([
      {
        SecretId: NAME,
        ClientRequestToken: SECOND,
        SecretString: value('second').reveal(),
        VersionStages: ['AWSPENDING'],
        RotationToken: 'rotation-token-of-the-event',
      },
    ]);
  });

  it('sends no RotationToken where it was given none', async () => {
    await vault.putPending(NAME, SECOND, value('second'));
    expect(aws.inputs('PutSecretValue')[0]).not.toHaveProperty('RotationToken');
  });

  it('moves AWSCURRENT by compare-and-swap', async () => {
    await withPending();
    await vault.moveCurrent(NAME, { to: SECOND, from: FIRST });
    expect(aws.inputs('UpdateSecretVersionStage')).toEqual([
      { SecretId: NAME, VersionStage: 'AWSCURRENT', MoveToVersionId: SECOND, RemoveFromVersionId: FIRST },
    ]);
    expect(aws.labels(NAME)).toEqual({ [FIRST]: ['AWSPREVIOUS'], [SECOND]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  it('registers a function at adoption without rotating, and says so', async () => {
    const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:lockstep-staging-target-postgres';
    await vault.startRotation(NAME, {
      token: SECOND,
      immediately: false,
      configure: { functionArn, everyDays: 365 },
    });
    expect(aws.inputs('RotateSecret')).toEqual([
      {
        SecretId: NAME,
        ClientRequestToken: SECOND,
        RotateImmediately: false,
        RotationLambdaARN: functionArn,
        RotationRules: { AutomaticallyAfterDays: 365 },
      },
    ]);
    expect(aws.labels(NAME)).toEqual({});
  });
});

describe('reading', () => {
  it('describes labels, rotation and ARN, before and after the first rotation', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    expect(await vault.describe(NAME)).toEqual({
      arn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:lockstep/staging/vector-store-AbCdEf',
      name: NAME,
      rotationEnabled: undefined,
      versions: { [FIRST]: ['AWSCURRENT'] },
      replicaRegions: [],
    });
  });

  it('reads AWSCURRENT, a label or a version, by name and by ARN', async () => {
    await withPending();
    const { arn } = await vault.describe(NAME);
    const read = await Promise.all([
      vault.read(NAME),
      vault.read(arn, { label: 'AWSPENDING' }),
      vault.read(NAME, { version: FIRST }),
    ]);
    expect(read.map(({ version, value: found }) => [version, found.reveal()])).toEqual([
      [FIRST, value('first').reveal()],
      [SECOND, value('second').reveal()],
      [FIRST, value('first').reveal()],
    ]);
  });

  it('keeps a value out of everything that prints', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    const read = await vault.read(NAME);
    expect(inspect(read, { depth: 9 }) + JSON.stringify(read) + String(read.value)).not.toContain(
      'not-a-real',
    );
  });
});

describe('reading what is not there', () => {
  it.each([
    ['an unknown version', { version: THIRD }],
    ['a label that no version holds', { label: 'AWSPENDING' }],
    ['a version that does not hold the label', { version: FIRST, label: 'AWSPENDING' }],
  ] as const)('says UNKNOWN_VERSION of %s', async (_what, selector) => {
    await vault.putFirst(NAME, FIRST, value('first'));
    await expect(vault.read(NAME, selector)).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });

  it('says UNKNOWN_VERSION of a pending version that has no value yet, without asking twice', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    await vault.startRotation(NAME, {
      token: SECOND,
      immediately: true,
      configure: { functionArn: 'arn:f', everyDays: 30 },
    });
    await expect(vault.read(NAME, { version: SECOND, label: 'AWSPENDING' })).rejects.toMatchObject({
      code: 'UNKNOWN_VERSION',
    });
    expect(aws.inputs('DescribeSecret')).toEqual([]);
  });

  it('tells an unknown version from an unknown secret by asking, where the text does not tell', async () => {
    aws.fail('GetSecretValue', new ServiceError('ResourceNotFoundException', 'nothing like that here'));
    await expect(vault.read(NAME)).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
  });

  it('says UNKNOWN_CREDENTIAL of a secret that nobody declared', async () => {
    await expect(vault.read('lockstep/staging/other')).rejects.toMatchObject({ code: 'UNKNOWN_CREDENTIAL' });
    await expect(vault.describe('lockstep/staging/other')).rejects.toMatchObject({
      code: 'UNKNOWN_CREDENTIAL',
    });
  });

  it('refuses a binary value by name', async () => {
    aws.declare(NAME).versions.set(FIRST, { binary: 'AAAA', labels: new Set(['AWSCURRENT']) });
    await expect(vault.read(NAME)).rejects.toMatchObject({ code: 'VALUE_MALFORMED' });
  });
});

describe('writing twice', () => {
  it('takes the same pending value again', async () => {
    await withPending();
    await vault.putPending(NAME, SECOND, value('second'));
    expect(aws.labels(NAME)).toEqual({ [FIRST]: ['AWSCURRENT'], [SECOND]: ['AWSPENDING'] });
  });

  it('says VERSION_CONFLICT of another value under the same token, and keeps the first', async () => {
    await withPending();
    await expect(vault.putPending(NAME, SECOND, value('other'))).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
    });
    expect(aws.valueOf(NAME, SECOND)).toBe(value('second').reveal());
  });

  it('survives the loss of the answer to a put: the SDK sends it again, and it is the same version', async () => {
    aws.fail('PutSecretValue', 'lose-after');
    await vault.putPending(NAME, SECOND, value('second'));
    expect(aws.inputs('PutSecretValue')).toHaveLength(2);
    expect(aws.labels(NAME)).toEqual({ [SECOND]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  it('knows its own move again when the answer to it was lost', async () => {
    await withPending();
    aws.fail('UpdateSecretVersionStage', 'lose-after');
    await vault.moveCurrent(NAME, { to: SECOND, from: FIRST });
    expect(aws.labels(NAME)[SECOND]).toContain('AWSCURRENT');
  });

  it('says LABEL_CONFLICT of a move that somebody else has made', async () => {
    await withPending();
    await vault.moveCurrent(NAME, { to: SECOND, from: FIRST });
    await expect(vault.moveCurrent(NAME, { to: SECOND, from: FIRST })).rejects.toMatchObject({
      code: 'LABEL_CONFLICT',
    });
  });

  it('says LABEL_CONFLICT where AWSCURRENT is elsewhere even after a lost answer', async () => {
    await withPending();
    await vault.putFirst(NAME, THIRD, value('third'));
    aws.fail('UpdateSecretVersionStage', 'lose-before');
    await expect(vault.moveCurrent(NAME, { to: SECOND, from: FIRST })).rejects.toMatchObject({
      code: 'LABEL_CONFLICT',
      message: expect.stringContaining(THIRD) as string,
    });
  });
});

describe('labels', () => {
  it('says UNKNOWN_VERSION of a move to a version that does not exist', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    await expect(vault.moveCurrent(NAME, { to: THIRD, from: FIRST })).rejects.toMatchObject({
      code: 'UNKNOWN_VERSION',
    });
  });

  it('removes AWSPENDING, and is content where it is not there', async () => {
    await withPending();
    await vault.removePending(NAME, SECOND);
    await vault.removePending(NAME, SECOND);
    await vault.removePending(NAME, FIRST);
    await vault.removePending(NAME, THIRD);
    expect(aws.labels(NAME)).toEqual({ [FIRST]: ['AWSCURRENT'] });
  });

  it('leaves AWSPENDING alone on the version that was not named', async () => {
    await withPending();
    await vault.removePending(NAME, FIRST);
    expect(aws.labels(NAME)[SECOND]).toEqual(['AWSPENDING']);
  });
});

describe('a refusal that the labels do not explain', () => {
  const refusal = (code: string): ServiceError => new ServiceError(code, 'refused');

  it.each([
    ['a move', (on: Vault) => on.moveCurrent(NAME, { to: SECOND, from: FIRST })],
    ['a removal', (on: Vault) => on.removePending(NAME, SECOND)],
  ] as const)('leaves it unknown what became of %s: they may be shown as they were', async (_what, call) => {
    await withPending();
    aws.fail('UpdateSecretVersionStage', refusal('InvalidParameterException'));
    await expect(call(vault)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE', remedy: 'retry' });
    aws.fail('UpdateSecretVersionStage', refusal('InvalidRequestException'));
    await expect(call(vault)).rejects.toMatchObject({ code: 'VAULT_REFUSED', remedy: 'operator' });
  });

  it('is one of the secret as a whole only where nothing was sent twice', async () => {
    await withPending();
    aws.fail('UpdateSecretVersionStage', 'lose-before');
    aws.fail('UpdateSecretVersionStage', refusal('InvalidRequestException'));
    await expect(vault.moveCurrent(NAME, { to: SECOND, from: FIRST })).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
  });
});

describe('starting a rotation', () => {
  const configure = { functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:f', everyDays: 30 };

  it('registers a pending version without a value, and takes the same token again', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    await vault.startRotation(NAME, { token: SECOND, immediately: true, configure });
    await vault.startRotation(NAME, { token: SECOND, immediately: true });
    expect(aws.labels(NAME)).toEqual({ [FIRST]: ['AWSCURRENT'], [SECOND]: ['AWSPENDING'] });
  });

  it('says PENDING_ELSEWHERE, and where, while an earlier rotation is not complete', async () => {
    await withPending();
    const started = vault.startRotation(NAME, { token: THIRD, immediately: true, configure });
    await expect(started).rejects.toMatchObject({
      code: 'PENDING_ELSEWHERE',
      message: expect.stringContaining(SECOND) as string,
    });
  });

  it('does not mistake AWSPENDING on the current version for an unfinished rotation', async () => {
    await withPending();
    await vault.moveCurrent(NAME, { to: SECOND, from: FIRST });
    await vault.startRotation(NAME, { token: THIRD, immediately: true, configure });
    expect(aws.labels(NAME)[THIRD]).toEqual(['AWSPENDING']);
  });

  it('does not blame AWSPENDING on the current version for another refusal', async () => {
    await withPending();
    await vault.moveCurrent(NAME, { to: SECOND, from: FIRST });
    const started = vault.startRotation(NAME, { token: THIRD, immediately: true });
    await expect(started).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
  });

  it('says VAULT_REFUSED where there is no function to call', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    const started = vault.startRotation(NAME, { token: SECOND, immediately: true });
    await expect(started).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
  });
});

describe('failures', () => {
  it('says VAULT_REFUSED of a secret that is being deleted', async () => {
    aws.declare(NAME).deleted = true;
    await expect(vault.read(NAME)).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
  });

  it.each(['AccessDeniedException', 'DecryptionFailure', 'EncryptionFailure', 'InvalidRequestException'])(
    'says VAULT_REFUSED of %s, and tries it once',
    async (code) => {
      aws.fail('PutSecretValue', new ServiceError(code, 'User: arn:aws:iam::111122223333:role/x may not'));
      await expect(vault.putPending(NAME, SECOND, value('second'))).rejects.toMatchObject({
        code: 'VAULT_REFUSED',
      });
      expect(aws.inputs('PutSecretValue')).toHaveLength(1);
    },
  );

  it('tries a throttled call three times, then says VAULT_UNAVAILABLE', async () => {
    for (let time = 0; time < 3; time += 1)
      aws.fail('DescribeSecret', new ServiceError('ThrottlingException', 'Rate exceeded'));
    await expect(vault.describe(NAME)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    expect(aws.inputs('DescribeSecret')).toHaveLength(3);
    expect((await vault.describe(NAME)).name).toBe(NAME);
  });

  it('asks for ten minutes of patience when the quota of versions is used up', async () => {
    for (let time = 0; time < 3; time += 1)
      aws.fail('PutSecretValue', new ServiceError('LimitExceededException', 'too many'));
    const put = vault.putPending(NAME, SECOND, value('second'));
    await expect(put).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE', retryAfterSeconds: 600 });
  });

  it('keeps what Secrets Manager quotes out of the message and out of the cause', async () => {
    aws.fail(
      'PutSecretValue',
      new ServiceError('InvalidParameterException', `bad value ${value('second').reveal()}`),
    );
    const error: unknown = await vault
      .putPending(NAME, SECOND, value('second'))
      .catch((thrown: unknown) => thrown);
    expect(everythingIn(error)).toContain('InvalidParameterException');
    expect(everythingIn(error)).not.toContain('not-a-real');
  });

  it('keeps an answer that it cannot read out of the error', async () => {
    await vault.putFirst(NAME, FIRST, value('first'));
    aws.fail('GetSecretValue', { garbled: 'not-a-real-first' });
    const error: unknown = await vault.read(NAME).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    expect(everythingIn(error)).not.toContain('not-a-real');
  });
});

const everythingIn = (error: unknown): string => inspect(error, { depth: 9, showHidden: true });

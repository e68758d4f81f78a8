import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../embedded/vault/principal-vault.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { token } from '../../fakes/counted-ids.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { codeOf } from '../../ports/under-test.ts';
import { aVault, ROLE, SECRET } from './a-vault.ts';

const CANARY = 'not-a-real-secret-c4n4ry';

describe('what the embedded vault says of every call', () => {
  const folder = inTempFolder();

  it('has the form of a CloudTrail record in the envelope of EventBridge', async () => {
    const { vault, events } = aVault(folder());
    await vault.vaultFor(ROLE).putFirst(SECRET, token(1), new Secret(CANARY));
    await vault.vaultFor(ROLE).read(SECRET, { version: token(1), label: 'AWSCURRENT' });
    const [read] = events.filter(({ detail }) => detail['eventName'] === 'GetSecretValue');
    expect(read).toMatchObject({
      version: '0',
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.secretsmanager',
      account: '000000000000',
      region: 'local',
      time: '2026-01-01T00:00:00Z',
      resources: [],
      detail: {
        eventSource: 'secretsmanager.amazonaws.com',
        eventTime: '2026-01-01T00:00:00Z',
        readOnly: true,
        eventType: 'AwsApiCall',
        recipientAccountId: '000000000000',
        requestParameters: { secretId: SECRET, versionId: token(1), versionStage: 'AWSCURRENT' },
        responseElements: null,
        userIdentity: {
          type: 'AssumedRole',
          arn: 'arn:aws:sts::000000000000:assumed-role/lockstep-test-target-postgres/embedded',
          sessionContext: { sessionIssuer: { arn: ROLE } },
        },
      },
    });
    expect(read?.id).not.toBe(read?.detail['eventID']);
    vault.close();
  });

  it('has its own id each time and never a value', async () => {
    const { vault, events } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), new Secret(CANARY));
    await client.putPending(SECRET, token(2), new Secret(CANARY), CANARY);
    await client.read(SECRET);
    await codeOf(client.putPending(SECRET, token(2), new Secret(`${CANARY}-other`)));
    const ids = events.map(({ detail, id }) => detail['eventID'] ?? id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.stringify(events)).not.toContain('c4n4ry');
    vault.close();
  });
});

describe('who and what went wrong in what the embedded vault says', () => {
  const folder = inTempFolder();

  it('tells a root and an IAM user from a role', async () => {
    const { vault, events } = aVault(folder());
    await vault.vaultFor('arn:aws:iam::000000000000:root').describe(SECRET);
    await vault.vaultFor('arn:aws:iam::000000000000:user/team/alice').describe(SECRET);
    await vault.vaultFor('embedded:rag-pipeline').describe(SECRET);
    const identities = events.map(({ detail }) => detail['userIdentity']);
    expect(identities).toMatchObject([
      { type: 'Root', arn: 'arn:aws:iam::000000000000:root' },
      { type: 'IAMUser', userName: 'alice' },
      { type: 'AssumedRole', sessionContext: { sessionIssuer: { arn: 'embedded:rag-pipeline' } } },
    ]);
    vault.close();
  });

  it('names the exception of a call that failed', async () => {
    const { vault, events } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    await codeOf(client.read(SECRET));
    await codeOf(client.read('lockstep/test/nothing'));
    await client.putPending(SECRET, token(1), new Secret(CANARY));
    await codeOf(client.putPending(SECRET, token(1), new Secret('another')));
    const codes = events.map(({ detail }) => detail['errorCode']);
    expect(codes).toEqual([
      'ResourceNotFoundException',
      'ResourceNotFoundException',
      undefined,
      'ResourceExistsException',
    ]);
    expect(events[1]?.detail['requestParameters']).toEqual({ secretId: 'lockstep/test/nothing' });
    vault.close();
  });
});

describe('what the embedded vault says by itself', () => {
  const folder = inTempFolder();

  it('tells when AWSCURRENT moved, as Secrets Manager does by itself, and only then', async () => {
    const { vault, events } = aVault(folder());
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), new Secret(CANARY));
    await client.putFirst(SECRET, token(1), new Secret(CANARY));
    await client.putPending(SECRET, token(2), new Secret(CANARY));
    await client.moveCurrent(SECRET, { to: token(2), from: token(1) });
    await client.removePending(SECRET, token(2));
    const { arn } = await client.describe(SECRET);
    const moved = events.filter((event) => event['detail-type'] === 'Secret Label Updated');
    expect(moved.map(({ resources, detail }) => [resources, detail])).toEqual([
      [[arn], { name: SECRET, labelUpdated: 'AWSCURRENT', versionId: token(1) }],
      [[arn], { name: SECRET, labelUpdated: 'AWSCURRENT', versionId: token(2) }],
    ]);
    vault.close();
  });

  it('tells of rotations as Secrets Manager does, naming nobody', async () => {
    const { vault, events } = aVault(folder());
    vault.report({ event: 'RotationFailed', arn: 'arn', token: token(1), code: 'TARGET_UNREACHABLE' });
    expect(events[0]).toMatchObject({
      'detail-type': 'AWS Service Event via CloudTrail',
      detail: {
        eventType: 'AwsServiceEvent',
        eventName: 'RotationFailed',
        userIdentity: { invokedBy: 'secretsmanager.amazonaws.com' },
        additionalEventData: { SecretId: 'arn' },
        requestID: `Rotation-arn-${token(1)}`,
      },
    });
    vault.close();
  });
});

describe('who may do what with the embedded vault', () => {
  const folder = inTempFolder();

  it('is asked for every call, by principal, call and name, whatever the caller sent', async () => {
    const asked: AccessRequest[] = [];
    const { vault } = aVault(folder(), { authorise: (request) => asked.push(request) > 0 });
    const client = vault.vaultFor(ROLE);
    const { arn } = await client.describe(SECRET);
    await client.putFirst(arn, token(1), new Secret(CANARY));
    await client.read(arn.slice(0, -7));
    expect(asked).toEqual(
      ['DescribeSecret', 'PutSecretValue', 'GetSecretValue'].map((call) => ({
        principal: ROLE,
        call,
        secret: SECRET,
      })),
    );
    vault.close();
  });

  it('is told no without an effect, without request parameters, and without saying whether the secret exists', async () => {
    const { vault, events } = aVault(folder(), { authorise: ({ call }) => call === 'DescribeSecret' });
    const client = vault.vaultFor('embedded:stranger');
    expect(await codeOf(client.putFirst(SECRET, token(1), new Secret(CANARY)))).toBe('VAULT_REFUSED');
    expect(await codeOf(client.read(SECRET))).toBe('VAULT_REFUSED');
    expect(await codeOf(client.read('lockstep/test/nothing'))).toBe('VAULT_REFUSED');
    expect((await client.describe(SECRET)).versions).toEqual({});
    const denied = events.slice(0, 3).map(({ detail }) => detail);
    for (const record of denied)
      expect(record).toMatchObject({
        errorCode: 'AccessDenied',
        requestParameters: null,
        responseElements: null,
      });
    expect(denied[1]?.['errorMessage']).toMatch(
      /^User: arn:aws:sts::000000000000:assumed-role\/stranger\/embedded is not authorized to perform: secretsmanager:GetSecretValue on resource: lockstep\/test\/vector-store because /,
    );
    vault.close();
  });

  it('still reads when nobody takes the record, and that is counted', async () => {
    let lost = 0;
    const { vault } = aVault(folder(), {
      defaultBus: () => Promise.reject(new Error('full')),
      onLost: () => (lost += 1),
    });
    const client = vault.vaultFor(ROLE);
    await client.putFirst(SECRET, token(1), new Secret(CANARY));
    expect((await client.read(SECRET)).value.reveal()).toBe(CANARY);
    // Two calls and one moved label.
    expect(lost).toBe(3);
    vault.close();
  });
});

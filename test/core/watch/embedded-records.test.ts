import { describe, expect, it } from 'vitest';
import { accessRecord, type CallFailure } from '../../../embedded/vault/access-record.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { parseRecord } from '../../../lambdas/core/watch/parse-record.ts';

const CONTEXT = {
  account: '000000000000',
  region: 'local',
  at: new Date('2026-11-24T10:00:00.700Z'),
  eventId: 'e1',
  requestId: 'r1',
};

const read = (principal: string, failure?: CallFailure) => {
  const secretId = 'lockstep/local/vector-store';
  const parameters = { secretId, versionId: 'v1' };
  const call = { call: 'GetSecretValue', principal, secretId, parameters, response: null } as const;
  const parsed = parseRecord(accessRecord(call, failure, CONTEXT));
  return parsed.kind === 'access' ? parsed.access : expect.fail(`passed as ${parsed.why}`);
};

describe('the records of the embedded vault are read like those of CloudTrail', () => {
  it.each([
    'embedded:rag-api',
    'arn:aws:iam::000000000000:role/lockstep/local/lockstep-local-target-postgres',
    'arn:aws:iam::000000000000:user/ann',
    'arn:aws:iam::000000000000:root',
  ])('a read by %s', (principal) => {
    expect(read(principal)).toMatchObject({
      eventId: 'e1',
      at: '2026-11-24T10:00:00.000Z',
      outcome: 'served',
      secretIds: ['lockstep/local/vector-store'],
      versionId: 'v1',
      principal: { key: principal, identity: principal },
    });
  });

  it('a refusal names its secret in the message alone', () => {
    const { outcome, secretIds, versionId } = read('embedded:stranger', { kind: 'denied' });
    expect({ outcome, secretIds, versionId }).toEqual({
      outcome: 'refused',
      secretIds: ['lockstep/local/vector-store'],
      versionId: undefined,
    });
  });

  it('a version without a value is missing, not refused', () => {
    const error = new LockstepError('UNKNOWN_VERSION', 'no value');
    expect(read('embedded:rag-api', { kind: 'failed', error }).outcome).toBe('missing');
  });
});

import { describe, expect, it } from 'vitest';
import { toBusEntry } from '../../lambdas/contracts/bus-envelope.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import { parseDelivery, parseForeignDelivery } from '../../lambdas/shell/parse-delivery.ts';

const event: LockstepEvent = {
  id: 'e1',
  type: 'rotation.requested',
  at: '2026-11-24T09:00:00.000Z',
  environment: 'staging',
  detail: { credential: 'vector-store', rotation: 'r1' },
};
const { source, detailType, detail } = toBusEntry(event);
const delivery = {
  version: '0',
  id: 'aws',
  source,
  'detail-type': detailType,
  account: '111122223333',
  detail: JSON.parse(detail) as unknown,
};

const malformed = expect.objectContaining({ code: 'MALFORMED_EVENT', remedy: 'sender' }) as unknown;

it('takes our event out of what EventBridge delivered', () => {
  expect(parseDelivery(JSON.stringify(delivery), 'rotation.due', 'rotation.requested')).toEqual(event);
});

describe('refuses', () => {
  it.each([
    ['an event that this function does not handle', JSON.stringify(delivery), 'rotation.due'],
    [
      'an event of another source',
      JSON.stringify({ ...delivery, source: 'aws.secretsmanager' }),
      'rotation.requested',
    ],
    ['an event without its envelope', JSON.stringify(event), 'rotation.requested'],
    ['what is not JSON', '{"password": not-a-real', 'rotation.requested'],
    ['nothing', '', 'rotation.requested'],
    ['what is too long', ' '.repeat(256 * 1024 + 1), 'rotation.requested'],
  ] as const)('%s', (_what, body, type) => {
    expect(() => parseDelivery(body, type)).toThrow(malformed);
    expect(() => parseDelivery(body, type)).not.toThrow(/not-a-real/);
  });
});

it('gives an event of AWS with its detail as it came', () => {
  const record = { eventName: 'GetSecretValue', requestParameters: { secretId: 'x' } };
  const body = JSON.stringify({
    id: 'i',
    source: 'aws.secretsmanager',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: record,
  });
  expect(parseForeignDelivery(body)).toEqual({
    id: 'i',
    source: 'aws.secretsmanager',
    detailType: 'AWS API Call via CloudTrail',
    detail: record,
  });
  expect(() => parseForeignDelivery('{}')).toThrow(malformed);
});

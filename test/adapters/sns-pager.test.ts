import { SNSClient } from '@aws-sdk/client-sns';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pageSubject, pageText } from '../../lambdas/adapters/sns-pager/page-text.ts';
import { snsPager } from '../../lambdas/adapters/sns-pager/sns-pager.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { clientOf } from './doubles/http-double.ts';
import { snsDouble, snsRefusal, type SnsDouble } from './doubles/sns.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:lockstep-staging-on-call';
const page: Page = {
  id: 'finding-1',
  severity: 'critical',
  title: 'A secret was read out of character',
  subject: 'vector-store',
  reasons: ['embedder is not bound to it.', 'It has never read it before.'],
  firstCommand: 'lockstep history vector-store --findings',
  at: '2026-11-24T09:00:00.000Z',
};

let aws: SnsDouble;
beforeEach(async () => {
  aws = await snsDouble();
});
afterEach(() => aws.close());

const pager = () => snsPager({ client: new SNSClient(clientOf(aws)), topicArn: TOPIC });
const forms = (): Record<string, string> =>
  JSON.parse(aws.published[0]?.get('Message') ?? '{}') as Record<string, string>;

describe('a page', () => {
  it('goes to its topic with a subject, a form for each protocol, and attributes to filter by', async () => {
    await pager().page(page);
    const [sent] = aws.published;
    expect(sent?.get('Action')).toBe('Publish');
    expect(sent?.get('TopicArn')).toBe(TOPIC);
    expect(sent?.get('Subject')).toBe('[critical] A secret was read out of character: vector-store');
    expect(sent?.get('MessageStructure')).toBe('json');
    expect(sent?.toString()).toContain('severity');
    expect(Object.keys(forms()).sort()).toEqual([
      'default',
      'email',
      'http',
      'https',
      'lambda',
      'sms',
      'sqs',
    ]);
  });

  it('tells a person what happened, why and what to run first', async () => {
    await pager().page(page);
    for (const part of [page.title, page.subject, ...page.reasons, page.firstCommand, page.id])
      expect(forms()['email']).toContain(part);
    expect(forms()['default']).toBe(forms()['email']);
  });

  it('tells a program the same as JSON', async () => {
    await pager().page(page);
    expect(JSON.parse(forms()['sqs'] ?? '')).toEqual(page);
    expect(JSON.parse(forms()['https'] ?? '')).toEqual(page);
  });

  it('stays within what SNS takes, however many reasons it has', async () => {
    const reasons = Array.from({ length: 500 }, () => 'x'.repeat(4000));
    await pager().page({ ...page, reasons });
    expect(Buffer.byteLength(aws.published[0]?.get('Message') ?? '')).toBeLessThan(262_144);
    expect(JSON.parse(forms()['sqs'] ?? '')).toMatchObject({ id: page.id, firstCommand: page.firstCommand });
  });

  it('fits a telephone', async () => {
    await pager().page({ ...page, title: 'x'.repeat(300) });
    expect(forms()['sms']?.length).toBeLessThanOrEqual(140);
  });
});

describe('handing over', () => {
  it('is tried again when SNS is busy', async () => {
    aws.next(snsRefusal(429, 'Throttling'), 'lose');
    await pager().page(page);
    expect(aws.published).toHaveLength(3);
  });

  it.each([
    ['refused', [snsRefusal(403, 'AuthorizationError')]],
    ['never answered', ['lose', 'lose', 'lose']],
  ] as const)('throws PAGER_UNAVAILABLE when it is %s', async (_what, given) => {
    aws.next(...given);
    await expect(pager().page(page)).rejects.toMatchObject({
      code: 'PAGER_UNAVAILABLE',
      message: expect.not.stringContaining('said ') as string,
    });
  });
});

/** Every code point there is, lone surrogates included. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));

it('makes a subject that SNS takes of any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      (title, subject) => {
        const line = pageSubject({ ...page, title, subject });
        expect(line).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
      },
    ),
  );
});

it('keeps the first command even in a page that is cut', () => {
  const reasons = Array.from({ length: 100 }, () => 'x'.repeat(4000));
  const text = pageText({ ...page, reasons });
  expect(text).toContain(page.firstCommand);
  expect(text).toContain('and 90 more');
  expect(text.length).toBeLessThan(16_384);
});

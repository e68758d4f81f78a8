import { beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { serveUrl } from '../../lambdas/shell/serve-url.ts';
import type { Shell } from '../../lambdas/shell/serve.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';

describe('what could never work', () => {
  let metrics: CountingMetrics;
  let shell: Shell;
  let written: string[];
  beforeEach(() => {
    [metrics, written] = [new CountingMetrics(), []];
    const note = (message: string, ...more: readonly unknown[]): void =>
      void written.push(JSON.stringify([message, ...more]));
    shell = {
      log: { debug: note, info: note, warn: note, error: note, failure: note },
      metrics: Object.assign(metrics, { flush: () => undefined }),
    };
  });
  const dropped = (code: string): number => metrics.total('lockstep_messages_dropped', { code });

  const context = { invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111111111111:function:acknowledge' };
  const signed = (body: string) => ({
    requestContext: {
      http: { method: 'POST', path: '/acknowledge' },
      authorizer: {
        iam: { accountId: '111111111111', userArn: 'arn:aws:sts::111111111111:assumed-role/rag-api/x' },
      },
    },
    body,
  });

  it.each([
    ['is not JSON', signed('{"tag": a secret')],
    ['is too large', signed(`"${'a secret'.repeat(4000)}"`)],
    ['is no request', { any: 'thing' }],
  ])('is counted where a request %s, and repeated nowhere', async (_, event) => {
    const answer = await serveUrl(shell, () => Promise.reject(new Error('never asked')))(event, context);
    expect(answer.statusCode).toBe(400);
    expect(dropped('MALFORMED_REQUEST')).toBe(1);
    expect(JSON.stringify(answer) + written.join()).not.toContain('a secret');
  });

  it('is not counted twice where the use case refuses it', async () => {
    const refuse = () => Promise.reject(new LockstepError('ACKNOWLEDGEMENT_REFUSED', 'nothing is expected'));
    await serveUrl(shell, refuse)(signed('{}'), context);
    expect(dropped('ACKNOWLEDGEMENT_REFUSED')).toBe(0);
  });
});

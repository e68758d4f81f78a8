import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { emfMetrics } from '../../lambdas/adapters/emf-metrics/emf-metrics.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { createLog } from '../../lambdas/shell/log.ts';
import { serveCaller, serveMessages, type Shell } from '../../lambdas/shell/serve.ts';

/** A shell whose lines are kept. */
function aShell(): { readonly shell: Shell; readonly lines: readonly Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const clock = () => new Date('2026-11-24T09:00:00.000Z');
  const shell = {
    log: createLog({ level: 'info', clock, write }),
    metrics: emfMetrics({ environment: 'staging', clock, write }),
  };
  return { shell, lines };
}

/** One message, and only what is read of it. */
const aBatch = (body: string) =>
  ({
    Records: [{ messageId: 'm', receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '1' } }],
  }) as unknown as SQSEvent;
const env = { QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111111111111/a-queue' };

describe('a function that a queue feeds', () => {
  it('counts what can never work by its code, drops it, and says nothing of its body', async () => {
    const { shell, lines } = aShell();
    const handler = serveMessages(shell, env, () =>
      Promise.reject(new LockstepError('MALFORMED_EVENT', 'it is no event')),
    );

    expect(await handler(aBatch('not-a-real-secret'))).toEqual({ batchItemFailures: [] });

    expect(lines).toContainEqual(
      expect.objectContaining({ lockstep_messages_dropped: 1, code: 'MALFORMED_EVENT' }),
    );
    expect(JSON.stringify(lines)).not.toContain('not-a-real-secret');
  });
});

describe('a function that AWS invokes', () => {
  it('writes its metrics also when it fails, and says why before it throws', async () => {
    const { shell, lines } = aShell();
    const handler = serveCaller(shell, () => {
      shell.metrics.count('lockstep_rotations_refused', { code: 'HELD' });
      return Promise.reject(new LockstepError('LEDGER_UNAVAILABLE', 'no answer'));
    });

    await expect(handler(undefined)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });

    expect(lines).toEqual([
      expect.objectContaining({ message: 'invocation failed', code: 'LEDGER_UNAVAILABLE' }),
      expect.objectContaining({ lockstep_rotations_refused: 1 }),
    ]);
  });
});

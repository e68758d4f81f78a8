import { describe, expect, it } from 'vitest';
import {
  auditedEffect,
  auditedWithoutWaiting,
  auditFact,
} from '../../../lambdas/core/audit/audited-effect.ts';
import { countedAppender } from '../../../lambdas/core/audit/counted-appender.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { MemoryAudit } from '../../fakes/memory-audit.ts';
import { codeOf } from '../../ports/under-test.ts';

const subject = {
  chain: 'store',
  action: 'promote',
  who: { kind: 'function', name: 'target-db' },
  what: { credential: 'store' },
  why: { cause: 'cadence' },
} as const;

/** An audit of which the calls with these numbers (from 1) are not answered. */
function anAudit(...lost: readonly number[]) {
  const audit = new MemoryAudit();
  let calls = 0;
  const append: typeof audit.appender.append = (entry) => {
    calls += 1;
    return lost.includes(calls)
      ? Promise.reject(new LockstepError('AUDIT_UNAVAILABLE', 'no answer'))
      : audit.appender.append(entry);
  };
  const ports = { audit: { append }, clock: new FakeClock().now, newId: countedIds() };
  const written = (): readonly string[] =>
    audit
      .entries('store')
      .map(({ type, result }) => [type, result?.outcome, result?.code].filter(Boolean).join(' '));
  return { ports, written };
}

/** An effect that counts how often it happened. */
function anEffect(failure?: unknown) {
  const effect = { happened: 0 };
  return {
    effect,
    run: async (): Promise<string> => {
      effect.happened += 1;
      if (failure !== undefined) throw failure;
      return 'done';
    },
  };
}

describe('an effect', () => {
  it('stands between its intent and its outcome', async () => {
    const { ports, written } = anAudit();
    const seen: string[] = [];
    const answer = await auditedEffect(ports, subject, async () => {
      seen.push(...written());
      return 'the answer';
    });
    expect(answer).toBe('the answer');
    expect(seen).toEqual(['intent']);
    expect(written()).toEqual(['intent', 'outcome done']);
  });

  it('does not happen where its intent cannot be written', async () => {
    const { ports, written } = anAudit(1);
    const { effect, run } = anEffect();
    expect(await codeOf(auditedEffect(ports, subject, run))).toBe('AUDIT_UNAVAILABLE');
    expect([effect.happened, written()]).toEqual([0, []]);
  });

  it('has happened where its outcome cannot be written, and the caller learns that to come again', async () => {
    const { ports, written } = anAudit(2);
    const { effect, run } = anEffect();
    expect(await codeOf(auditedEffect(ports, subject, run))).toBe('AUDIT_UNAVAILABLE');
    expect([effect.happened, written()]).toEqual([1, ['intent']]);
    // the truth: tried twice, known once
    await auditedEffect(ports, subject, run);
    expect(written()).toEqual(['intent', 'intent', 'outcome done']);
  });

  it.each([
    [
      'refused it has failed',
      new LockstepError('LABEL_CONFLICT', 'elsewhere'),
      'outcome failed LABEL_CONFLICT',
    ],
    [
      'without an answer nobody knows',
      new LockstepError('VAULT_UNAVAILABLE', 'no answer'),
      'outcome unknown VAULT_UNAVAILABLE',
    ],
    [
      'broken by something foreign nobody knows, and its text is kept out',
      new TypeError('not-a-real-secret'),
      'outcome unknown UNEXPECTED',
    ],
  ])('%s', async (_how, error, outcome) => {
    const { ports, written } = anAudit();
    await expect(auditedEffect(ports, subject, anEffect(error).run)).rejects.toBe(error);
    expect(written()).toEqual(['intent', outcome]);
  });

  it('keeps its own error where the audit fails as well', async () => {
    const { ports } = anAudit(2);
    const error = new LockstepError('LABEL_CONFLICT', 'elsewhere');
    await expect(auditedEffect(ports, subject, anEffect(error).run)).rejects.toBe(error);
  });
});

describe('an effect with more than one answer', () => {
  it('says which it was not plainly done what it was', async () => {
    const { ports, written } = anAudit();
    await auditedEffect(
      ports,
      subject,
      async () => 'in-use',
      () => ({ outcome: 'refused', code: 'IN_USE' }),
    );
    expect(written()).toEqual(['intent', 'outcome refused IN_USE']);
  });
});

describe('an effect in breach mode', () => {
  it('waits for no audit, and leaves in it what it can', async () => {
    const { effect, run } = anEffect();
    const blind = anAudit(1, 2);
    expect(await auditedWithoutWaiting(blind.ports, subject, run)).toBe('done');
    expect([effect.happened, blind.written()]).toEqual([1, []]);

    const { ports, written } = anAudit();
    await auditedWithoutWaiting(ports, subject, run);
    expect(written()).toEqual(['intent', 'outcome done']);
  });

  it('fails as it failed', async () => {
    const { ports, written } = anAudit();
    const error = new LockstepError('TARGET_UNREACHABLE', 'down');
    await expect(auditedWithoutWaiting(ports, subject, anEffect(error).run)).rejects.toBe(error);
    expect(written()).toEqual(['intent', 'outcome unknown TARGET_UNREACHABLE']);
  });
});

describe('a fact', () => {
  it('stands for itself', async () => {
    const { ports, written } = anAudit();
    await auditFact(ports, subject, 'refusal', { outcome: 'refused', code: 'HELD' });
    await auditFact(ports, subject, 'decision');
    expect(written()).toEqual(['refusal refused HELD', 'decision']);
  });
});

describe('an appender', () => {
  it('counts what it could not write, so that somebody is woken, and times what it could', async () => {
    const metrics = new CountingMetrics();
    const { ports } = anAudit(1);
    let milliseconds = 0;
    const counted = countedAppender(ports.audit, metrics, () => (milliseconds += 7));
    const audited = { ...ports, audit: counted };

    expect(await codeOf(auditFact(audited, subject, 'decision'))).toBe('AUDIT_UNAVAILABLE');
    await auditFact(audited, subject, 'decision');

    expect(metrics.samples('lockstep_audit_failures', { kind: 'append' })).toEqual([1]);
    expect(metrics.samples('lockstep_audit_append_milliseconds')).toEqual([7]);
  });
});

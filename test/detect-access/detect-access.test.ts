import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { parseEvent } from '../../lambdas/contracts/parse-event.ts';
import { aRecord, type Call } from '../core/watch/a-record.ts';
import { at, HEARTBEAT, POSTGRES_FUNCTION, PULSE, RAG, secret, STRANGER } from '../core/watch/a-workspace.ts';
import { aWatch } from './a-watch.ts';
import type { Accident } from './memory-ledger.ts';

const refusedRead = (id: string, fields: Partial<Call> = {}): object =>
  aRecord({ by: STRANGER, at: at(40), id, refused: true, ...fields });

describe('a finding', () => {
  it('becomes a row, a page, a metric and an audit entry that a person understands', async () => {
    // when a stranger is refused
    const watch = aWatch();
    const detection = await watch.detect(refusedRead('e1'));

    // then
    expect(detection.outcome).toBe('refused');
    expect(watch.pages()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        severity: 'high',
        title: 'A principal asked for a secret that it is not bound to',
        subject: 'vector-store',
        reasons: [
          `Who: ${STRANGER}, session session, from 203.0.113.7.`,
          'What: GetSecretValue of credential vector-store, which was refused.',
          `When: ${at(40)}, by CloudTrail's clock.`,
          'Odd: this principal is not bound to it, and tried.',
          "Normal: it is read by workload rag-pipeline, Lockstep's function target-postgres, adopter arn:aws:iam::111122223333:user/alice, and nobody else.",
        ],
        firstCommand: 'lockstep history --findings',
        at: at(120),
      },
    ]);
    expect(watch.metrics.counted('lockstep_findings', { rule: 'unbound-read', severity: 'high' })).toBe(1);
    expect(watch.audit.entries).toMatchObject([
      { chain: 'vector-store', type: 'finding', action: 'finding', why: { cause: 'watch' } },
    ]);
    expect(await watch.findings()).toMatchObject([{ eventIds: ['e1'], auditedAt: at(120) }]);
  });

  it('asks for its page with an event that the bus takes', async () => {
    const watch = aWatch();
    await watch.detect(refusedRead('e1'));
    for (const event of watch.ledger.events) expect(parseEvent(event)).toEqual(event);
  });

  it('never repeats a name that is not in the inventory: it may be a value that was sent by mistake', async () => {
    // given a client that sends its password where the name belongs
    const watch = aWatch();
    const mistake = 'fake-Pa55word-sent-as-a-name';
    for (let n = 0; n < 6; n += 1)
      await watch.detect(refusedRead(`e${n}`, { of: `${mistake}-${n}`, at: at(40, n) }));
    await watch.detect(aRecord({ by: 'arn:aws:iam::111122223333:root', of: mistake, at: at(41), id: 'r' }));

    // then it is found, and nowhere to be read
    expect((await watch.findings()).map(({ rule }) => rule).sort()).toEqual(['denied-burst', 'root-read']);
    const denials = await watch.ledger.list('denial', '');
    const everything = JSON.stringify([
      watch.ledger.events,
      await watch.findings(),
      watch.audit.entries,
      denials,
    ]);
    expect(everything).not.toContain('Pa55word');
    expect(watch.ledger.everything()).not.toContain('Pa55word');
  });
});

describe('a storm', () => {
  it('of reads of one secret is one finding and one page', async () => {
    const watch = aWatch();
    for (let n = 0; n < 500; n += 1) await watch.detect(refusedRead(`e${n}`, { at: at(0, n) }));
    expect(await watch.findings()).toHaveLength(1);
    expect(watch.pages()).toHaveLength(1);
  });

  it('over many secrets is one page, kept up to date', async () => {
    const watch = aWatch();
    const names = ['vector-store', 'queue', 'rag-db-admin', 'openai-agents', 'hook-key', 'db-abcdef'];
    for (const [n, name] of names.entries()) await watch.detect(refusedRead(`e${n}`, { of: secret(name) }));

    const pages = watch.pages().filter(({ title }) => title.includes('not bound'));
    expect(pages.map(({ title }) => title.replace(/^.*bound to/, ''))).toEqual(['', ' (5 findings)']);
    expect(new Set(pages.map(({ id }) => id)).size).toBe(1);
  });

  it('is told again after the window', async () => {
    const watch = aWatch();
    await watch.detect(refusedRead('e1'));
    watch.setNow(at(120 + 61));
    await watch.detect(refusedRead('e2', { at: at(120) }));
    expect(watch.pages()).toHaveLength(2);
    expect(new Set(watch.pages().map(({ id }) => id)).size).toBe(2);
  });
});

describe('when things go wrong', { timeout: 60_000 }, () => {
  it('pages while the audit is down, and writes the entry when the record comes again', async () => {
    // given
    const watch = aWatch();
    watch.audit.isDown = true;

    // when
    await expect(watch.detect(refusedRead('e1'))).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      remedy: 'retry',
    });

    // then on-call knows, and the row says that the entry is owed
    expect(watch.pages()).toHaveLength(1);
    expect((await watch.findings())[0]?.auditedAt).toBeUndefined();
    expect(watch.metrics.counted('lockstep_audit_failures', { kind: 'append' })).toBe(1);

    // and when it is up again
    watch.audit.isDown = false;
    await watch.detect(refusedRead('e1'));
    expect(watch.audit.entries).toHaveLength(1);
    expect((await watch.findings())[0]?.auditedAt).toBe(at(120));
    expect(watch.pages()).toHaveLength(1);
  });

  it('opens every finding of a record before the audit of the first may stop it', async () => {
    const watch = aWatch();
    watch.audit.isDown = true;
    const batch = {
      by: STRANGER,
      call: 'BatchGetSecretValue',
      of: [secret('vector-store'), secret('queue')],
    };
    await expect(watch.detect(aRecord({ ...batch, at: at(40), id: 'e1' }))).rejects.toThrow('the audit');
    expect(await watch.findings()).toHaveLength(2);
  });

  it('ends in the same findings and pages whatever happens to each commit, once the queue has tried again', async () => {
    const accident = fc.option(fc.constantFrom<Accident>('lost-before', 'lost-after', 'conflict'), {
      nil: undefined,
    });
    const records = Array.from({ length: 6 }, (_, n) =>
      refusedRead(`e${n}`, {
        of: secret(['vector-store', 'queue', 'db-abcdef'][n % 3] ?? ''),
        at: at(40, n),
      }),
    );
    const undisturbed = aWatch();
    for (const record of records) await undisturbed.detect(record);

    await fc.assert(
      fc.asyncProperty(fc.array(accident, { maxLength: 20, size: 'max' }), async (accidents) => {
        const watch = aWatch();
        watch.ledger.suffers(...accidents);
        for (const record of records) await untilTaken(() => watch.detect(record));
        expect(await watch.findings()).toEqual(await undisturbed.findings());
        expect(watch.pages()).toEqual(undisturbed.pages());
      }),
      { numRuns: 80 },
    );
  });
});

describe('when two detectors work at once', () => {
  it('decides again when another detector was quicker with the same finding', async () => {
    const watch = aWatch();
    watch.ledger.interrupt(async () => {
      watch.ledger.interrupt(async () => {
        await watch.detect(refusedRead('e2', { at: at(39) }));
      });
    });
    await watch.detect(refusedRead('e1'));
    expect(await watch.findings()).toMatchObject([{ eventIds: ['e2', 'e1'], at: at(39) }]);
    expect(watch.pages()).toHaveLength(1);
  });

  it('misses no burst when two detectors handle its last calls at once', async () => {
    const watch = aWatch();
    const calls = [0, 1, 2, 3].map((n) => refusedRead(`e${n}`, { of: `payroll/${n}`, at: at(39, 50 + n) }));
    for (const call of calls) await watch.detect(call);
    // when the fifth, in the next stretch, is handled while the fourth comes again
    watch.ledger.interrupt(async () => {
      await watch.detect(refusedRead('e9', { of: 'payroll/9', at: at(38) }));
    });
    await watch.detect(refusedRead('e5', { of: 'payroll/5', at: at(40, 1) }));
    expect((await watch.findings()).map(({ rule }) => rule)).toEqual(['denied-burst']);
  });
});

describe('what it costs and counts', () => {
  it('counts what it cannot read, and throws nothing', async () => {
    const watch = aWatch();
    for (const payload of [null, 'x', { detail: 7 }, {}]) await watch.detect(payload);
    expect(watch.metrics.counted('lockstep_access_records', { outcome: 'malformed' })).toBe(4);
  });

  it('counts our own heartbeat, and nobody else’s touch of it', async () => {
    const watch = aWatch();
    const beat = { of: HEARTBEAT, at: at(40), errorCode: 'ResourceNotFoundException' };
    await watch.detect(aRecord({ ...beat, by: PULSE, id: 'e1' }));
    await watch.detect(aRecord({ ...beat, by: STRANGER, id: 'e2' }));
    await watch.detect(aRecord({ ...beat, by: POSTGRES_FUNCTION, id: 'e3' }));
    expect(watch.metrics.counted('lockstep_heartbeat_reads')).toBe(1);
  });

  it('writes nothing for reads of other people’s secrets, and once a minute for a busy reader of ours', async () => {
    const watch = aWatch();
    for (let n = 0; n < 120; n += 1) {
      await watch.detect(aRecord({ by: STRANGER, of: 'payroll/api', at: at(0, n), id: `a${n}` }));
      await watch.detect(aRecord({ by: RAG, at: at(0, n), id: `b${n}` }));
    }
    expect(watch.ledger.writes).toBe(2);
  });
});

/** What the queue does: the same record again until nobody throws a retryable error. */
async function untilTaken(take: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await take();
      return;
    } catch (error) {
      if (!isLockstepError(error) || error.remedy !== 'retry') throw error;
    }
  }
}

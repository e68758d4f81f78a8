import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { secondsAfter } from '../../lambdas/core/time.ts';
import { aRecord, type Call } from '../core/watch/a-record.ts';
import {
  aRotation,
  at,
  HEARTBEAT,
  POSTGRES_FUNCTION,
  PULSE,
  RAG,
  secret,
  STRANGER,
} from '../core/watch/a-workspace.ts';
import { aWatch, type Watch } from './a-watch.ts';

/** One rotation of a credential with the reads that belong to it. */
interface Turn {
  readonly rotation: Rotation;
  readonly calls: readonly Omit<Call, 'id'>[];
}

/** Seconds, from one moment of a rotation to the next. */
const gaps = fc.record({
  idle: fc.integer({ min: 60, max: 3600 }),
  steps: fc.integer({ min: 1, max: 120 }),
  adoption: fc.integer({ min: 1, max: 7200 }),
  /** Where in each window the reads lie, between 0 and 1. */
  where: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
});

/** Turns of one credential one after the other, each replacing the version of the one before. */
const life = fc.array(gaps, { minLength: 1, maxLength: 8 }).map((all) => {
  const turns: Turn[] = [];
  let from = at(0);
  all.forEach(({ idle, steps, adoption, where }, n) => {
    const requestedAt = secondsAfter(from, idle);
    const promotedAt = secondsAfter(requestedAt, steps);
    const adoptedAt = secondsAfter(promotedAt, adoption);
    const drained = secondsAfter(adoptedAt, 600);
    const endedAt = secondsAfter(drained, 610);
    const rotation = aRotation({
      token: `v${n + 1}`,
      predecessor: { version: `v${n}`, key: `key-${n % 2}` },
      successor: { version: `v${n + 1}`, key: `key-${(n + 1) % 2}` },
      requestedAt,
      promotedAt,
      adoptedAt,
      disabledAt: secondsAfter(drained, 1),
      endedAt,
    });
    const between = (start: string, end: string, part = 0): string =>
      secondsAfter(start, Math.floor(((Date.parse(end) - Date.parse(start)) / 1000) * part));
    turns.push({
      rotation,
      calls: [
        { by: POSTGRES_FUNCTION, at: between(requestedAt, promotedAt, where[0]) },
        { by: POSTGRES_FUNCTION, of: secret('rag-db-admin'), at: between(requestedAt, promotedAt, where[1]) },
        { by: POSTGRES_FUNCTION, version: `v${n + 1}`, at: between(requestedAt, promotedAt, where[2]) },
        { by: POSTGRES_FUNCTION, version: `v${n}`, at: between(drained, endedAt, where[3]) },
        { by: RAG, at: between(from, endedAt, where[4]) },
        { by: RAG, version: `v${n}`, at: between(promotedAt, drained, where[5]) },
        { by: RAG, stage: 'AWSPREVIOUS', at: between(promotedAt, drained, where[6]) },
        {
          by: PULSE,
          of: HEARTBEAT,
          at: between(from, endedAt, where[7]),
          errorCode: 'ResourceNotFoundException',
        },
      ],
    });
    from = endedAt;
  });
  return turns;
});

/** Turns as they reach the watch: in any order, some records twice. */
const delivered = life.chain((turns) => {
  const calls = turns.flatMap((turn) => turn.calls).map((call, n): Call => ({ ...call, id: `e${n}` }));
  return fc.tuple(
    fc.constant(turns),
    fc.shuffledSubarray([...calls, ...calls.slice(0, 5)], { minLength: calls.length }),
  );
});

async function watched(turns: readonly Turn[], calls: readonly Call[]): Promise<Watch> {
  const watch = aWatch();
  for (const { rotation } of turns)
    await watch.given('rotation', rotation.credential, rotation.token, rotation);
  for (const call of calls) await watch.detect(aRecord(call));
  return watch;
}

describe('normal rotation traffic', { timeout: 60_000 }, () => {
  it('gives no finding and no page, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(delivered, async ([turns, calls]) => {
        const watch = await watched(turns, calls);
        expect(await watch.findings()).toEqual([]);
        expect(watch.pages()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('hides nothing: one odd read among it is one finding', async () => {
    const odd = fc.constantFrom<readonly [string, Omit<Call, 'id' | 'at'>]>(
      ['unbound-read', { by: STRANGER }],
      ['retired-version-read', { by: RAG, version: 'v0' }],
      ['rotation-role-without-intent', { by: POSTGRES_FUNCTION }],
    );
    await fc.assert(
      fc.asyncProperty(delivered, odd, fc.nat(), async ([turns, calls], [rule, call], where) => {
        // given a read long after everything is over, anywhere among the others
        const late = { ...call, at: secondsAfter(turns.at(-1)?.rotation.endedAt ?? at(0), 3600), id: 'odd' };
        const all = calls.toSpliced(where % (calls.length + 1), 0, late);
        const watch = await watched(turns, all);
        expect((await watch.findings()).map((finding) => finding.rule)).toEqual([rule]);
        expect(watch.pages()).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../lambdas/core/watch/finding.ts';
import { aRecord, type Call } from '../core/watch/a-record.ts';
import {
  AGENTS,
  aRotation,
  at,
  HEARTBEAT,
  POSTGRES_FUNCTION,
  RAG,
  ROOT,
  secret,
  STRANGER,
} from '../core/watch/a-workspace.ts';
import { aWatch, type Watch } from './a-watch.ts';

interface Wish {
  readonly by: string;
  readonly of: string;
  readonly second: number;
  readonly refused: boolean;
  readonly version?: string;
}

const OURS = [secret('vector-store'), secret('queue'), secret('rag-db-admin'), HEARTBEAT];
const somewhere = fc.oneof(fc.integer({ min: 0, max: 1300 }), fc.integer({ min: 0, max: 9000 }));

/** Anybody, anything. */
const noise: fc.Arbitrary<Wish> = fc.record({
  by: fc.constantFrom(STRANGER, RAG, AGENTS, ROOT, POSTGRES_FUNCTION),
  of: fc.constantFrom(...OURS, 'payroll/api'),
  second: somewhere,
  refused: fc.boolean(),
});

/** One principal that tries doors. */
const probe: fc.Arbitrary<Wish> = fc.record({
  by: fc.constant(STRANGER),
  of: fc.constantFrom(...OURS, 'payroll/api', 'payroll/key'),
  second: fc.integer({ min: 0, max: 2400 }),
  refused: fc.constant(true),
});

/** A reader that pins versions. */
const pinned: fc.Arbitrary<Wish> = fc.record({
  by: fc.constant(RAG),
  of: fc.constant(secret('vector-store')),
  second: somewhere,
  refused: fc.constant(false),
  version: fc.constantFrom('version-1', 'token-2'),
});

/** Every rule gets its chances. */
const calls = fc
  .array(fc.oneof(noise, probe, pinned), { minLength: 5, maxLength: 30, size: 'max' })
  .map((all) => all.map(({ second, ...call }, n): Call => ({ ...call, at: at(0, second), id: `e${n}` })));

const disturbed = calls.chain((all) =>
  fc.tuple(
    fc.constant(all),
    fc
      .shuffledSubarray([...all, ...all.slice(0, 10)], { minLength: all.length })
      .filter((some) => all.every(({ id }) => some.some((each) => each.id === id))),
  ),
);

async function watched(all: readonly Call[], delaySeconds: number): Promise<Watch> {
  const watch = aWatch();
  await watch.given('rotation', 'vector-store', 'token-2', aRotation());
  watch.setNow(at(200, delaySeconds));
  for (const call of all) await watch.detect(aRecord(call));
  return watch;
}

const told = async (watch: Watch): Promise<readonly Omit<Finding, 'auditedAt'>[]> =>
  (await watch.findings()).map(({ auditedAt: _told, ...finding }) => finding);

/** Everything that a record may leave behind. */
const traces = async (watch: Watch) => ({
  findings: await watch.findings(),
  pages: watch.pages(),
  writes: watch.ledger.writes,
  audited: watch.audit.asked,
  counted: watch.metrics.total('lockstep_findings'),
});

describe('records in any order', { timeout: 60_000 }, () => {
  it('give the same findings, to the last word, however shuffled, repeated and late', async () => {
    await fc.assert(
      fc.asyncProperty(disturbed, fc.nat({ max: 90_000 }), async ([inOrder, inAnyOrder], delay) => {
        const [one, other] = [await watched(inOrder, 0), await watched(inAnyOrder, delay)];
        expect(await told(other)).toEqual(await told(one));
      }),
      { numRuns: 120 },
    );
  });

  it('page once per rule, principal and severity within the window, and audit each finding once', async () => {
    await fc.assert(
      fc.asyncProperty(disturbed, async ([, inAnyOrder]) => {
        const watch = await watched(inAnyOrder, 0);
        const findings = await watch.findings();
        const ids = watch.pages().map(({ id }) => id);
        const sorts = new Set(
          findings.map(({ rule, principal, severity }) => `${rule} ${principal} ${severity}`),
        );
        expect(new Set(ids).size).toBeLessThanOrEqual(sorts.size);
        expect(new Set(ids).size).toBeGreaterThanOrEqual(
          new Set(findings.map(({ rule, principal }) => `${rule} ${principal}`)).size,
        );
        expect(watch.audit.entries.map(({ id }) => id).sort()).toEqual(
          findings.map(({ id }) => `finding-${id}`),
        );
      }),
      { numRuns: 80 },
    );
  });

  it('change nothing at all when every record comes again', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        const watch = await watched(all, 0);
        const before = await traces(watch);
        for (const call of all.toReversed()) await watch.detect(aRecord(call));
        expect(await traces(watch)).toEqual(before);
      }),
      { numRuns: 80 },
    );
  });
});

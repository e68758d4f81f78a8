import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AdvancePorts } from '../../lambdas/advance-rotation/advance-ports.ts';
import { countAcknowledgements } from '../../lambdas/advance-rotation/count-acknowledgements.ts';
import type { Acknowledgement } from '../../lambdas/core/ledger-rows.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { CountingMetrics } from '../fakes/counting-metrics.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryAudit } from '../fakes/memory-audit.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';

const AT = '2026-01-01T00:00:00.000Z';
const { tags } = JSON.parse(
  readFileSync(new URL('../vectors/acknowledgement/tags.json', import.meta.url), 'utf8'),
) as {
  readonly tags: readonly {
    readonly credential: string;
    readonly rotation: string;
    readonly version: string;
    readonly dependent: string;
    readonly nonce: string;
    readonly tag: string;
    readonly tagDigest: string;
  }[];
};
/** Two dependents of one version, each with a nonce and a tag of its own. */
const [api, embedder] = tags;
if (!api || !embedder) throw new Error('the vectors are gone');
const ID = `${api.rotation}#1`;

const dependent = (name: string) => ({
  name,
  kind: 'poller',
  workload: name,
  cacheTtlSeconds: 1,
  settings: {},
});
const rotation: Rotation = {
  credential: api.credential,
  token: api.rotation,
  kind: 'postgres',
  strategy: 'two-slot',
  cause: 'cadence',
  requestedBy: 'cadence',
  requestId: 'a cadence',
  fence: 1,
  phase: 'adopting',
  reached: 'verified',
  dependents: [dependent(api.dependent), dependent(embedder.dependent)],
  retire: { drainSeconds: 1, soakSeconds: 1, deadlineSeconds: 60, onDeadline: 'hold-and-page' },
  observable: false,
  requestedAt: AT,
  promotedAt: AT,
  expectation: ID,
  adoption: {},
  evidence: {},
};

const proof = (parts: Partial<Acknowledgement>): Acknowledgement => ({
  expectation: ID,
  rotation: api.rotation,
  dependent: api.dependent,
  tag: api.tag,
  at: AT,
  ...parts,
});

/** Counts what a ledger holds after somebody has written this row for `rag-api` behind the endpoint's back. */
async function countedWith(row: Acknowledgement): Promise<readonly string[]> {
  const ledger = new MemoryLedger();
  const expected = Object.fromEntries(
    [api, embedder].flatMap((each) =>
      each
        ? [[each.dependent, { workload: each.dependent, nonce: each.nonce, tagDigest: each.tagDigest }]]
        : [],
    ),
  );
  const { credential, token, expectation = '' } = rotation;
  await ledger.commit([
    create('rotation', credential, token, rotation),
    create('expectation', credential, expectation, {
      rotation: token,
      version: token,
      change: 'promoted',
      at: AT,
      expected,
    }),
    create('acknowledgement', credential, `${expectation}#rag-api`, row),
  ]);
  const ports = {
    ledger,
    audit: new MemoryAudit().appender,
    metrics: new CountingMetrics(),
    clock: new FakeClock(AT).now,
    newId: countedIds(),
    functionName: 'advance-rotation',
  } as unknown as AdvancePorts;
  return Object.keys((await countAcknowledgements(ports, rotation)).adoption);
}

describe('a row of the ledger that claims adoption', () => {
  it('counts when it holds the tag that only the value makes', async () => {
    expect(await countedWith(proof({}))).toEqual(['rag-api']);
  });

  it.each([
    ['a tag that somebody made up', proof({ tag: '0'.repeat(64) })],
    ['the digest that lies in the ledger', proof({ tag: api.tagDigest })],
    ['the tag of another dependent', proof({ tag: embedder.tag })],
    ['another dependent’s whole proof', proof({ tag: embedder.tag, dependent: embedder.dependent })],
    ['the proof of another expectation', proof({ expectation: `${api.rotation}#0` })],
  ])('counts for nothing with %s', async (_, row) => {
    expect(await countedWith(row)).toEqual([]);
  });
});

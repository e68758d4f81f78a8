import type { AuditEntry, AuditRecord } from '../../../lambdas/core/audit/record.ts';
import type { SealedHead } from '../../../lambdas/core/audit/head.ts';
import type { AuditAppender, AuditStore, HeadStore } from '../../../lambdas/core/ports/audit.ts';
import type { Signer } from '../../../lambdas/core/ports/signer.ts';
import { sealAudit } from '../../../lambdas/seal-audit/seal-audit.ts';
import { CountingMetrics } from '../../fakes/counting-metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

/** A log as strangers are given it: every record, every head, and what a verifier pins. */
export interface ExportedLog {
  readonly origin: string;
  /** Raw Ed25519 public keys, base64: one, or several after a roll of the key. */
  readonly publicKeys: readonly string[];
  readonly records: readonly AuditRecord[];
  readonly heads: readonly SealedHead[];
}

export const ORIGIN = 'lockstep/staging/audit';

const TOKEN = '00000000-0000-8000-8000-0000000000b2';
const store = { credential: 'vector-store', rotation: TOKEN, version: TOKEN };
const byTarget = { kind: 'function', name: 'target-postgres', via: 'cadence' } as const;
const operator = 'arn:aws:sts::111111111111:assumed-role/platform-admin/alex';
const byOperator = { kind: 'operator', name: operator, via: 'operate' } as const;

type Part = Omit<AuditEntry, 'id' | 'at' | 'chain'> & { readonly chain?: string };

/** What is written before the first head, between the two, and after the second. Fixed for ever: the vectors hold it. */
const PARTS: readonly (readonly Part[])[] = [
  [
    {
      type: 'decision',
      action: 'request',
      who: { kind: 'policy', name: 'cadence' },
      what: { credential: 'vector-store', rotation: TOKEN },
      why: { cause: 'cadence' },
    },
    { type: 'intent', action: 'promote', who: byTarget, what: store, why: { cause: 'cadence' } },
    {
      type: 'outcome',
      action: 'promote',
      who: byTarget,
      what: store,
      why: { cause: 'cadence' },
      result: { outcome: 'done' },
    },
    {
      type: 'refusal',
      action: 'request',
      who: { kind: 'policy', name: 'cadence' },
      what: { credential: 'openai-agents' },
      why: { cause: 'cadence' },
      result: { outcome: 'refused', code: 'HELD' },
    },
  ],
  [
    {
      type: 'decision',
      action: 'force',
      who: byOperator,
      what: { credential: 'vector-store', rotation: TOKEN, dependent: 'rag-api' },
      // Text that canonical JSON has an opinion on: quotes, a backslash, a line break, characters outside ASCII.
      why: { cause: 'operator', reason: 'rag-api: "moved" by hand \\ façade, 部署 🔑,\nline two' },
    },
    {
      type: 'outcome',
      action: 'adopt-dependent',
      who: { kind: 'policy', name: 'advance-rotation' },
      what: { credential: 'vector-store', rotation: TOKEN, dependent: 'embedder' },
      why: { cause: 'cadence', reason: 'proved by evidence' },
      result: { outcome: 'done' },
    },
    {
      chain: 'operations',
      type: 'decision',
      action: 'redrive',
      who: byOperator,
      what: { credential: 'operations' },
      why: { cause: 'operator', reason: 'the receiver is back' },
    },
  ],
  [
    {
      type: 'outcome',
      action: 'retire',
      who: { kind: 'policy', name: 'advance-rotation' },
      what: store,
      why: { cause: 'cadence' },
      result: { outcome: 'done' },
    },
  ],
];

/** Where a log is written, by the code that writes it everywhere. */
export interface LogPlace {
  readonly appender: AuditAppender;
  readonly chains: AuditStore;
  readonly heads: HeadStore;
  readonly signer: Signer;
}

/** Writes the log: three stretches of records, a head behind each of the first two. The last one stays unsealed. */
export async function writeSealedLog({ appender, chains, heads, signer }: LogPlace): Promise<ExportedLog> {
  const clock = new FakeClock('2026-01-01T00:00:00.000Z');
  let count = 0;
  for (const [stretch, parts] of PARTS.entries()) {
    for (const part of parts) {
      count += 1;
      const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
      await appender.append({ chain: part.what.credential, ...part, id, at: clock.now().toISOString() });
      clock.jump(7);
    }
    if (stretch < 2)
      await sealAudit({
        origin: ORIGIN,
        chains,
        heads,
        signer,
        metrics: new CountingMetrics(),
        clock: clock.now,
      });
  }
  return exportLog({ chains, heads, signer });
}

/** Everything that is in a log. */
export async function exportLog({ chains, heads, signer }: Omit<LogPlace, 'appender'>): Promise<ExportedLog> {
  const records: AuditRecord[] = [];
  for (const { chain } of await chains.tails()) records.push(...(await chains.read(chain, 1, 1000)));
  return {
    origin: ORIGIN,
    publicKeys: [Buffer.from(await signer.publicKey()).toString('base64')],
    records,
    heads: await heads.list(1, 1000),
  };
}

import { createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headText } from '../../../lambdas/core/audit/head.ts';
import type { AuditRecord } from '../../../lambdas/core/audit/record.ts';
import {
  checkAgainstHeads,
  checkChain,
  checkHeads,
  type AuditFault,
  type VerifySignature,
} from '../../../lambdas/core/audit/verify.ts';
import { codeBlocks } from '../../docs/code-blocks.ts';
import { MemoryAudit, MemoryHeads } from '../../fakes/memory-audit.ts';
import { seededSigner } from '../../fakes/seeded-signer.ts';
import { ORIGIN, writeSealedLog, type ExportedLog } from './a-sealed-log.ts';

/** One log, whole or spoiled, and what a verifier has to find in it. */
interface Vector extends ExportedLog {
  readonly about: string;
  readonly faults: readonly AuditFault['kind'][];
  /** The texts that were signed, head by head. */
  readonly texts?: readonly string[];
}

const FOLDER = new URL('../../vectors/audit/', import.meta.url);
const read = (name: string): Vector => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Vector;
const VECTORS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...read(name) }));

/** Takes a signature of any of the pinned keys. */
const pinnedTo =
  (publicKeys: readonly string[]): VerifySignature =>
  async (message, signature) =>
    publicKeys.some((raw) => {
      const x = Buffer.from(raw, 'base64').toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      return verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64'));
    });

async function faultsOf({ records, heads, publicKeys }: Vector): Promise<readonly AuditFault['kind'][]> {
  const chains = new Map<string, AuditRecord[]>();
  for (const record of records)
    chains.set(record.entry.chain, [...(chains.get(record.entry.chain) ?? []), record]);
  const faults = [
    ...(await checkHeads(ORIGIN, heads, pinnedTo(publicKeys))),
    ...[...chains].flatMap(([chain, each]) => checkChain(chain, each)),
    ...checkAgainstHeads(chains, heads),
  ];
  // Behind a gap every record stands in another's place; a flat export has no places, so the vectors do not count that.
  const kinds = faults.map(({ kind }) => kind).filter((kind) => kind !== 'swapped-record');
  return [...new Set(kinds)].sort();
}

describe('the published audit logs', () => {
  it.each(VECTORS)('$name: $about', async (vector) => {
    expect(await faultsOf(vector)).toEqual([...vector.faults].sort());
  });

  it('show every fault that the verifier can name but one that a flat export cannot have', () => {
    const shown = new Set(VECTORS.flatMap(({ faults }) => faults));
    const all: readonly AuditFault['kind'][] = [
      'edited-record',
      'missing-record',
      'broken-link',
      'rechained',
      'cut-tail',
      'missing-chain',
      'bad-signature',
      'broken-head-chain',
      'shrunken-chain',
    ];
    expect([...all].filter((kind) => !shown.has(kind))).toEqual([]);
  });

  it('are what the code writes today: another form would be another version', async () => {
    const [audit, heads] = [new MemoryAudit(), new MemoryHeads()];
    const signer = seededSigner('the sealing key of the vectors');
    const written = await writeSealedLog({ appender: audit.appender, chains: audit, heads, signer });
    const { records, heads: sealed, publicKeys, origin, texts } = read('intact.json');
    expect(written).toEqual({ origin, publicKeys, records, heads: sealed });
    expect(sealed.map(({ head }) => headText(head))).toEqual(texts);
    expect(codeBlocks('docs/formats/audit.md', 'text')).toContain(texts?.[1]);
  });
});

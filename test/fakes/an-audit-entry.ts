import { headDigest, type SealedHead } from '../../lambdas/core/audit/head.ts';
import { GENESIS, type AuditEntry } from '../../lambdas/core/audit/record.ts';

/** The n-th entry of a chain. */
export const anEntry = (number: number, chain = 'vector-store'): AuditEntry => ({
  id: `entry-${chain}-${number}`,
  chain,
  type: 'intent',
  action: 'install',
  at: '2026-01-01T00:00:00.000Z',
  who: { kind: 'function', name: 'target-postgres', via: 'ünï' },
  what: { credential: chain, rotation: 'r', version: 'v' },
  why: { cause: 'cadence' },
});

/** The n-th head; the signature is not a store's matter. */
export function aHead(number: number, previous?: SealedHead): SealedHead {
  const head = {
    origin: 'lockstep/test/audit',
    number,
    at: '2026-01-01T00:00:00.000Z',
    previous: previous ? headDigest(previous.head) : GENESIS,
    tails: [{ chain: 'vector-store', sequence: number, hash: GENESIS }],
  };
  return { head, signature: `c2lnbmF0dXJl${number}`, publicKey: 'a2V5' };
}

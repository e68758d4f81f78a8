import type { Account } from '../../../embedded/view/compare-books.ts';
import type { RoundFacts } from '../../../embedded/view/round-facts.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';

const REQUESTED = '2026-01-01T10:00:00.000Z';
const after = (seconds: number): string => new Date(Date.parse(REQUESTED) + seconds * 1000).toISOString();

/** A rotation that has gone all the way round. */
export const retired = (parts: Partial<Rotation> = {}): Rotation =>
  ({
    token: 'a-token',
    credential: 'vector-store',
    strategy: 'two-slot',
    phase: 'retired',
    requestedAt: REQUESTED,
    promotedAt: after(1.25),
    adoptedAt: after(6),
    endedAt: after(12.5),
    provenRefusedAt: after(12.5),
    adoption: {
      'rag-api': { by: 'acknowledgement', at: after(2) },
      embedder: { by: 'evidence', at: after(6) },
    },
    ...parts,
  }) as Rotation;

const AGREED = { served: 4, failed: 0, differences: [] };

/** Books that agree, and in which nobody failed. */
export const anAccount = (parts: Partial<Account> = {}): Account => ({
  uses: new Map([['vector-store', { served: 12, failed: 0, target: { served: 4, refused: 0 } }]]),
  leased: new Map([['model-session', { served: 7, failed: 0, keys: 2, target: { served: 7, refused: 0 } }]]),
  served: 12,
  failed: 0,
  database: AGREED,
  provider: AGREED,
  notices: AGREED,
  probes: { logins: 9, refused: 2, noticesRefused: 1 },
  strangers: [],
  forged: 0,
  readsFailed: 0,
  ...parts,
});

/** A round in which all went well. */
export const aRound = (parts: Partial<RoundFacts> = {}): RoundFacts => ({
  since: REQUESTED,
  rotations: new Map([['vector-store', retired()]]),
  refused: new Map(),
  account: anAccount(),
  audit: { ok: true, chains: 1, records: 30, heads: 2, unsealed: 0, faults: [] },
  stranger: {
    workload: 'research-agent',
    credential: 'vector-store',
    answered: '403',
    page: {
      id: 'a-page',
      severity: 'high',
      title: 'A principal asked for a secret that it is not bound to',
      subject: 'vector-store',
      reasons: ['Odd: this principal is not bound to it, and tried.'],
      firstCommand: 'lockstep history --findings',
      at: REQUESTED,
    },
  },
  ...parts,
});

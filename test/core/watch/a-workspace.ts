import type { Credential, Dependent, Inventory } from '../../../lambdas/core/credential.ts';
import type { Rotation } from '../../../lambdas/core/rotation/rotation.ts';

export const ACCOUNT = '111122223333';
const ENVIRONMENT = 'production';
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

export const RAG = role('rag-pipeline');
export const AGENTS = role('agents');
export const STRANGER = role('billing');
export const OWN = (name: string): string =>
  `arn:aws:iam::${ACCOUNT}:role/lockstep/${ENVIRONMENT}/lockstep-${ENVIRONMENT}-${name}`;
export const POSTGRES_FUNCTION = OWN('target-postgres');
export const OPENAI_FUNCTION = OWN('target-openai');
export const WEBHOOK_FUNCTION = OWN('tell-webhook');
export const PULSE = OWN('take-pulse');
export const ADOPTER = `arn:aws:iam::${ACCOUNT}:user/alice`;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

export const secret = (credential: string): string => `lockstep/${ENVIRONMENT}/${credential}`;
export const HEARTBEAT = secret('heartbeat');

const aDependent = (fields: Partial<Dependent> = {}): Dependent => ({
  name: 'rag-api',
  kind: 'poller',
  workload: 'rag-pipeline',
  cacheTtlSeconds: 300,
  settings: {},
  ...fields,
});

const aCredential = (name: string, fields: Partial<Credential> = {}): Credential => ({
  name,
  kind: 'postgres',
  family: 'postgres',
  strategy: 'two-slot',
  owner: 'retrieval-team',
  rotateEverySeconds: 604_800,
  boundTo: ['rag-pipeline'],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 600, soakSeconds: 600, deadlineSeconds: 172_800, onDeadline: 'hold-and-page' },
  target: {},
  ...fields,
});

/** An authority with one child, a provider's key, the signing key of a webhook, and awkward names. */
export const INVENTORY: Inventory = {
  environment: ENVIRONMENT,
  digest: 'd1',
  workloads: [
    { name: 'rag-pipeline', principal: RAG },
    { name: 'agents', principal: AGENTS },
  ],
  freezes: [],
  credentials: [
    aCredential('rag-db-admin', { kind: 'postgres-authority', strategy: 'in-place', boundTo: [] }),
    aCredential('vector-store', {
      authority: 'rag-db-admin',
      adopters: [ADOPTER],
      dependents: [
        aDependent(),
        aDependent({ name: 'hook', kind: 'webhook', settings: { signingKey: 'hook-key' } }),
      ],
    }),
    aCredential('openai-agents', {
      kind: 'openai',
      family: 'openai',
      strategy: 'mint-and-retire',
      boundTo: ['agents'],
    }),
    aCredential('hook-key', {
      kind: 'random',
      family: 'random',
      strategy: 'dual-value',
      boundTo: ['rag-pipeline'],
    }),
    aCredential('db-abcdef'),
    aCredential('queue'),
    aCredential('queue-abc123'),
  ],
};

/** Minutes after ten o'clock. */
export const at = (minutes: number, seconds = 0): string =>
  new Date(Date.UTC(2026, 10, 24, 10, minutes, seconds)).toISOString();

/** A rotation that went the straight way: asked for at 0, promoted at 1, adopted at 5, drained at 15, disabled at 16, over at 30. */
export const aRotation = (fields: Partial<Rotation> = {}): Rotation => ({
  credential: 'vector-store',
  token: 'token-2',
  kind: 'postgres',
  strategy: 'two-slot',
  cause: 'cadence',
  requestedBy: 'cadence',
  requestId: 'r',
  fence: 2,
  phase: 'retired',
  reached: 'verified',
  predecessor: { version: 'version-1', key: 'rag_a' },
  successor: { version: 'token-2', key: 'rag_b' },
  dependents: [aDependent({ cacheTtlSeconds: 300 })],
  retire: { drainSeconds: 600, soakSeconds: 600, deadlineSeconds: 172_800, onDeadline: 'hold-and-page' },
  observable: true,
  requestedAt: at(0),
  verifiedAt: at(1),
  promotedAt: at(1),
  adoptingSince: at(1),
  adoptedAt: at(5),
  disabledAt: at(16),
  endedAt: at(30),
  adoption: {},
  evidence: {},
  ...fields,
});

/** The same rotation without the facts named, as it was before they were known. */
export function without(rotation: Rotation, ...facts: readonly (keyof Rotation)[]): Rotation {
  return Object.fromEntries(
    Object.entries(rotation).filter(([key]) => !facts.some((fact) => fact === key)),
  ) as unknown as Rotation;
}

import type { Dependent } from '../../../lambdas/core/credential.ts';
import type { Notice } from '../../../lambdas/core/ports/propagator.ts';

/** A notice of a promotion, with whatever a test needs otherwise. */
export const aNotice = (more: Partial<Notice> = {}): Notice => ({
  id: '70ce0000-0000-4000-8000-000000000002#promoted#70ce0000-0000-4000-8000-000000000002#1#rag-api',
  at: '2026-01-01T00:00:00.000Z',
  environment: 'staging',
  credential: 'vector-store',
  kind: 'postgres',
  rotation: '70ce0000-0000-4000-8000-000000000002',
  change: 'promoted',
  version: '70ce0000-0000-4000-8000-000000000002',
  replaces: '70ce0000-0000-4000-8000-000000000001',
  dependent: 'rag-api',
  expectation: { id: '70ce0000-0000-4000-8000-000000000002#1', nonce: 'not-a-real-nonce' },
  ...more,
});

/** A webhook dependent with these settings. */
export const aDependent = (name: string, settings: Dependent['settings']): Dependent => ({
  name,
  kind: 'webhook',
  workload: name,
  cacheTtlSeconds: 60,
  settings,
});

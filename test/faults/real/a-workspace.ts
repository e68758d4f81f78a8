import type { Credential, Dependent, Inventory } from '../../../lambdas/core/credential.ts';

/** Everything declared for a workspace of one authority and one credential, with times that nobody has to wait for. */
export function aWorkspace(credentials: readonly Credential[]): Inventory {
  return {
    environment: 'local',
    digest: 'a digest',
    workloads: [{ name: 'reader', principal: 'embedded:reader' }],
    freezes: [],
    credentials,
  };
}

interface Parts {
  readonly name: string;
  readonly kind: string;
  readonly family: string;
  readonly strategy: Credential['strategy'];
  readonly authority?: string;
  readonly dependents?: readonly Dependent[];
  readonly target: Readonly<Record<string, unknown>>;
}

export const aCredential = ({ dependents = [], ...parts }: Parts): Credential => ({
  ...parts,
  dependents,
  owner: 'a-team',
  rotateEverySeconds: 60,
  boundTo: ['reader'],
  adopters: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 600, onDeadline: 'hold-and-page' },
});

/** A database and the authority over it. */
export function aDatabase(port: number): readonly Credential[] {
  const endpoint = { host: '127.0.0.1', port };
  const [family, authority] = ['postgres', 'rag-db-admin'];
  const own = { endpoint, role: 'rag_db_admin', database: 'postgres' };
  const slots = { endpoint, database: 'rag', slots: ['rag_a', 'rag_b'], ownerRole: 'rag_owner' };
  return [
    aCredential({ name: authority, kind: 'postgres-authority', family, strategy: 'in-place', target: own }),
    aCredential({
      name: 'vector-store',
      kind: 'postgres',
      family,
      strategy: 'two-slot',
      authority,
      target: slots,
    }),
  ];
}

/** A project at a provider, and the authority over it. */
export function aProject(port: number, project: string): readonly Credential[] {
  const apiUrl = `http://127.0.0.1:${port}/v1`;
  const [family, authority, strategy] = ['openai', 'openai-admin', 'mint-and-retire'] as const;
  return [
    aCredential({ name: authority, kind: 'openai-authority', family, strategy, target: { apiUrl } }),
    aCredential({
      name: 'openai-agents',
      kind: 'openai',
      family,
      strategy,
      authority,
      target: { apiUrl, project },
    }),
  ];
}

/** A signing key and its one receiver. */
export function aReceiver(port: number): readonly Credential[] {
  const name = 'api-hook';
  const receiver: Dependent = {
    name: 'api',
    kind: 'webhook',
    workload: 'reader',
    cacheTtlSeconds: 0,
    settings: { url: `http://127.0.0.1:${port}/hook`, signingKey: name, allowHosts: ['127.0.0.1'] },
  };
  return [
    aCredential({
      name,
      kind: 'random',
      family: 'random',
      strategy: 'dual-value',
      dependents: [receiver],
      target: { bytes: 32 },
    }),
  ];
}

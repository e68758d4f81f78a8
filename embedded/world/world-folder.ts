import { dirname, join, resolve } from 'node:path';

/** Where everything of one embedded world lies. Nothing is kept anywhere else. */
export interface WorldFolder {
  readonly root: string;
  /** One SQLite file per port: no port shares a transaction with another. */
  readonly stores: { readonly [S in 'vault' | 'ledger' | 'bus' | 'timer' | 'audit']: string };
  /** Signed audit heads, outside the store of the records. */
  readonly heads: string;
  /** The keys that seal the vault and sign the audit: beside the data folder, never in it. */
  readonly keys: {
    readonly vault: string;
    readonly seal: string;
    /** A folder, with one for each algorithm that issuers of this world sign tokens by. */
    readonly issuers: string;
  };
  readonly postgres: string;
  readonly openaiDouble: string;
  /** Which ports were given out; kept, so that whoever was told once stays right. */
  readonly ports: string;
  /** Public halves of identities: what the endpoint knows workloads and people by. */
  readonly identities: { readonly workloads: string; readonly people: string };
  /** Touched by a living runtime; services that see it age end by themselves. */
  readonly heartbeat: string;
  readonly lock: string;
  /** Which runtime lives, and how it is reached. */
  readonly runtime: string;
  readonly pages: string;
  readonly log: string;
  /** Our own connections to targets, so that they are told from those of dependents. */
  readonly probes: string;
  /** The folder of one service: its identity, its record, what it counted. */
  readonly service: (name: string) => string;
  /** The folder of the people of one role: their identity. */
  readonly person: (role: string) => string;
}

/** The folder below a workspace, and its keys beside it. */
export function worldFolder(workspace: string): WorldFolder {
  const root = resolve(workspace, '.lockstep');
  const keys = join(dirname(root), '.lockstep-keys');
  const store = (name: string): string => join(root, 'stores', `${name}.sqlite`);
  return {
    root,
    stores: {
      vault: store('vault'),
      ledger: store('ledger'),
      bus: store('bus'),
      timer: store('timer'),
      audit: store('audit'),
    },
    heads: join(root, 'heads'),
    keys: { vault: join(keys, 'vault.key'), seal: join(keys, 'seal.pem'), issuers: join(keys, 'issuers') },
    postgres: join(root, 'postgres'),
    openaiDouble: join(root, 'openai-double'),
    ports: join(root, 'ports.json'),
    identities: { workloads: join(root, 'identities'), people: join(root, 'identities', 'people') },
    heartbeat: join(root, 'heartbeat'),
    lock: join(root, 'runtime.lock'),
    runtime: join(root, 'runtime.json'),
    pages: join(root, 'pages.jsonl'),
    log: join(root, 'lockstep.log'),
    probes: join(root, 'probes.jsonl'),
    service: (name) => join(root, 'services', name),
    person: (role) => join(root, 'people', role),
  };
}

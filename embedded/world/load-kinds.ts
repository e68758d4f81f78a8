import { randomBytes } from 'node:crypto';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { Propagator } from '../../lambdas/core/ports/propagator.ts';
import type { Rotator } from '../../lambdas/core/ports/rotator.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { Clock } from '../../lambdas/core/time.ts';

/** What rotators and propagators are given here. */
export interface KindPorts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** One connection of ours to PostgreSQL has ended its login, either way. */
  readonly onConnection: (connection: OwnConnection) => void;
}

/** A connection that Lockstep itself made to a target. */
export interface OwnConnection {
  readonly purpose: string;
  readonly role: string;
  readonly localPort?: number;
  readonly outcome: 'served' | 'refused' | 'failed';
}

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Each kind's rotator, loaded only where the inventory has the kind: no driver is loaded for nothing. */
const ROTATORS: Readonly<Record<string, (ports: KindPorts) => Promise<Rotator>>> = {
  postgres: async (ports) => {
    const { postgresRotator } = await import('../../lambdas/rotators/postgres/postgres-rotator.ts');
    return postgresRotator({ ...ports, randomBytes: bytes });
  },
  'postgres-authority': async (ports) => {
    const { postgresAuthorityRotator } =
      await import('../../lambdas/rotators/postgres/postgres-authority-rotator.ts');
    return postgresAuthorityRotator({ ...ports, randomBytes: bytes });
  },
  openai: async ({ clock, sleep }) => {
    const { openaiRotator } = await import('../../lambdas/rotators/openai/rotator.ts');
    return openaiRotator({ fetch: (url, init) => fetch(url, init), clock, sleep });
  },
  'openai-authority': async ({ clock, sleep }) => {
    const { openaiAuthorityRotator } = await import('../../lambdas/rotators/openai/authority-rotator.ts');
    return openaiAuthorityRotator({ fetch: (url, init) => fetch(url, init), clock, sleep });
  },
  random: async ({ clock, newId }) => {
    const { randomRotator } = await import('../../lambdas/rotators/random/rotator.ts');
    const { outboundPost } = await import('../../lambdas/outbound/post.ts');
    return randomRotator({ randomBytes: bytes, clock, newId, post: outboundPost({ clock }) });
  },
};

/** The rotators of every kind in an inventory. */
export async function loadRotators(
  inventory: Inventory,
  ports: KindPorts,
): Promise<(kind: string) => Rotator> {
  const kinds = [...new Set(inventory.credentials.map(({ kind }) => kind))];
  const loaded = new Map<string, Rotator>();
  for (const kind of kinds) {
    const load = ROTATORS[kind];
    if (!load)
      throw new LockstepError('NOT_SUPPORTED', `the embedded world has no rotator for the kind ${kind}`);
    loaded.set(kind, await load(ports));
  }
  return (kind) => {
    const rotator = loaded.get(kind);
    if (rotator) return rotator;
    throw new LockstepError('NOT_SUPPORTED', `no rotator for the kind ${kind} was loaded`);
  };
}

type SigningKeys = (credential: string) => Promise<readonly Secret[]>;

/** The propagator of each kind that somebody has to tell. */
export async function loadPropagators({
  clock,
}: Pick<KindPorts, 'clock'>): Promise<(kind: string, keys: SigningKeys) => Propagator> {
  const { webhookPropagator } = await import('../../lambdas/propagators/webhook/propagator.ts');
  const { outboundPost } = await import('../../lambdas/outbound/post.ts');
  return (kind, signingKeys) => {
    if (kind === 'webhook') return webhookPropagator({ post: outboundPost({ clock }), clock, signingKeys });
    throw new LockstepError('NOT_SUPPORTED', `the embedded world has no propagator for the kind ${kind}`);
  };
}

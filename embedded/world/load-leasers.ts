import { randomBytes } from 'node:crypto';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Leaser } from '../../lambdas/core/ports/leaser.ts';
import { ownEntry } from '../../lambdas/core/own-entry.ts';
import type { KindPorts } from './load-kinds.ts';
import type { LocalLeaseKind } from './local-names.ts';

/** Each kind's leaser, loaded only where the inventory leases the kind: those whose targets this world has. */
const LEASERS: Readonly<Record<LocalLeaseKind, (ports: KindPorts) => Promise<Leaser>>> = {
  postgres: async (ports) => {
    const { postgresLeaser } = await import('../../lambdas/leasers/postgres/leaser.ts');
    return postgresLeaser({ ...ports, randomBytes: (length) => new Uint8Array(randomBytes(length)) });
  },
  openai: async ({ clock, sleep }) => {
    const { openaiLeaser } = await import('../../lambdas/leasers/openai/leaser.ts');
    return openaiLeaser({ fetch: (url, init) => fetch(url, init), clock, sleep });
  },
};

/** The leasers of every kind in an inventory. Throws `NOT_SUPPORTED` for a kind whose target this world has not. */
export async function loadLeasers(inventory: Inventory, ports: KindPorts): Promise<(kind: string) => Leaser> {
  const kinds = [...new Set(accessOf(inventory).leasables.map(({ kind }) => kind))];
  const loaded = new Map<string, Leaser>();
  for (const kind of kinds) {
    const load = ownEntry<(ports: KindPorts) => Promise<Leaser>>(LEASERS, kind);
    if (!load)
      throw new LockstepError(
        'NOT_SUPPORTED',
        `the embedded world has no leases of the kind ${kind}; it has ${Object.keys(LEASERS).join(', ')}`,
      );
    loaded.set(kind, await load(ports));
  }
  return (kind) => {
    const leaser = loaded.get(kind);
    if (leaser) return leaser;
    throw new LockstepError('NOT_SUPPORTED', `no leaser for the kind ${kind} was loaded`);
  };
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dependent } from '../../../lambdas/core/credential.ts';
import { AUTHORITY, postgresBed, type PostgresBed } from './bed.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());

const dependent = (name: string, clientAddress?: string): Dependent => ({
  name,
  kind: 'poller',
  workload: name,
  cacheTtlSeconds: 1,
  evidence: {
    applicationName: name,
    ...(clientAddress === undefined ? {} : { clientAddress }),
    poolLifetimeSeconds: 10,
    suffices: true,
  },
  settings: {},
});

describe('what the server shows of the use of two versions', () => {
  it('is told by application name and address, in one connection', async () => {
    const predecessor = await bed.install('v1', 0, undefined);
    const successor = await bed.install('v2', 1, predecessor);
    const sessions = await Promise.all([
      bed.dependent(predecessor, 'embedder'),
      bed.dependent(successor, 'embedder'),
      bed.dependent(successor, 'embedder'),
      bed.dependent(predecessor, 'rag-api'),
      bed.dependent(predecessor, 'nobody we know'),
    ]);
    bed.seen.length = 0;

    const seen = await bed
      .rotator({ clock: () => new Date('2026-11-24T12:00:00Z') })
      .observe(bed.request('v2', 1), { predecessor, successor }, [
        dependent('embedder', '127.0.0.1'),
        dependent('rag-api', '10.0.0.9'),
        dependent('absent'),
      ]);

    expect(seen).toEqual({
      at: '2026-11-24T12:00:00.000Z',
      successor: { sessions: 2 },
      predecessor: { sessions: 3 },
      byDependent: {
        embedder: { onSuccessor: 2, onPredecessor: 1 },
        // its sessions come from another address than it has declared
        'rag-api': { onSuccessor: 0, onPredecessor: 0 },
        absent: { onSuccessor: 0, onPredecessor: 0 },
      },
      strangersOnPredecessor: 2,
    });
    expect(bed.seen).toMatchObject([{ purpose: 'observe', role: AUTHORITY, outcome: 'served' }]);
    await Promise.all(sessions.map((session) => session.end()));
  });

  it('counts a session that acts as its owner role for its slot', async () => {
    const [predecessor, successor] = [await bed.install('v5', 5, undefined), { version: 'v6', key: 'rag_b' }];
    const session = await bed.dependent(predecessor, 'embedder');
    await session.query('SET ROLE rag_owner');

    const seen = await bed
      .rotator()
      .observe(bed.request('v6', 6), { predecessor, successor }, [dependent('embedder')]);

    expect(seen.byDependent['embedder']).toEqual({ onSuccessor: 0, onPredecessor: 1 });
    await session.end();
  });
});

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Attempt } from '../../embedded/services/attempt-log.ts';
import { SqliteLedger } from '../../embedded/ledger/sqlite-ledger.ts';
import { readLines } from '../../embedded/view/read-lines.ts';
import { isOver, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import { seededRandom } from '../fakes/counted-ids.ts';
import { EmbeddedProcess, exitOf } from './embedded-process.ts';

const SEED = Number(process.env['LOCKSTEP_SEED'] ?? Math.floor(Math.random() * 1e9));
const KILLS = Number(process.env['LOCKSTEP_KILLS'] ?? 4);
/** Many kills are quick ones: all of them together must leave time for a round before the next cadence. */
const LONGEST_LIFE_MS = Math.min(7000, 28_000 / KILLS);
const CREDENTIALS = [
  'rag-db-admin',
  'vector-store',
  'openai-admin',
  'openai-agents',
  'rag-api-hook',
  'summariser-hook',
];

describe(`a runtime that is killed with SIGKILL again and again (LOCKSTEP_SEED=${SEED})`, () => {
  const embedded = new EmbeddedProcess();
  afterAll(() => embedded.dispose(), 60_000);

  it('resumes every rotation, loses nothing, and costs no dependent an attempt', async () => {
    const random = seededRandom(SEED);
    // given services that have got their first values
    const first = embedded.start();
    await embedded.saysAfter(0, /vector-store: (requested|issued|installed|verified|promoted|adopting)/);
    // when the runtime is killed at moments that nobody chose, each time a little into its work
    let child = first;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await sleep(500 + random() * LONGEST_LIFE_MS);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await sleep(random() * 1500);
      child = kill < KILLS ? embedded.start() : embedded.start('--once');
    }
    // then the last one, which is left alone, ends all that was begun
    expect(await exitOf(child), embedded.said.slice(-3000)).toBe(0);
    expect(embedded.said).toContain('dependents counted 0 failed attempts');

    const rotations = await rotationsOf(embedded);
    expect(rotations.length).toBeGreaterThanOrEqual(CREDENTIALS.length);
    expect(rotations.filter((rotation) => !isOver(rotation))).toEqual([]);
    expect(rotations.filter(({ phase }) => phase === 'abandoned')).toEqual([]);
    // and nobody was ever without a value: services outlived every runtime, and counted no failure since their start
    expect(await failuresOf(embedded)).toEqual([]);
  }, 400_000);
});

async function rotationsOf({ folder }: EmbeddedProcess): Promise<readonly Rotation[]> {
  const ledger = new SqliteLedger({ path: folder.stores.ledger, clock: () => new Date() });
  try {
    const rows = await Promise.all(CREDENTIALS.map((name) => ledger.list('rotation', name)));
    return rows.flat().map(({ body }) => body);
  } finally {
    ledger.close();
  }
}

async function failuresOf({ folder }: EmbeddedProcess): Promise<readonly unknown[]> {
  return (
    ['rag-api', 'embedder', 'summariser', 'research-agent']
      .flatMap((name) => readLines(`${folder.service(name)}/attempts.jsonl`) as readonly Attempt[])
      .filter(({ what, outcome }) => what !== 'read' && outcome === 'failed')
      // Lockstep's own, signed with an old key to see that it is refused.
      .filter(({ what, id }) => !(what === 'notice' && id?.startsWith('probe_')))
  );
}

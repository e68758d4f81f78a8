import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../embedded/services/attempt-log.ts';
import { compareBooks } from '../../../embedded/view/compare-books.ts';
import { readBooks, subjectsOf, type BookKeepers } from '../../../embedded/view/read-books.ts';
import { worldFolder, type WorldFolder } from '../../../embedded/world/world-folder.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const hook = { name: 'rag-api', kind: 'webhook', settings: { signingKey: 'rag-api-hook' } };
const INVENTORY = {
  environment: 'local',
  credentials: [
    { name: 'vector-store', kind: 'postgres', target: { slots: ['rag_a', 'rag_b'] }, dependents: [hook] },
    { name: 'openai-agents', kind: 'openai', target: {}, dependents: [{ ...hook, name: 'summariser' }] },
    { name: 'rag-api-hook', kind: 'random', target: {}, dependents: [hook] },
    { name: 'rag-db-admin', kind: 'postgres-authority', target: {}, dependents: [] },
  ],
  access: {
    agents: [{ name: 'research-agent', workload: 'research-agent' }],
    leasables: [{ name: 'model-session' }],
  },
} as unknown as Inventory;

const NOW = '2026-01-01T10:00:01.000Z';
const attempt = (parts: Partial<Attempt>): Attempt => ({
  at: NOW,
  began: NOW,
  what: 'login',
  outcome: 'served',
  ...parts,
});

/** Two connections as PostgreSQL writes them down: one let in, one whose password it refused. */
const SERVER_LOG = [
  '2026-01-01 10:00:01.000 UTC [10] 127.0.0.1(40001) 00000 user=[unknown] db=[unknown] app=[unknown] LOG:  connection received: host=127.0.0.1 port=40001',
  '2026-01-01 10:00:01.010 UTC [10] 127.0.0.1(40001) 00000 user=rag_a db=rag app=[unknown] LOG:  connection authorized: user=rag_a database=rag application_name=rag-api',
  '2026-01-01 10:00:01.500 UTC [11] 127.0.0.1(40002) 00000 user=[unknown] db=[unknown] app=[unknown] LOG:  connection received: host=127.0.0.1 port=40002',
  '2026-01-01 10:00:01.510 UTC [11] 127.0.0.1(40002) 28P01 user=rag_b db=rag app=[unknown] FATAL:  password authentication failed for user "rag_b"',
  '',
].join('\n');

const folder = inTempFolder();

function write(path: string, ...lines: readonly object[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function writeServices(world: WorldFolder): void {
  write(
    `${world.service('rag-api')}/attempts.jsonl`,
    attempt({ key: 'rag_a', localPort: 40_001 }),
    attempt({ what: 'statement', key: 'rag_a' }),
    attempt({ what: 'notice', key: 'rag-api-hook', id: 'n1' }),
    attempt({ what: 'read', outcome: 'failed' }),
    attempt({ what: 'read' }),
  );
  write(
    `${world.service('summariser')}/attempts.jsonl`,
    attempt({ what: 'call', key: 'key_1', localPort: 50_001 }),
  );
  write(
    `${world.service('research-agent')}/attempts.jsonl`,
    attempt({ what: 'call', leasable: 'model-session', id: CALL_ID }),
  );
}

/** The id of a call that came through a proxy: neither side sees the other's port. */
const CALL_ID = '3b7f0d52-9b0c-4a4b-8f0e-111111111111';

/** One call of a dependent, one of an agent through a proxy, one to another route, one of Lockstep's own. */
function writeDouble(world: WorldFolder): void {
  const call = { at: NOW, method: 'POST', route: 'POST /chat/completions', caller: 'other' };
  write(
    `${world.openaiDouble}/requests.jsonl`,
    { ...call, status: 200, keyId: 'key_1', clientPort: 50_001 },
    { ...call, status: 200, keyId: 'key_2', clientPort: 50_009, clientRequestId: CALL_ID },
    { ...call, route: 'GET /models', status: 401, keyId: null, clientPort: 50_002 },
    { ...call, status: 401, keyId: 'key_0', clientPort: 50_003, caller: 'lockstep' },
  );
}

function keepers(): BookKeepers {
  const world = worldFolder(folder().at('workspace'));
  writeServices(world);
  writeDouble(world);
  write(world.probes, {
    at: '2026-01-01T10:00:01.520Z',
    purpose: 'probe',
    role: 'rag_b',
    localPort: 40_002,
    outcome: 'refused',
  });
  writeFileSync(folder().at('server.log'), SERVER_LOG);
  const delivery = { rotation: 'r1', change: 'promoted', dependent: 'rag-api', attempts: 1, at: NOW };
  const rows = [
    { id: 'n1', body: { ...delivery, status: 'told' } },
    { id: 'n2', body: { ...delivery, status: 'failing' } },
  ];
  const list = async (_family: string, name: string) => (name === 'vector-store' ? rows : []);
  return {
    folder: world,
    inventory: INVENTORY,
    database: { files: { log: folder().at('server.log') } },
    world: { ledger: { list } },
  } as unknown as BookKeepers;
}

describe('the books of a workspace', () => {
  it('are read from where everybody keeps theirs, and agree', async () => {
    const since = '2026-01-01T10:00:00.000Z';
    const books = await readBooks(keepers(), since);
    expect(books.knownNotices).toEqual(new Set(['n1', 'n2']));
    const account = compareBooks(books, subjectsOf(INVENTORY), { since, until: '2026-01-01T10:01:00.000Z' });
    expect(account).toMatchObject({
      served: 5,
      failed: 0,
      database: { served: 1, failed: 0, differences: [] },
      provider: { served: 2, failed: 0, differences: [] },
      notices: { served: 1, failed: 0, differences: [] },
      probes: { logins: 1, refused: 1 },
      strangers: [],
      readsFailed: 1,
    });
    expect([...account.uses.keys()]).toEqual(['vector-store', 'openai-agents', 'rag-api-hook']);
    expect(account.uses.get('vector-store')?.served).toBe(2);
    expect([...account.leased]).toMatchObject([['model-session', { served: 1, keys: 1 }]]);
  });

  it('leave out what was long before', async () => {
    const books = await readBooks(keepers(), '2026-01-01T11:00:00.000Z');
    expect([books.logins, books.database, books.own, books.provider, books.told]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
  });
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOOTSTRAP_ROLE, readBootstrapSecret } from '../../embedded/postgres/bootstrap-secret.ts';
import { findServer } from '../../embedded/postgres/postmaster-file.ts';
import { serverFiles } from '../../embedded/postgres/server-files.ts';
import type { RunningServer } from '../../embedded/postgres/start-server.ts';
import { firstAdminKey } from '../../embedded/runtime/workspace-database.ts';
import type { ServiceStatus } from '../../embedded/services/attempt-log.ts';
import { readLines } from '../../embedded/view/read-lines.ts';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { formsOf } from './canary-forms.ts';
import { EmbeddedProcess } from './embedded-process.ts';
import { Operator } from './operator.ts';

/** One runtime for the whole file, in the order in which a day goes. */
const embedded = new EmbeddedProcess();
const operator = new Operator(embedded);
const ON_CALL = ['--as', 'role:on-call'] as const;
const RETRIEVAL = ['--as', 'role:retrieval'] as const;

beforeAll(async () => {
  embedded.writeWorkspace();
  embedded.start();
  await embedded.saysAfter(0, 'Going on by cadence', 240_000);
}, 260_000);
afterAll(() => embedded.dispose(), 60_000);

const agent = (): ServiceStatus =>
  JSON.parse(
    readFileSync(join(embedded.folder.service('research-agent'), 'status.json'), 'utf8'),
  ) as ServiceStatus;

const leasesOf = async (holder: string): Promise<readonly LeaseView[]> => {
  const { result } = await operator.json('leases', ...ON_CALL);
  return (result['leases'] as readonly LeaseView[]).filter((lease) => lease.holder === holder);
};

async function until<T>(look: () => Promise<T>, holds: (found: T) => boolean, withinMs = 60_000): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (holds(found)) return found;
    if (performance.now() > giveUpAt) throw new Error(`it stands at ${JSON.stringify(found)}`);
    await sleep(250);
  }
}

/** Works at the server as its administrator. */
async function asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const files = serverFiles(embedded.folder.postgres);
  const server = await findServer(files);
  if (!server) throw new Error('no server runs');
  const password = (await readBootstrapSecret(files)).reveal();
  const client = new Client({ ...server, user: BOOTSTRAP_ROLE, password, database: 'postgres', ssl: false });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The roles of leases that the server has. */
const leaseRoles = (): Promise<readonly string[]> =>
  asAdministrator(async (client) => {
    const { rows } = await client.query<{ readonly rolname: string }>(
      "SELECT rolname FROM pg_roles WHERE rolname LIKE 'lockstep_l_%' AND rolcanlogin",
    );
    return rows.map(({ rolname }) => rolname);
  });

/** A call to the double's console, by an admin key that somebody has. */
async function atConsole(method: string, path: string, adminKey: string, body?: object) {
  const { port } = JSON.parse(readFileSync(join(embedded.folder.openaiDouble, 'endpoint.json'), 'utf8')) as {
    readonly port: number;
  };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/organization/admin_api_keys${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

describe('an agent that has no standing key of anything', () => {
  it('holds a lease of each thing that it uses, and of nothing else', async () => {
    const leases = await until(
      () => leasesOf('agent:research-agent'),
      (found) => new Set(found.map(({ leasable }) => leasable)).size === 2,
    );
    expect(new Set(leases.map(({ leasable, purpose }) => `${leasable} for ${purpose}`))).toEqual(
      new Set(['model-session for answer-questions', 'vector-reader for answer-questions']),
    );
    const { stdout } = await operator.run(['whoami', '--as', 'research-agent']);
    expect(stdout).toContain('agent:research-agent');
    expect(stdout).not.toContain('vector-owner');
  });

  it('counts no failure while the key and the login that its leases stand for change', async () => {
    const before = agent();
    // when both are rotated once more, and all the way
    for (const credential of ['openai-agents', 'vector-store']) await operator.rotate(credential);
    for (const credential of ['openai-agents', 'vector-store'])
      await operator.until(credential, ({ rotation }) => rotation?.phase === 'retired');
    // then it has gone on meanwhile, by other leases than at first, and has not noticed
    const after = await until(
      async () => agent(),
      ({ served, using }) =>
        served > before.served + 20 && using['model-session'] !== before.using['model-session'],
    );
    expect([after.failed, after.readsFailed]).toEqual([0, 0]);
  });
});

describe('what leases are made by', () => {
  /** The leases of the database, and how often each was renewed. */
  const readers = async (): Promise<string> =>
    (await leasesOf('agent:research-agent'))
      .filter(({ leasable, phase }) => leasable === 'vector-reader' && phase === 'live')
      .map(({ id, renewals }) => `${id} ${renewals}`)
      .join();

  it('is changed by a person, for the database, and nobody who leases notices', async () => {
    const { stdout, code } = await operator.run(['supply', 'rag-db-leases']);
    expect(code).toBe(0);
    const [statement = ''] = stdout.split('\n');
    await asAdministrator((client) => client.query(statement));
    // in between leases go on by the value that waits: one is renewed at the target, or succeeded
    const before = await readers();
    await until(readers, (now) => now !== before);
    expect(await operator.run(['supply', 'rag-db-leases', '--prove'])).toMatchObject({ code: 0 });
    expect([agent().failed, agent().readsFailed]).toEqual([0, 0]);
  });

  it('is changed by a person, for the provider, and the key before it can be ended', async () => {
    const server = { files: serverFiles(embedded.folder.postgres) } as RunningServer;
    const first = await firstAdminKey(server, 'openai-leases');
    const made = await atConsole('POST', '', first.value, { name: 'leases, the second' });
    const next = String(made.body['value']);
    const supplied = await operator.run(['supply', 'openai-leases', '--from-stdin'], `${next}\n`);
    expect(supplied).toMatchObject({ code: 0 });
    expect((await atConsole('DELETE', `/${first.id}`, next)).status).toBe(200);
    const before = agent();
    await until(
      async () => agent(),
      ({ served, using }) =>
        served > before.served + 20 && using['model-session'] !== before.using['model-session'],
    );
    expect([agent().failed, agent().readsFailed]).toEqual([0, 0]);
    expect(operator.said).not.toContain(next);
  });
});

describe('leases that other people decide about', () => {
  let value: Secret;

  it('are not had without them, nor by one’s own word', async () => {
    const { result } = await asked('vector-owner', ...RETRIEVAL, '--purpose', 'investigate');
    expect(result).toMatchObject({ status: 'approval-needed' });
    const { approval, request } = result as { readonly approval: string; readonly request: string };
    const own = await operator.run(['approve', approval, ...RETRIEVAL, '--reason', 'it is fine']);
    expect(own.code).toBe(1);
    const other = await operator.json('approve', approval, ...ON_CALL, '--reason', 'seen with them');
    expect(other.result).toMatchObject({ approved: 1, needed: 2 });
    const same = ['--purpose', 'investigate', '--request', request, '--approval', approval];
    const again = await asked('vector-owner', ...RETRIEVAL, ...same);
    expect([again.code, again.result['status']]).toEqual([1, 'approval-needed']);
    const third = await operator.json('approve', approval, '--as', 'role:retrieval.2', '--reason', 'seen');
    expect(third.result).toMatchObject({ approved: 2, needed: 2 });
    const given = await asked('vector-owner', ...RETRIEVAL, ...same);
    expect(given.code, given.stderr).toBe(0);
    expect(String(given.result['value'])).toContain('lockstep_');
    const { id } = given.result['lease'] as LeaseView;
    expect(await operator.run(['release-lease', id, ...RETRIEVAL])).toMatchObject({ code: 0 });
  });

  it('are had by breaking the glass, with a page, and a review by somebody else', async () => {
    const given = await asked(
      'vector-owner',
      ...ON_CALL,
      '--purpose',
      'investigate',
      '--break-glass',
      'INC-9',
    );
    expect(given.code, given.stderr).toBe(0);
    value = new Secret(String(given.result['value']));
    const { id } = given.result['lease'] as LeaseView;
    await until(
      async () => readLines(embedded.folder.pages) as readonly Page[],
      (pages) => pages.some(({ reasons }) => reasons.some((reason) => reason.includes('INC-9'))),
    );
    expect(await operator.run(['review', id, ...ON_CALL, '--note', 'it was me'])).toMatchObject({ code: 1 });
    expect(await operator.run(['review', id, ...RETRIEVAL, '--note', 'right, and short'])).toMatchObject({
      code: 0,
    });
  });

  it('are handed over once: the value is in no file that anybody here has written', () => {
    const leaking = readdirSync(embedded.workspace, { recursive: true, encoding: 'utf8' })
      .map((name) => join(embedded.workspace, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      .filter((path) => {
        const text = readFileSync(path, 'latin1');
        return formsOf(value).some((form) => text.includes(form));
      });
    expect(formsOf(value).length).toBeGreaterThan(5);
    expect(leaking).toEqual([]);
  });
});

describe('leases that somebody ends', () => {
  it('are refused by their target, and their holder asks for others', async () => {
    const before = await leasesOf('agent:research-agent');
    const { result } = await operator.json('revoke-leases', 'all', ...ON_CALL, '--reason', 'a game day');
    expect(result['ending']).toBeGreaterThanOrEqual(2);
    const gone = before
      .filter(({ leasable }) => leasable === 'vector-reader')
      .map(({ id }) => `lockstep_l_${id}`);
    expect(gone.length).toBeGreaterThan(0);
    await until(leaseRoles, (roles) => gone.every((role) => !roles.includes(role)));
    const { served } = agent();
    await until(
      async () => agent(),
      (now) => now.served > served + 20,
    );
    expect(await operator.run(['audit', 'verify'])).toMatchObject({ code: 0 });
  });
});

/** Asks for a lease as a program does. What is refused, and what waits, is on one of the two streams. */
async function asked(leasable: string, ...words: readonly string[]) {
  const { code, stdout, stderr } = await operator.run(['lease', leasable, ...words, '--json']);
  return { code, stderr, result: JSON.parse(stdout || stderr) as Record<string, unknown> };
}

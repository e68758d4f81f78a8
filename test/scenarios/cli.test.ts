import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockFolder } from '../../embedded/runtime/single-runtime.ts';
import { readLines } from '../../embedded/view/read-lines.ts';
import type { AuditEntry } from '../../lambdas/core/audit/record.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { EmbeddedProcess } from './embedded-process.ts';
import { Operator, whileStopped } from './operator.ts';

/** One runtime for the whole file: the life of an operator, in the order in which it is lived. */
const embedded = new EmbeddedProcess();
const operator = new Operator(embedded);
let runtime: ReturnType<EmbeddedProcess['start']>;

beforeAll(async () => {
  embedded.writeWorkspace();
  runtime = embedded.start();
  await embedded.saysAfter(0, 'Going on by cadence', 240_000);
}, 260_000);
afterAll(() => embedded.dispose(), 60_000);

const pages = (): readonly Page[] => readLines(embedded.folder.pages) as readonly Page[];

async function pageThat(is: (page: Page) => boolean): Promise<Page> {
  const giveUpAt = performance.now() + 30_000;
  while (performance.now() < giveUpAt) {
    const found = pages().find(is);
    if (found) return found;
    await sleep(100);
  }
  throw new Error('no such page came');
}

/** What the audit has of an order, told by its own command. */
async function decisions(credential: string, action: string): Promise<readonly AuditEntry[]> {
  const { result } = await operator.json('history', credential, '--last', '200');
  const records = result['records'] as readonly { readonly entry: AuditEntry }[];
  return records
    .map(({ entry }) => entry)
    .filter((entry) => entry.action === action && entry.who.kind === 'operator');
}

describe('an operator beside a running runtime', () => {
  it('sees how everything stands', async () => {
    const { code, stdout } = await operator.run(['status']);
    expect(code).toBe(0);
    for (const name of [
      'rag-db-admin',
      'vector-store',
      'openai-admin',
      'openai-agents',
      'rag-api-hook',
      'summariser-hook',
    ])
      expect(stdout).toContain(name);
    expect(await operator.run(['inventory', 'drift'])).toMatchObject({ code: 0 });
    expect(await operator.run(['audit', 'verify'])).toMatchObject({ code: 0 });
    expect((await operator.json('status', '--watch')).result['heartbeatsSeen']).toBeGreaterThan(0);
    expect((await operator.run(['history', '--findings'])).stdout).toContain('unbound-read');
    const { stdout: last } = await operator.run(['history', '--last', '5']);
    // What is said of leases stands below their rows.
    expect(last.split('\n').filter((row) => /^\d{4}-/.test(row))).toHaveLength(5);
  });

  it('holds a credential: from now on nothing of it rotates, asked for or due', async () => {
    expect(await operator.run(['hold', 'rag-api-hook', '--reason', 'INC-7'])).toMatchObject({ code: 0 });
    const { code, result } = await operator.json('rotate', 'rag-api-hook', '--reason', 'a test');
    expect([code, result['error']]).toMatchObject([1, { code: 'HELD' }]);
    expect((await operator.run(['status', '--waiting'])).stdout).toContain('INC-7');
  });
});

describe('an operator with a rotation that waits', () => {
  it('forces a rotation that waits for a service that stands still', async () => {
    await operator.until('openai-agents', ({ rotation }) => rotation?.phase === 'retired');
    await whileStopped(embedded, 'summariser', async () => {
      const token = await operator.rotate('openai-agents');
      await operator.until(
        'openai-agents',
        ({ rotation }) => rotation?.phase === 'adopting' && rotation.missing.length === 1,
      );
      const named = await operator.run([
        'force',
        'openai-agents',
        '--dependent',
        'rag-api',
        '--reason',
        'a wrong name',
      ]);
      expect(named).toMatchObject({ code: 1 });
      expect(named.stderr).toContain('waits for summariser');

      const forced = await operator.json(
        'force',
        'openai-agents',
        '--dependent',
        'summariser',
        '--reason',
        'it hangs',
      );
      expect(forced.code).toBe(0);
      const after = await operator.until(
        'openai-agents',
        ({ rotation }) => rotation?.token !== token || rotation.phase === 'retired',
      );
      expect(after.rotation?.adopted).toMatchObject([{ dependent: 'summariser', by: 'force' }]);
    });
    expect(await decisions('openai-agents', 'force')).toMatchObject([
      { why: { reason: 'summariser: it hangs' } },
    ]);
  });

  it('rolls a rotation back while a service still uses the version before', async () => {
    await operator.until('vector-store', ({ rotation }) => rotation?.phase === 'retired');
    const before = (await operator.look('vector-store')).currentKey;
    let token = '';
    await whileStopped(embedded, 'embedder', async () => {
      token = await operator.rotateOrJoin('vector-store');
      await operator.until('vector-store', ({ rotation }) => rotation?.phase === 'adopting');
      expect((await operator.look('vector-store')).currentKey).not.toBe(before);
      expect(
        await operator.run(['roll-back', 'vector-store', '--reason', 'rag-api cannot log in']),
      ).toMatchObject({ code: 0 });
    });
    const after = await operator.until(
      'vector-store',
      ({ rotation }) => rotation?.token !== token || rotation.phase === 'rolled-back',
    );
    expect(after).toMatchObject({ rotation: { phase: 'rolled-back' }, currentKey: before });
    expect(await decisions('vector-store', 'roll-back')).toMatchObject([
      { why: { reason: 'rag-api cannot log in' } },
    ]);
  });
});

describe('an operator with bad news', () => {
  it('proves the way to on-call', async () => {
    const { code, result } = await operator.json('page', '--test');
    expect(code).toBe(0);
    const { page } = result['facts'] as { readonly page: string };
    expect(await pageThat(({ id }) => id === page)).toMatchObject({ severity: 'test' });
  });

  it('cannot put a first value over one that is in use, nor leave a value anywhere', async () => {
    const before = await operator.look('openai-admin');
    const value = JSON.stringify({ adminKey: `sk-admin-${'fake0'.repeat(8)}`, keyId: 'key_fake' });
    const { code, stderr } = await operator.run(['adopt', 'openai-admin', '--from-stdin'], value);
    expect([code, stderr]).toMatchObject([1, expect.stringContaining('ALREADY_ADOPTED')]);
    expect(operator.said).not.toContain('fake0fake0');
    expect(readFileSync(embedded.folder.log, 'utf8')).not.toContain('fake0fake0');
    expect((await operator.look('openai-admin')).adopted).toBe(before.adopted);
  });

  it('answers a leak: what worked is stopped, on-call is paged, and a new value is adopted', async () => {
    await operator.until('openai-agents', ({ rotation }) => rotation?.phase === 'retired');
    const { code, result } = await operator.json(
      'revoke',
      'openai-agents',
      '--breach',
      '--reason',
      'a key in a public log',
    );
    expect(code).toBe(0);
    const { rotation: token, stopped } = result['facts'] as {
      readonly rotation: string;
      readonly stopped: readonly string[];
    };
    expect(stopped.length).toBeGreaterThanOrEqual(1);
    expect(
      (await pageThat(({ title }) => title === 'openai-agents: breach mode')).reasons.join(' '),
    ).toContain('a key in a public log');
    const after = await operator.until('openai-agents', ({ rotation }) => rotation?.adopted.length === 1);
    expect(after.rotation).toMatchObject({ token, cause: 'breach', adopted: [{ by: 'acknowledgement' }] });
    expect(await decisions('openai-agents', 'breach')).toMatchObject([
      { why: { reason: 'a key in a public log' } },
    ]);
  });
});

describe('an operator whose hold is over', () => {
  it('finds the due rotation of what is held refused, releases it, and it rotates again', async () => {
    const due = async (): Promise<boolean> => {
      const { result } = await operator.json('history', 'rag-api-hook', '--refusals');
      const refusals = result['refusals'] as readonly { readonly cause: string; readonly code: string }[];
      return refusals.some(({ cause, code }) => cause === 'cadence' && code === 'HELD');
    };
    // The cadence is a minute, and the hold is older than that or soon will be.
    for (let tries = 0; tries < 40 && !(await due()); tries += 1) await sleep(1500);
    expect(await due()).toBe(true);
    expect(await operator.run(['release', 'rag-api-hook', '--reason', 'INC-7 is over'])).toMatchObject({
      code: 0,
    });
    const token = await operator.rotate('rag-api-hook');
    await operator.until(
      'rag-api-hook',
      ({ rotation }) => rotation?.token !== token || rotation.phase === 'retired',
    );
    expect(await decisions('rag-api-hook', 'hold')).toMatchObject([{ why: { reason: 'INC-7' } }]);
    expect(await decisions('rag-api-hook', 'release')).toMatchObject([{ why: { reason: 'INC-7 is over' } }]);
    expect(await operator.run(['audit', 'verify', 'rag-api-hook'])).toMatchObject({ code: 0 });
  });
});

describe('an operator whose runtime does not answer', () => {
  it('is not kept waiting by one that hangs', async () => {
    runtime.kill('SIGSTOP');
    try {
      const { code, stderr } = await operator.run(['status', '--timeout', '1']);
      expect([code, stderr]).toMatchObject([3, expect.stringContaining('did not answer within 1 s')]);
    } finally {
      runtime.kill('SIGCONT');
    }
  });

  it('works on the files once it was killed, under the same lock', async () => {
    runtime.kill('SIGKILL');
    await once(runtime, 'exit');
    const status = await operator.run(['status']);
    expect([status.code, status.stderr]).toMatchObject([
      0,
      expect.stringContaining('No runtime works on this folder'),
    ]);
    expect(await operator.run(['audit', 'verify'])).toMatchObject({ code: 0 });
    expect(await operator.run(['inventory', 'drift'])).toMatchObject({ code: 0 });
    const held = await operator.json('hold', 'rag-api-hook', '--reason', 'nobody is at home');
    expect(held.result).toMatchObject({ via: 'files' });
    expect((await operator.json('status', 'rag-api-hook')).result).toMatchObject({
      credentials: [{ hold: { reason: 'nobody is at home' } }],
    });
    expect(await operator.run(['inventory', 'check'])).toMatchObject({ code: 0 });
  });

  it('says who holds the folder where neither can be had', async () => {
    const lock = lockFolder(embedded.folder.lock);
    try {
      const { code, result } = await operator.json('status');
      expect([code, result['error']]).toMatchObject([3, { code: 'FOLDER_IN_USE' }]);
    } finally {
      lock.release();
    }
  });
});

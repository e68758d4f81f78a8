import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { livingKeeper } from '../../embedded/postgres/keeper-record.ts';
import { findServer } from '../../embedded/postgres/postmaster-file.ts';
import { serverFiles } from '../../embedded/postgres/server-files.ts';
import { isRunning, type ProcessIdentity } from '../../embedded/postgres/system-process.ts';
import { livingService } from '../../embedded/services/service-record.ts';
import { EmbeddedProcess, exitOf } from './embedded-process.ts';
import { Operator } from './operator.ts';

const CONFIG = fileURLToPath(new URL('../../lockstep.config.ts', import.meta.url));
/** A quarter of a minute in place of ten, so that somebody can wait for it. */
const LINGER = ['--linger', '0.25'];
const SERVICES = ['rag-api', 'embedder', 'summariser', 'research-agent'] as const;

const embedded = new EmbeddedProcess();
const operator = new Operator(embedded);
let runtime: ReturnType<EmbeddedProcess['start']>;

beforeAll(async () => {
  embedded.writeWorkspace();
  runtime = embedded.start(...LINGER);
  await embedded.saysAfter(0, 'Going on by cadence', 240_000);
}, 260_000);
afterAll(() => embedded.dispose(), 60_000);

/** Everything that lives beside the runtime, by name. */
async function programs(): Promise<ReadonlyMap<string, ProcessIdentity>> {
  const files = serverFiles(embedded.folder.postgres);
  const endpoint = join(embedded.folder.openaiDouble, 'endpoint.json');
  const found: readonly (readonly [string, ProcessIdentity | undefined])[] = [
    ['PostgreSQL', await findServer(files)],
    ['its keeper', await livingKeeper(files)],
    ['the double', JSON.parse(readFileSync(endpoint, 'utf8')) as ProcessIdentity],
    ...(await Promise.all(
      SERVICES.map(async (name) => [name, await livingService(embedded.folder.service(name))] as const),
    )),
  ];
  const living = await Promise.all(
    found.map(async ([name, identity]) =>
      identity && (await isRunning(identity)) ? [[name, identity] as const] : [],
    ),
  );
  return new Map(living.flat());
}

async function until(holds: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt)
      throw new Error(`it did not come to that: ${[...(await programs()).keys()].join()}`);
    await sleep(100);
  }
}

const started = (all: ReadonlyMap<string, ProcessIdentity>): Readonly<Record<string, string>> =>
  Object.fromEntries([...all].map(([name, { pid, started: at }]) => [name, `${pid} ${at}`]));

async function kill(child: ReturnType<EmbeddedProcess['start']>): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a runtime and what lives beside it', () => {
  it('is alone on its folder: a second one is refused, and touches nothing', async () => {
    const before = started(await programs());
    const from = embedded.said.length;
    expect(await exitOf(embedded.start(...LINGER))).toBe(1);
    expect(embedded.said.slice(from)).toContain('(FOLDER_IN_USE)');
    expect(started(await programs())).toEqual(before);
  });

  it.each(['rag-api', 'embedder', 'summariser', 'research-agent', 'the double', 'its keeper', 'PostgreSQL'])(
    'brings back what is killed: %s',
    async (name) => {
      const killed = (await programs()).get(name);
      if (!killed) throw new Error(`${name} does not live`);
      process.kill(killed.pid, 'SIGKILL');
      await until(async () => {
        const now = (await programs()).get(name);
        return now !== undefined && now.pid !== killed.pid;
      });
      expect((await programs()).size).toBe(7);
    },
  );

  it('rotates as before when all of them were killed', async () => {
    for (const name of ['vector-store', 'openai-agents', 'rag-api-hook']) {
      const token = await operator.rotate(name);
      await operator.until(name, ({ rotation }) => rotation?.token === token && rotation.phase === 'retired');
    }
    expect(await operator.run(['audit', 'verify'])).toMatchObject({ code: 0 });
  }, 240_000);
});

/** Holds a credential that no rotation is under way of: the cadence may be quicker. */
async function holdBetweenRotations(credential: string): Promise<void> {
  for (;;) {
    await operator.until(credential, ({ rotation }) => rotation?.phase === 'retired');
    expect(await operator.run(['hold', credential, '--reason', 'INC-7'])).toMatchObject({ code: 0 });
    if ((await operator.look(credential)).rotation?.phase === 'retired') return;
    await operator.run(['release', credential, '--reason', 'not yet']);
  }
}

describe('a runtime that is killed', () => {
  it('leaves everything running for the next one, which goes on also with what somebody holds', async () => {
    await holdBetweenRotations('rag-api-hook');
    const before = started(await programs());
    expect(Object.keys(before)).toHaveLength(7);
    await kill(runtime);
    const from = embedded.said.length;
    runtime = embedded.start(...LINGER);
    await embedded.saysAfter(from, 'rag-api-hook is not rotated: rag-api-hook is held');
    await embedded.saysAfter(from, /vector-store: (issued|installed|verified|promoted|adopting)/);
    expect(started(await programs())).toEqual(before);
  }, 240_000);

  it('and that nobody starts again leaves nothing for long: all of it ends by itself', async () => {
    await kill(runtime);
    expect((await programs()).size).toBe(7);
    await until(async () => (await programs()).size === 0, 120_000);
    // and the last word of the folder is that no runtime works on it
    expect(await operator.run(['status'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('No runtime works'),
    });
  }, 240_000);
});

describe('an inventory that is wrong', () => {
  const wrong = new EmbeddedProcess();
  afterAll(() => wrong.dispose(), 60_000);

  it.each([
    [
      'with a field that is none',
      `import config from ${JSON.stringify(CONFIG)};\nexport default { ...config, owners: {} };`,
      /The inventory has \d+ problems/,
    ],
    ['with a mistake in its code', 'export default {', /cannot be loaded/],
  ])('%s ends the start with 2, and nothing is touched', async (_, text, says) => {
    writeFileSync(join(wrong.workspace, 'package.json'), '{"type":"module"}');
    writeFileSync(join(wrong.workspace, 'lockstep.config.ts'), text);
    const from = wrong.said.length;
    expect(await exitOf(wrong.start('--once'))).toBe(2);
    expect(wrong.said.slice(from)).toMatch(says);
    expect(existsSync(wrong.folder.root)).toBe(false);
  });
});

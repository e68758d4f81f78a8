import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestLogPath } from '../../embedded/openai-double/openai-double.ts';
import { readRequestLog } from '../../embedded/openai-double/request-log.ts';

const ADMIN = { id: 'key_first', value: 'sk-admin-not-a-real-key-of-anybody' };
const PROJECT = 'proj_agents';
const MAIN = new URL('../../embedded/openai-double/main.ts', import.meta.url).pathname;

let root: string;
let folder: string;
const running = new Set<ChildProcess>();
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lockstep-double-'));
  folder = join(root, 'double');
});
afterEach(async () => {
  await Promise.all([...running].map(kill));
  rmSync(root, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function spawnDouble(more: object = {}): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, folder], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  const heartbeat = { path: join(root, 'runtime.heartbeat'), limitSeconds: 600 };
  child.stdin.end(JSON.stringify({ port: 0, projects: [PROJECT], adminKeys: [ADMIN], heartbeat, ...more }));
  return child;
}

/** Starts one, and waits for the line that says where it listens. */
async function start(more: object = {}): Promise<{
  readonly child: ChildProcessWithoutNullStreams;
  readonly apiUrl: string;
  readonly line: string;
}> {
  const child = spawnDouble(more);
  const [line] = (await once(child.stdout, 'data')).map(String);
  const { apiUrl } = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as { apiUrl: string };
  return { child, apiUrl, line: line ?? '' };
}

const mint = async (apiUrl: string): Promise<string> => {
  const response = await fetch(`${apiUrl}/organization/projects/${PROJECT}/service_accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN.value}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a service account' }),
  });
  return ((await response.json()) as { api_key: { value: string } }).api_key.value;
};

const use = async (apiUrl: string, key: string): Promise<number> =>
  (await fetch(`${apiUrl}/models`, { headers: { authorization: `Bearer ${key}` } })).status;

describe('the double as a process', () => {
  it('names itself a double when it starts', async () => {
    const { line, apiUrl } = await start();
    expect(line).toMatch(
      /^\[Lockstep double of OpenAI\] listens at http:\/\/127\.0\.0\.1:\d+\/v1; it is not OpenAI/,
    );
    expect(line).toContain(apiUrl);
  });

  it('is killed in the middle of its work, and the next one has the same port, every key and the log', async () => {
    const first = await start();
    const keys: string[] = [];
    const minting = (async () => {
      for (;;) keys.push(await mint(first.apiUrl));
    })().catch(() => undefined);
    while (keys.length < 6) await sleep(10);
    await kill(first.child);
    await minting;

    const second = await start();
    expect(second.apiUrl).toBe(first.apiUrl);
    for (const key of keys) expect(await use(second.apiUrl, key)).toBe(200);
    const minted = readRequestLog(requestLogPath(folder)).filter(
      ({ method, status }) => method === 'POST' && status === 200,
    );
    expect(minted.length).toBeGreaterThanOrEqual(keys.length);
  });

  it('does not take up a folder that another one has, and leaves it alone', async () => {
    const { apiUrl } = await start();
    const key = await mint(apiUrl);
    const second = spawnDouble();
    const said = text(second.stderr);
    const [code] = (await once(second, 'exit')) as [number];
    expect(code).toBe(1);
    expect(await said).toMatch(/port \d+ is in use: is a double of .* running already/);
    expect(await use(apiUrl, key)).toBe(200);
  });

  it('keeps no key in its files, and shows none to who lists processes', async () => {
    const { apiUrl, child } = await start();
    const key = await mint(apiUrl);
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const shown = [...files, child.spawnargs.join(' ')].join('\n');
    for (const secret of [key, ADMIN.value, key.split('-').at(-1) ?? '']) expect(shown).not.toContain(secret);
  });

  it('refuses an order that it cannot read, without repeating it', async () => {
    const child = spawnDouble({ projects: 'sk-admin-not-a-real-key-of-anybody' });
    const said = text(child.stderr);
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, await said]).toEqual([1, expect.not.stringContaining('not-a-real-key')]);
  });
});

describe('the end of the double', () => {
  it('comes by itself when no runtime has been there for the limit, and not while one is', async () => {
    const path = join(root, 'runtime.heartbeat');
    writeFileSync(path, '');
    const touching = setInterval(() => utimesSync(path, new Date(), new Date()), 200);
    try {
      const { child, apiUrl } = await start({ heartbeat: { path, limitSeconds: 4 } });
      const key = await mint(apiUrl);
      await sleep(5000);
      expect(await use(apiUrl, key)).toBe(200);
      const ended = once(child, 'exit');
      clearInterval(touching);
      expect(await ended).toEqual([0, null]);
    } finally {
      clearInterval(touching);
    }
  });

  it('outlives whoever started it: a closed pipe is no reason to go', async () => {
    const { child, apiUrl } = await start();
    child.stdout.destroy();
    child.stderr.destroy();
    const key = await mint(apiUrl);
    await sleep(1500);
    expect(await use(apiUrl, key)).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('comes on %s, with the last uses stored', async (signal) => {
    const { child, apiUrl } = await start();
    const key = await mint(apiUrl);
    await use(apiUrl, key);
    const ended = once(child, 'exit');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    const stored = JSON.parse(readFileSync(join(folder, 'organization.json'), 'utf8')) as {
      keys: { lastUsedAtSeconds: number | null }[];
    };
    expect(stored.keys[0]?.lastUsedAtSeconds).not.toBeNull();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LeaseView } from '../../lambdas/core/access/lease.ts';
import { EmbeddedProcess } from './embedded-process.ts';
import { Operator } from './operator.ts';

const BIN = fileURLToPath(new URL('../../cli/lockstep.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('model-program.ts', import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const AS = ['--as', 'research-agent'] as const;
const WANTED = { leasable: 'model-session', purpose: 'answer-questions' } as const;

/** One runtime for the whole file, in the order in which a day goes. */
const embedded = new EmbeddedProcess();
const operator = new Operator(embedded);

beforeAll(async () => {
  embedded.writeWorkspace();
  embedded.start();
  await embedded.saysAfter(0, 'Going on by cadence', 240_000);
}, 260_000);
afterAll(() => embedded.dispose(), 60_000);

interface DeskLease {
  readonly handle: string;
  readonly hosts: readonly string[];
  readonly settingsFile: string;
}

/** Ids of the leases that research-agent holds and that work. */
async function live(): Promise<readonly string[]> {
  const { result } = await operator.json('leases', ...AS);
  return (result['leases'] as readonly LeaseView[])
    .filter(({ phase, leasable }) => phase === 'live' && leasable === WANTED.leasable)
    .map(({ id }) => id);
}

async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error('it did not come to it in time');
    await sleep(200);
  }
}

/** A client of MCP, and the lease that it was given. */
async function leaseByMcp(): Promise<{ readonly client: Client; readonly lease: DeskLease }> {
  const client = new Client({ name: 'scenario', version: '1' });
  const args = [BIN, 'mcp', ...AS, '--folder', embedded.workspace];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const asked = await client.callTool({ name: 'request_lease', arguments: WANTED });
  const { lease } = (asked.structuredContent ?? {}) as { readonly lease?: DeskLease };
  if (!lease) throw new Error(JSON.stringify(asked.content));
  return { client, lease };
}

/** Where the model is, for whoever goes through the proxy. */
let modelUrl: string;

describe('an agent that speaks MCP', () => {
  it('is given a handle of a lease of the real broker, and nothing that opens anything', async () => {
    const { client, lease } = await leaseByMcp();
    modelUrl = `http://${lease.hosts[0]}/v1/chat/completions`;
    expect(readFileSync(lease.settingsFile, 'utf8')).toContain('HTTP_PROXY=');
    const { structuredContent } = await client.callTool({ name: 'list_leases', arguments: {} });
    expect(structuredContent).toMatchObject({ leases: [{ handle: lease.handle, state: 'live' }] });
    expect((await live()).length).toBeGreaterThan(0);
    await client.callTool({ name: 'release_lease', arguments: { handle: lease.handle } });
    await client.close();
    expect(existsSync(lease.settingsFile)).toBe(false);
  });
});

describe('a program behind lockstep proxy', () => {
  it('asks the model without a key, and counts no failure across a rotation of the key', async () => {
    const words = ['proxy', WANTED.leasable, ...AS, '--purpose', WANTED.purpose];
    const child = spawn(
      process.execPath,
      [BIN, ...words, '--', process.execPath, '--import', LOADER, PROGRAM],
      {
        cwd: embedded.workspace,
        env: { ...process.env, MODEL_URL: modelUrl },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    const err = text(child.stderr);
    const served = (): number => out.split('\n').filter((line) => line.includes('served')).length;
    await eventually(() => served() > 5);
    await operator.rotate('openai-agents');
    const atRotation = served();
    await eventually(() => served() > atRotation + 10);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(out.trim().split('\n').at(-1)).toContain('"failed":0');
    const said = await err;
    expect(said).not.toMatch(/sk-|EGRESS|LEASE_OVER/);
    const mine = [...said.matchAll(/^lease (\S+) of model-session/gm)].map(([, id = '']) => id);
    expect(mine).not.toEqual([]);
    await eventually(async () => {
      const working = await live();
      return mine.every((id) => !working.includes(id));
    });
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { MemoryBroker } from '../../fakes/memory-broker.ts';
import { formsOf } from '../../scenarios/canary-forms.ts';
import { aBrokerDoor } from '../doubles/a-broker-door.ts';
import { keyOf, ruleOfTarget } from '../doubles/a-proxy.ts';
import { aTarget, type SeenRequest } from '../doubles/a-target.ts';
import { aWorkspace } from '../doubles/a-workspace.ts';
import { closing } from '../doubles/closing.ts';

const keep = closing();
const BIN = fileURLToPath(new URL('../../../cli/lockstep.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../doubles/obedient-program.ts', import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Starting processes takes its time, also on a machine that has other things to do. */
const PATIENT = { timeout: 90_000 };

const keyIn = ({ headers }: SeenRequest): string => (headers.authorization ?? '').replace('Bearer ', '');

/** A target that refuses some keys, a broker behind a door, and the workspace of one of its workloads. */
async function aWorld() {
  const refused = new Set<string>();
  const target = keep(
    await aTarget(
      (seen, response) =>
        response.writeHead(refused.has(keyIn(seen)) ? 401 : 200, { 'x-echo': keyIn(seen) }).end(keyIn(seen)),
      { host: 'localhost' },
    ),
  );
  const broker = new MemoryBroker(() => new Date(), {
    models: {
      defaultSeconds: 900,
      maximumSeconds: 3600,
      longestSeconds: 86_400,
      egress: [ruleOfTarget(target)],
      value: (lease) => ({ apiKey: keyOf(lease) }),
      purposes: ['research'],
    },
  });
  const door = keep(await aBrokerDoor({ broker }));
  return { target, broker, refused, door, ...keep(aWorkspace(door)) };
}

/** The one lease that works. */
function live(broker: MemoryBroker): string {
  const [only, ...more] = broker.live();
  if (only && more.length === 0) return only.id;
  throw new TypeError(`${more.length + (only ? 1 : 0)} leases work, and one was expected`);
}

/** A command line that runs. */
interface Running {
  readonly child: ChildProcess;
  readonly out: Promise<string>;
  readonly err: Promise<string>;
  readonly ended: Promise<unknown[]>;
}

const BEHIND = ['--', process.execPath, '--import', LOADER, PROGRAM];

/** Runs the command line in a process of its own, with the program of the test behind --, or with something else. */
function runProxy(
  { folder, target }: Awaited<ReturnType<typeof aWorld>>,
  ...more: readonly string[]
): Running {
  const words = ['proxy', 'models', '--as', 'research-agent', '--folder', folder, '--verbose'];
  const child = spawn(process.execPath, [BIN, ...words, ...(more.length > 0 ? more : BEHIND)], {
    env: { ...process.env, TARGET: `localhost:${target.port}`, AWS_SECRET_ACCESS_KEY: 'of-the-user' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, out: text(child.stdout), err: text(child.stderr), ended: once(child, 'exit') };
}

describe('a program behind lockstep proxy', PATIENT, () => {
  it('works without a failure across a rotation, never has the key, and ends as it likes', async () => {
    const world = await aWorld();
    const { target, broker, refused } = world;
    const { child, out, err, ended } = runProxy(world);
    await expect.poll(() => target.seen.length, { timeout: 60_000 }).toBeGreaterThan(3);
    const first = live(broker);
    refused.add(keyOf(first));
    const before = target.seen.length;
    await expect.poll(() => target.seen.length, { timeout: 60_000 }).toBeGreaterThan(before + 4);
    const second = live(broker);
    child.kill('SIGTERM');
    expect(await ended).toEqual([7, null]);

    expect(new Set(target.seen.map(keyIn))).toEqual(new Set([first, second].map(keyOf)));
    expect(broker.live()).toEqual([]);
    const [printed, told] = await Promise.all([out, err]);
    // The program printed all that it had: its environment, what it trusts, and every answer.
    expect(printed).toContain('"HTTPS_PROXY"');
    expect(printed).toMatch(/^200 \*+ /m);
    expect(printed).not.toMatch(/^401 |of-the-user/m);
    for (const key of [first, second].map(keyOf))
      for (const form of formsOf(new Secret(JSON.stringify({ apiKey: key }))))
        expect(printed + told).not.toContain(form);
    const [, settings = ''] = /"SSL_CERT_FILE":"([^"]+)"/.exec(printed) ?? [];
    expect(existsSync(settings)).toBe(false);
    broker.judge.assertClean();
  });

  it('is not started where the broker is not there', async () => {
    const world = await aWorld();
    await world.door.close();
    const { out, err, ended } = runProxy(world);
    expect(await ended).toEqual([3, null]);
    expect(await out).toBe('');
    expect(await err).toContain('the broker at 127.0.0.1');
  });
});

describe('lockstep proxy without a program', PATIENT, () => {
  it('gives everything back when it is ended', async () => {
    const world = await aWorld();
    const { child, out, ended } = runProxy(world, '--json');
    await once(child.stdout ?? child, 'data');
    expect(world.broker.live()).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const { settings } = JSON.parse(await out) as { readonly settings: string };
    expect(settings).toMatch(/proxy\.env$/);
    expect(existsSync(settings)).toBe(false);
    expect(world.broker.live()).toEqual([]);
  });
});

/**
 * The same leases on a real Redis or Valkey, 7 or newer. It runs where one is named, because no package of ours brings one:
 *
 *     LOCKSTEP_REDIS_SERVER=$(which redis-server) npx vitest run --project targets test/targets/redis-leases
 *
 * It starts that server on a free port of this machine, in a folder of its own, and ends it. What it is for: everything
 * that the double of `test/leasers/redis` says of Redis is said there by our reading of its documentation.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { redisLeaseCapabilities } from '../../../lambdas/leasers/redis/capabilities.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { issue, requestOf } from '../../leasers/contract/subject.ts';
import { describeLeaserContract } from '../../leasers/leaser-contract.ts';
import { describeRedisLeases } from '../../leasers/redis/describe-leases.ts';
import { prepared, redisSubject, type RedisServer } from '../../leasers/redis/subject.ts';
import { redisClient, type RedisClient } from '../../leasers/redis/wire.ts';
import { codeOf } from '../../ports/under-test.ts';

const program = process.env['LOCKSTEP_REDIS_SERVER'];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Real {
  readonly server: RedisServer;
  readonly value: Secret;
  readonly admin: RedisClient;
  readonly process: ChildProcess;
  readonly folder: string;
}

async function start(path: string): Promise<Real> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'lockstep-redis-')), await freePort()];
  const log = join(folder, 'log');
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    logfile: log,
    loglevel: 'debug',
    appendonly: 'yes',
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const process = spawn(path, [...words, '--save', ''], { stdio: 'ignore' });
  const admin = await connected(port);
  // The neighbour in the room: whoever comes without a login has no rights.
  const password = randomBytes(16).toString('hex');
  await admin.ask('ACL', 'SETUSER', 'root', 'on', `>${password}`, '~*', '&*', '+@all');
  await admin.ask('AUTH', 'root', password);
  await admin.ask('ACL', 'SETUSER', 'default', 'off');
  await admin.ask('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
  const written = async (): Promise<string> =>
    JSON.stringify([
      await readFile(log, 'utf8'),
      await admin.ask('ACL', 'LIST'),
      await admin.ask('ACL', 'LOG'),
      await admin.ask('SLOWLOG', 'GET', '1000'),
    ]) + (await appended(folder));
  const server = { port, admin: admin.ask, written };
  return { server, value: await prepared(server), admin, process, folder };
}

/** What it would write to its disk: the commands that changed something. */
const appended = async (folder: string): Promise<string> =>
  readFile(join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof'), 'utf8').catch(() => '');

async function connected(port: number): Promise<RedisClient> {
  for (let attempt = 0; ; attempt += 1) {
    const client = await redisClient(port).catch(() => undefined);
    if (client) return client;
    if (attempt > 200) throw new Error('the server did not start');
    await sleep(50);
  }
}

describe.runIf(program !== undefined)('leases on a real Redis', () => {
  let real: Real | undefined;
  beforeAll(async () => {
    real = await start(program ?? '');
  });
  afterAll(async () => {
    if (!real) return;
    real.admin.close();
    const ended = once(real.process, 'exit');
    real.process.kill();
    await ended;
    await rm(real.folder, { recursive: true, force: true });
  });
  const theBed = (): Real => {
    if (real) return real;
    throw new TypeError('there is no server');
  };

  describeLeaserContract({
    name: 'a user of Redis, on a real server,',
    capabilities: redisLeaseCapabilities,
    traits: ['sessions', 'authority', 'written', 'fresh-values'],
    shortSeconds: 1,
    make: async () => redisSubject(theBed().server, theBed().value),
  });

  describeRedisLeases('a real server', theBed);

  it('a server without memory ends a lease all the same, and is asked again until it remembers', async () => {
    const { server, value, admin } = theBed();
    const subject = redisSubject(server, value);
    const id = newLeaseId();
    const lease = await issue(subject, id, 1);
    await admin.ask('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await codeOf(issue(subject, newLeaseId(), 1))).toBe('TARGET_FULL');
      expect(await codeOf(subject.leaser.end(requestOf(subject, id, 2)))).toBe('TARGET_FULL');
      expect(await subject.tries(lease.value)).toBe('refused');
    } finally {
      await admin.ask('CONFIG', 'SET', 'maxmemory', '0');
    }
    await subject.leaser.end(requestOf(subject, id, 2));
    expect(await codeOf(issue(subject, id, 1))).toBe('FENCED_OFF');
  });
});

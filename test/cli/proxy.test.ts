import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Program } from '../../cli/serving.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { askOver, connectThrough, tlsInside } from '../client/doubles/a-client.ts';
import { keyOf, ruleOfTarget } from '../client/doubles/a-proxy.ts';
import { aTarget, type Target } from '../client/doubles/a-target.ts';
import { closing } from '../client/doubles/closing.ts';
import { countedIds } from '../fakes/counted-ids.ts';
import { MemoryBroker, type FakeLeasable } from '../fakes/memory-broker.ts';
import { CommandLine } from './a-command-line.ts';

const keep = closing();
const exitCodes = [0, 3, 137];

const LEASABLE: FakeLeasable = {
  defaultSeconds: 900,
  maximumSeconds: 3600,
  longestSeconds: 86_400,
  egress: [],
  value: (lease) => ({ apiKey: keyOf(lease) }),
  purposes: ['research'],
};

let line: CommandLine;
let target: Target;
let broker: MemoryBroker;
beforeEach(async () => {
  line = new CommandLine();
  // Certificates are judged by the time that it is.
  line.clock = () => new Date();
  line.newId = countedIds();
  target = keep(await aTarget(undefined, { host: 'localhost' }));
  broker = aBroker({ models: {} });
});
afterEach(() => broker.judge.assertClean());

/** A broker that leases some, each for the target. */
function aBroker(leasables: Readonly<Record<string, Partial<FakeLeasable>>>): MemoryBroker {
  const egress = [ruleOfTarget(target)];
  const all = Object.entries(leasables).map(([name, each]) => [name, { ...LEASABLE, egress, ...each }]);
  broker = new MemoryBroker(line.clock, Object.fromEntries(all) as Record<string, FakeLeasable>);
  line.serving = { ...line.serving, openAccess: async () => broker.connect('agent:research') };
  return broker;
}

/** What a program does that goes by its environment, and by nothing else. */
async function obedientProgram({ environment }: Program, path = '/'): Promise<number> {
  const proxy = new URL(environment['HTTPS_PROXY'] ?? '');
  const login = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
  const { socket } = await connectThrough({ port: Number(proxy.port) }, `localhost:${target.port}`, {
    'proxy-authorization': `Basic ${login}`,
  });
  const ca = readFileSync(environment['SSL_CERT_FILE'] ?? '', 'utf8');
  const tls = await tlsInside(socket, { servername: 'localhost', ca });
  const { status } = await askOver(tls, target, { path });
  tls.destroy();
  return status === 200 ? 0 : 1;
}

/** Runs it with a program of the test behind --. */
async function runWith(words: string, program: (program: Program) => Promise<number>): Promise<number> {
  line.serving = { ...line.serving, runProgram: program };
  return line.run(`${words} -- program`);
}

describe('lockstep proxy, with a program', () => {
  it('gives it all that it needs to use the lease but the key, and ends with it', async () => {
    const seen: Program[] = [];
    const code = await runWith('proxy models --as research-agent', async (program) => {
      seen.push(program);
      expect(broker.live()).toHaveLength(1);
      expect(statSync(program.environment['SSL_CERT_FILE'] ?? '').mode & 0o077).toBe(0);
      return obedientProgram(program);
    });
    const [used = { command: '', words: [], environment: {} }] = seen;
    expect([code, used.command, used.words]).toEqual([0, 'program', []]);
    const key = target.seen[0]?.headers.authorization?.replace('Bearer ', '') ?? 'none';
    expect(key).toMatch(/^sk-canary-/);
    expect(line.said + JSON.stringify(used)).not.toContain(key);
    // It ended: the lease was given back, the settings are gone, and nobody listens.
    expect(broker.live()).toEqual([]);
    expect(existsSync(used.environment['SSL_CERT_FILE'] ?? '')).toBe(false);
    await expect(obedientProgram(used)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(exitCodes)('ends as the program did: with %i', async (code) => {
    expect(await runWith('proxy models --as research-agent', async () => code)).toBe(code);
  });

  it('keeps from it what the broker is asked with', async () => {
    line.serving = {
      ...line.serving,
      environment: {
        AWS_ACCESS_KEY_ID: 'AKIA',
        AWS_PROFILE: 'mine',
        AWS_REGION: 'eu-central-1',
        PATH: '/bin',
      },
    };
    let environment: Program['environment'] = {};
    await runWith('proxy models --as research-agent', async (program) => {
      ({ environment } = program);
      return 0;
    });
    expect(environment).toMatchObject({ AWS_REGION: 'eu-central-1', PATH: '/bin' });
    expect(Object.keys(environment)).not.toContain('AWS_ACCESS_KEY_ID');
    expect(Object.keys(environment)).not.toContain('AWS_PROFILE');
  });

  it('does not take its words for its own', async () => {
    let words: readonly string[] = [];
    line.serving = {
      ...line.serving,
      runProgram: async (program) => {
        ({ words } = program);
        return 0;
      },
    };
    await line.run('proxy models --as research-agent -- program --json --as x --port 99999');
    expect(words).toEqual(['--json', '--as', 'x', '--port', '99999']);
  });
});

describe('a program of lockstep proxy', () => {
  it('is not started where one of several leases is refused, and the others are given back', async () => {
    let isStarted = false;
    const code = await runWith('proxy models,nothing --as research-agent', async () => {
      isStarted = true;
      return 0;
    });
    expect([code, isStarted, broker.live()]).toEqual([1, false, []]);
    expect(broker.asked.map(({ ask }) => ask)).toEqual(['lease', 'lease', 'release']);
  });

  it('is not started for what could be used nowhere, which says what to do instead', async () => {
    aBroker({ store: { egress: [], approvals: 1 } });
    const code = await runWith('proxy store --as research-agent', async () => 0);
    expect([code, broker.live()]).toEqual([2, []]);
    expect(line.errors).toContain('no place where store may be used');
    expect(line.errors).toContain('lockstep lease <leasable> -- <command>');
    // The broker is told what for, so that nobody is asked to approve it.
    expect(line.errors).not.toContain('approval');
    expect(broker.asked).toMatchObject([{ ask: 'lease', through: 'proxy' }]);
  });

  it('waits for people where policy wants them', async () => {
    aBroker({ models: { approvals: 1 } });
    line.serving = {
      ...line.serving,
      pause: (milliseconds, signal) => {
        // Until the lease has to be renewed it stays as it is.
        if (milliseconds > 60_000)
          return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
        broker.decide('approval-1', 'approved');
        return Promise.resolve();
      },
    };
    expect(await runWith('proxy models --as research-agent', obedientProgram)).toBe(0);
    expect(line.errors).toContain('waits for approval approval-1');
  });

  it('is told plainly what was refused, and of each request where somebody wants to know', async () => {
    aBroker({ models: { egress: [ruleOfTarget(target, { paths: ['/v1'] })] } });
    const both = async (program: Program): Promise<number> => {
      await obedientProgram(program, '/v1');
      return obedientProgram(program, '/v2?token=of-somebody');
    };
    expect(await runWith('proxy models --as research-agent', both)).toBe(1);
    expect(line.errors).toMatch(new RegExp(String.raw`GET localhost:${target.port}: EGRESS_REFUSED`));
    expect(line.errors).not.toMatch(/: 200|of-somebody/);
    await runWith('proxy models --as research-agent --verbose', both);
    expect(line.errors).toMatch(/: 200 \(\d+ ms\)/);
  });
});

describe('lockstep proxy, without a program', () => {
  it('says where the settings are, and not what is secret in them', async () => {
    let settings = '';
    line.serving = {
      ...line.serving,
      stopping: () => {
        const stop = new AbortController();
        // It is ended once it has said where the settings are.
        const looking = setInterval(() => {
          if (line.output === '') return;
          clearInterval(looking);
          settings = readFileSync(String(line.json['settings']), 'utf8');
          stop.abort();
        }, 5);
        return stop.signal;
      },
    };
    expect(await line.run('proxy models --as research-agent --json')).toBe(0);
    const [, secret = ''] = /HTTPS_PROXY='http:\/\/pass-1:([\w-]{43})@127\.0\.0\.1:\d+'/.exec(settings) ?? [];
    expect(secret).not.toBe('');
    expect(line.said).not.toContain(secret);
    expect(line.json).toMatchObject({ leases: [{ leasable: 'models', phase: 'live' }] });
    expect(existsSync(String(line.json['settings']))).toBe(false);
    expect(broker.live()).toEqual([]);
  });
});

describe('whom lockstep proxy asks, and as whom', () => {
  it.each([
    ['--as research-agent', { by: 'identity', folder: '/workspace', as: 'research-agent' }],
    [
      '--as research-agent --acting-for /token --folder /other',
      { by: 'identity', folder: '/other', as: 'research-agent', actingFor: '/token' },
    ],
    ['--broker https://b.test', { by: 'signature', broker: 'https://b.test' }],
    ['--stage production', { by: 'stage', folder: '/workspace', stage: 'production' }],
    [
      '--broker https://b.test --acting-for /token',
      { by: 'signature', broker: 'https://b.test', actingFor: '/token' },
    ],
    [
      '--broker https://b.test --token-file /token',
      { by: 'token', broker: 'https://b.test', tokenFile: '/token' },
    ],
    [
      `--broker https://b.test --token-command 'kubectl create token "an app"'`,
      { by: 'token', broker: 'https://b.test', tokenCommand: ['kubectl', 'create', 'token', 'an app'] },
    ],
  ])('is said by %s', async (options, expected) => {
    const places: unknown[] = [];
    line.serving = {
      openAccess: async (place) => {
        places.push(place);
        throw new LockstepError('NOTHING_REACHABLE', 'nobody is there');
      },
    };
    expect(await line.run(`proxy models ${options}`)).toBe(3);
    expect(places).toEqual([expected]);
  });

  it.each([
    ['', 'nothing says who asks'],
    ['--stage production --as research-agent', '--as is for the embedded world'],
    ['--token-file /token', 'the address of the broker is missing'],
    ['--broker https://b.test --as research-agent', '--as is for the embedded world'],
    ['--broker https://b.test --token-file /t --acting-for /p', 'cannot act for another'],
    ['--broker https://b.test --token-command t --acting-for /p', 'cannot act for another'],
    ['--token-command t', 'the address of the broker is missing'],
    ['--broker https://b.test --token-command t --token-file /t', 'a token comes from one place'],
    [`--broker https://b.test --token-command 'x "y'`, 'with every quote closed'],
    [
      '--as research-agent --port 99999',
      "--port <number>: a port is expected, from 1 to 65535, found '99999'",
    ],
    ['--as research-agent --tunnel 10.0.0.1', 'a tunnel is for a host name'],
  ])('is wrong by "%s", and nobody is asked for a lease', async (options, message) => {
    expect(await line.run(`proxy models ${options}`)).toBe(2);
    expect(line.errors).toContain(message);
    expect(broker.asked).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { Program } from '../../cli/serving.ts';
import { runProgram } from '../../cli/run-program.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryBroker } from '../fakes/memory-broker.ts';
import { CommandLine } from './a-command-line.ts';
import { NOW } from './a-connection.ts';

const reader = (approvals?: number) => ({
  defaultSeconds: 900,
  maximumSeconds: 900,
  longestSeconds: 3600,
  egress: [],
  value: (lease: string) => ({ password: `the password of ${lease}` }),
  purposes: ['investigate'],
  ...(approvals === undefined ? {} : { approvals }),
});

let line: CommandLine;
let broker: MemoryBroker;
let ran: Program[];
let ends: (program: Program) => Promise<number>;
beforeEach(() => {
  [line, ran] = [new CommandLine(), []];
  const clock = new FakeClock(NOW);
  broker = new MemoryBroker(clock.now, { 'vector-reader': reader(), 'vector-owner': reader(2) });
  ends = async () => 0;
  line.serving = {
    environment: { HOME: '/home/ada', AWS_SECRET_ACCESS_KEY: 'a fake one' },
    openAccess: async () => broker.connect('research-agent'),
    // Whoever holds a lease waits until it has to be renewed, or is let go.
    pause: (_milliseconds, signal) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
    runProgram: (program) => {
      ran.push(program);
      return ends(program);
    },
  };
});

describe('lockstep lease, with a program', () => {
  it('gives it the value on its standard input, and nobody else', async () => {
    line.isTerminal = true;
    let live = 0;
    ends = async () => {
      live = broker.live().length;
      return 0;
    };
    expect(await line.run('lease vector-reader --as research-agent -- ./report --last 5')).toBe(0);
    const [program] = ran;
    expect(program).toMatchObject({
      command: './report',
      words: ['--last', '5'],
      environment: { HOME: '/home/ada' },
    });
    expect(program?.input?.reveal()).toContain('the password of');
    expect(program?.environment['AWS_SECRET_ACCESS_KEY']).toBeUndefined();
    expect(line.said).not.toContain('the password of');
    // and gives it back
    expect([live, broker.live()]).toEqual([1, []]);
  });

  it.each<[string, () => Promise<number>, number]>([
    ['as the program does', async () => 7, 7],
    [
      'as a wrong command line where there is no such program',
      () => Promise.reject(new LockstepError('COMMAND_INVALID', 'the program could not be started')),
      2,
    ],
  ])('ends %s, and gives the lease back', async (_, how, code) => {
    ends = how;
    expect(await line.run('lease vector-reader --as research-agent -- ./report')).toBe(code);
    expect([ran.length, broker.live()]).toEqual([1, []]);
  });

  it.each(['vector-reader wc', 'vector-reader wc -- ./report', '-- vector-reader wc'])(
    'is refused where its words do not stand behind --, and nothing is asked for: %s',
    async (words) => {
      expect(await line.run(`lease --as research-agent ${words}`)).toBe(2);
      expect(line.errors).toContain('stand behind --');
      expect([ran, broker.asked]).toEqual([[], []]);
    },
  );

  it('takes a ttl as people write it, and says what it takes', async () => {
    expect(await line.run('lease vector-reader --as research-agent --ttl 15m -- ./report')).toBe(0);
    expect(broker.asked[0]).toMatchObject({ ttlSeconds: 900 });
    expect(await line.run("lease vector-reader --as research-agent --ttl '' -- ./report")).toBe(2);
    expect(line.errors).toContain('--ttl <duration>: a duration like 90s, 15m or 1h is expected');
    expect(line.errors).toContain("found ''");
  });

  it('runs nothing where other people have to agree first, and then what was agreed to', async () => {
    expect(await line.run('lease vector-owner --as research-agent -- ./report')).toBe(1);
    expect(ran).toEqual([]);
    const [, request = '', approval = ''] = /--request (\S+) --approval (\S+)/.exec(line.errors) ?? [];
    broker.decide(approval, 'approved');
    expect(
      await line.run(
        `lease vector-owner --as research-agent --request ${request} --approval ${approval} -- ./report`,
      ),
    ).toBe(0);
    expect(ran).toHaveLength(1);
  });
});

describe('a lease whose only token is used up', () => {
  it('is not given back, which is said, and the end is that of the program', async () => {
    ends = async () => 7;
    const reach = broker.connect('research-agent');
    let isSpent = false;
    line.serving = {
      ...line.serving,
      openAccess: async () => ({
        ask: async (ask, asks) => {
          if (isSpent) throw new LockstepError('TOKEN_SPENT', 'the token in the file /t is used up');
          isSpent = true;
          return reach.ask(ask, asks);
        },
      }),
    };
    const code = await line.run('lease vector-reader --broker https://b.test --token-file /t -- ./report');
    const [left] = broker.live();
    expect([code, left?.phase]).toEqual([7, 'live']);
    expect(line.errors).toContain(
      `lease ${left?.id} of vector-reader was not given back: the token in the file /t is used up (TOKEN_SPENT). ` +
        `It ends by itself at ${left?.expiresAt}`,
    );
    expect(broker.asked.map(({ ask }) => ask)).toEqual(['lease']);
  });
});

describe('a program that is given something to read', () => {
  const node = (script: string): Program => ({
    command: process.execPath,
    words: ['-e', script],
    environment: process.env,
    input: new Secret('what it is to read'),
  });

  it('reads all of it', async () => {
    const script = `let text = ''; process.stdin.on('data', (data) => (text += data)).on('end', () => process.exit(text === 'what it is to read' ? 0 : 9))`;
    expect(await runProgram(node(script))).toBe(0);
  });

  it('may end without having read any', async () => {
    expect(await runProgram(node('process.exit(3)'))).toBe(3);
  });
});

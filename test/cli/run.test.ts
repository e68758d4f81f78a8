import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EXIT_MEANINGS } from '../../cli/exit-codes.ts';
import { LockstepError, REMEDIES, type ErrorCode } from '../../lambdas/core/errors.ts';
import example from '../../lockstep.config.ts';
import { aStatus } from './a-connection.ts';
import { CommandLine, EXAMPLE_FOLDER } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

describe('a command line that is not understood', () => {
  it.each([
    ['statu', 'there is no such command; did you mean status?', 'lockstep help'],
    ['inventory chek', 'did you mean check?', 'lockstep help inventory'],
    ['status --overdu', 'did you mean --overdue?', 'lockstep help status'],
    ['rotate', "missing required argument 'credential'", 'lockstep help rotate'],
    ['force vector-store --reason x', '--dependent', 'lockstep help force'],
    ['history --last', '--last <count>', 'lockstep help history'],
    ['status vector-store another', 'more was given', 'lockstep help status'],
    ['history --last none', 'a whole number from 1 to 999999 is expected', 'lockstep help history'],
    ['audit', 'a command is missing', 'lockstep help audit'],
    ['', 'a command is missing', 'lockstep help'],
    ['page', 'lockstep page --test', undefined],
    ['help nothing-of-ours', 'there is no help on that', undefined],
  ])('%s', async (words, says, help) => {
    expect(await line.run(words)).toBe(2);

    expect(line.errors).toContain(says);
    expect(line.errors.trimEnd()).toMatch(new RegExp(`${help === undefined ? '' : `next: ${help}`}$`));
    expect(line.places).toEqual([]);
  });

  it('is never repeated: whatever was typed may be a value', async () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{11,20}$/);
    await fc.assert(
      fc.asyncProperty(word, fc.constantFrom(...MISTAKES), async (secret, mistake) => {
        const here = new CommandLine();
        expect(await here.run(mistake(secret))).toBe(2);
        expect(here.said).not.toContain(secret);
      }),
      { numRuns: 150 },
    );
  });

  it('is told as JSON, and nothing beside it, where that was asked for', async () => {
    expect(await line.run('rotate --json')).toBe(2);
    expect(line.failure).toEqual({
      code: 'COMMAND_INVALID',
      message: "missing required argument 'credential'",
      next: 'lockstep help rotate',
      exit: 2,
    });
    expect(await line.run('inventory --json')).toBe(2);
    expect(line.failure).toMatchObject({ code: 'COMMAND_INVALID', exit: 2 });
    expect(line.output).toBe('');
  });
});

/** Places on a command line where somebody might put a value. */
const MISTAKES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `adopt fresh-key ${secret}`,
  (secret) => `adopt fresh-key --value ${secret}`,
  (secret) => `adopt fresh-key --value=${secret}`,
  (secret) => `adopt fresh-key --from-stdin=${secret}`,
  (secret) => `adopt fresh-key --${secret}`,
  (secret) => `history --last ${secret}`,
  (secret) => `status --timeout ${secret}`,
  (secret) => `status ${secret}`,
  (secret) => `history ${secret}`,
  (secret) => `audit verify ${secret}`,
  (secret) => `audit ${secret}`,
  (secret) => `inventory drift ${secret}`,
  (secret) => `help ${secret}`,
];

const COMMANDS = [
  'status',
  'history',
  'adopt',
  'rotate',
  'hold',
  'release',
  'force',
  'roll-back',
  'redrive',
  'revoke',
  'page',
  'audit verify',
  'inventory check',
  'inventory list',
  'inventory drift',
];

const NAMES = Object.keys(example.credentials);
const LEASABLES = Object.keys(example.leases ?? {});

describe('help', { timeout: 60_000 }, () => {
  it.each(COMMANDS)('ends with examples and names the shared options: %s', async (command) => {
    expect(await line.run(`help ${command}`)).toBe(0);
    expect(line.output).toContain('Examples:');
    expect(line.output).toContain('--stage <environment>');
    expect(await line.run(`${command} --help`)).toBe(0);
    expect(line.output).toContain(`Usage: lockstep ${command}`);
    expect(line.errors).toBe('');
    expect(line.places).toEqual([]);
  });

  it.each(COMMANDS)('has examples that can be typed as they stand: %s', async (command) => {
    await line.run(`help ${command}`);
    const typed = [...line.output.matchAll(/^ {2}lockstep (.+?) {3}/gm)].map(([, words = '']) =>
      words.replace(/ < .*/, ''),
    );
    expect(typed.length).toBeGreaterThan(0);
    for (const words of typed) {
      line.workspace = example;
      line.workingFolder = EXAMPLE_FOLDER;
      const about = NAMES.find((each) => words.includes(each)) ?? '';
      line.person = { answers: [about], hidden: 'a fake value', piped: 'a fake value' };
      line.pipeline.leasables = LEASABLES;
      line.pipeline.credentials = NAMES.map((name) => aStatus(name, { adopted: !words.startsWith('adopt') }));
      expect([words, await line.run(words)]).toEqual([words, 0]);
    }
  });

  it('tells every exit code', async () => {
    expect(await line.run('help exit-codes')).toBe(0);
    for (const [code, meaning] of EXIT_MEANINGS) expect(line.output).toContain(`${code}  ${meaning}`);
    expect(await line.run('help exit-codes --json')).toBe(0);
    expect(Object.keys(line.json)).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('lists every command', async () => {
    await line.run('help');
    for (const command of COMMANDS) expect(line.output).toContain(`  ${command.split(' ')[0]}`);
    expect(await line.run('--version')).toBe(0);
    expect(line.output.trim()).toBe('1.2.3');
  });
});

describe('a failure', () => {
  const EXITS: Partial<Record<ErrorCode, number>> = {
    COMMAND_INVALID: 2,
    INVENTORY_INVALID: 2,
    UNKNOWN_CREDENTIAL: 2,
    POLICY_INVALID: 2,
    NOTHING_REACHABLE: 3,
    FOLDER_IN_USE: 3,
  };

  it.each(Object.keys(REMEDIES) as ErrorCode[])(
    'has its exit code, its code and its message: %s',
    async (code) => {
      line.unreachable = new LockstepError(code, 'what happened, and to what');
      const exit = EXITS[code] ?? 1;

      expect(await line.run('audit verify')).toBe(exit);
      expect(line.errors).toMatch(new RegExp(`^lockstep: what happened, and to what \\(${code}\\)\n`));
      expect(await line.run('audit verify --json')).toBe(exit);
      expect(line.failure).toMatchObject({ code, message: 'what happened, and to what', exit });
      expect(line.output).toBe('');
    },
  );

  it('of anything foreign tells its class and none of its text', async () => {
    line.unreachable = new SyntaxError('Unexpected token hunter2hunter2 in JSON') as never;
    expect(await line.run('status')).toBe(1);
    expect(line.errors).toContain('unexpected SyntaxError');
    expect(line.said).not.toContain('hunter2');
  });

  it('of a target says how long to wait, where the target said so', async () => {
    line.unreachable = new LockstepError('TARGET_BUSY', 'the provider is busy', { retryAfterSeconds: 7.2 });
    await line.run('status');
    expect(line.errors).toContain('next: try again in 8 s');
  });

  it('closes what was opened', async () => {
    line.pipeline.orderAnswer = new LockstepError('HELD', 'vector-store is held');
    expect(await line.run("rotate vector-store --reason 'a test'")).toBe(1);
    expect(line.pipeline.closed).toBe(1);
    expect(await line.run('status')).toBe(0);
    expect(line.pipeline.closed).toBe(2);
  });

  it('moves no cursor: what others wrote is shown without its control characters', async () => {
    line.unreachable = new LockstepError('HELD', 'held by \u001b[2Jmallory\u202e: \u0007reason');
    await line.run('status');
    expect(line.errors).toContain('held by ?[2Jmallory?: ?reason');
  });
});

describe('the pipeline that is meant', () => {
  it('is the embedded world of this folder, or what the options say', async () => {
    await line.run('status');
    await line.run('status --folder /elsewhere --timeout 9');
    await line.run('--stage production status');
    expect(line.places).toEqual([
      { folder: '/workspace' },
      { folder: '/elsewhere', timeouts: { orderSeconds: 9, querySeconds: 9 } },
      { folder: '/workspace', stage: 'production' },
    ]);
  });
});

describe('a name that nothing has', () => {
  it.each([
    'status vectr-store',
    'history vectr-store',
    'history vectr-store --findings',
    'audit verify vectr-store',
    'adopt vectr-store --issue',
    "hold vectr-store --reason 'a test'",
    "redrive vectr-store --reason 'a test'",
    "revoke vectr-store --breach --reason 'a test'",
  ])('gets the one that was probably meant: %s', async (words) => {
    expect(await line.run(words)).toBe(2);

    expect(line.errors).toContain('did you mean vector-store?');
    expect(line.errors).toContain('next: lockstep inventory list');
    expect(line.said).not.toContain('vectr');
    expect(line.pipeline.orders).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import type { Argument } from 'commander';
import { beforeEach, describe, expect, it } from 'vitest';
import { EXIT_MEANINGS } from '../../cli/exit-codes.ts';
import { makeProgram } from '../../cli/program.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import example from '../../lockstep.config.ts';
import { CommandLine, EXAMPLE_FOLDER } from './a-command-line.ts';
import { aStatus } from './a-connection.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const nowhere = { write: () => undefined, isTerminal: false };
const program = makeProgram(
  { output: nowhere, errors: nowhere, version: '1.2.3' },
  () => async () => undefined,
);

/** What stands beside a cell in the table of a section. */
const beside = (section: string, cell: string): string =>
  page
    .split('\n## ')
    .find((part) => part.startsWith(section))
    ?.split('\n')
    .find((row) => row.startsWith(`| ${cell} |`))
    ?.slice(cell.length + 4) ?? '';

/** Options of many commands, which the page names in one place. */
const SAID_ONCE: ReadonlySet<string> = new Set([
  '--reason',
  '--as',
  '--broker',
  '--token-file',
  '--token-command',
  '--acting-for',
]);

const usageOf = (prefix: string, command: (typeof program.commands)[number]): string =>
  [prefix + command.name(), ...command.registeredArguments.map((argument) => argumentText(argument))].join(
    ' ',
  );

function argumentText(argument: Argument): string {
  const text = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${text}>` : `[${text}]`;
}

const commands = program.commands.flatMap((command) =>
  command.commands.length === 0
    ? [{ usage: usageOf('', command), command }]
    : command.commands.map((each) => ({ usage: usageOf(`${command.name()} `, each), command: each })),
);

describe('docs/cli.md', () => {
  it.each(commands)('names the command and its arguments as help does: $usage', ({ usage }) => {
    expect(beside('Commands', `\`${usage}\``)).not.toBe('');
  });

  it.each(commands)('names every option: $usage', ({ usage, command }) => {
    const known = beside('Commands', `\`${usage}\``);
    const missing = command.options
      .filter(
        ({ long, flags }) =>
          !known.includes(`\`${long}`) && !(SAID_ONCE.has(long ?? '') && page.includes(`\`${flags}\``)),
      )
      .map(({ flags }) => flags);
    expect(missing).toEqual([]);
  });

  it('names the shared options', () => {
    for (const { flags } of program.options) expect(page).toContain(flags);
  });

  it('has the exit codes in the words of the program', () => {
    for (const [code, meaning] of EXIT_MEANINGS)
      expect(beside('Exit codes', String(code))).toContain(meaning);
  });
});

describe('the JSON of docs/cli.md', { timeout: 60_000 }, () => {
  let line: CommandLine;
  beforeEach(() => {
    line = new CommandLine();
    line.workspace = example;
    line.workingFolder = EXAMPLE_FOLDER;
    line.pipeline.credentials = Object.keys(example.credentials).map((name) => aStatus(name));
  });

  it.each([
    ['status', '`status`'],
    ['status --watch', '`status --watch`'],
    ['history vector-store', '`history`'],
    ['history --findings', '`history --findings`'],
    ['audit verify', '`audit verify`'],
    ['inventory check', '`inventory check`'],
    ['inventory list', '`inventory list`'],
    ['inventory drift', '`inventory drift`'],
    ["rotate vector-store --reason 'a test'", 'orders'],
  ])('has every field that comes out: %s', async (words, row) => {
    line.pipeline.via = words.startsWith('rotate') ? 'files' : 'runtime';
    line.metrics = 'lockstep_heartbeat_reads_total 1';
    expect(await line.run(`${words} --json`)).toBe(0);
    expect(Object.keys(line.json).filter((field) => !beside('JSON', row).includes(`\`${field}\``))).toEqual(
      [],
    );
  });

  it('has every field of a failure', async () => {
    line.unreachable = new LockstepError('NOTHING_REACHABLE', 'nobody answers', { retryAfterSeconds: 3 });
    await line.run('status --json');
    const fields = [...Object.keys(line.failure), 'error'];
    expect(fields.filter((field) => !beside('JSON', 'a failure').includes(`\`${field}\``))).toEqual([]);
    expect(Object.keys(line.failure)).toEqual(['code', 'message', 'next', 'exit']);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import example from '../../lockstep.config.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { CommandLine, EXAMPLE_FOLDER } from './a-command-line.ts';
import { aStatus } from './a-connection.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WHERE = ['lambdas', 'embedded', 'lib', 'bin'];

const VERBS =
  'status history adopt rotate hold release force roll-back redrive revoke-leases revoke page help audit inventory leases approvals approve review supply'.split(
    ' ',
  );
const SECOND_WORDS = ['verify', 'check', 'list', 'drift', 'exit-codes', 'lease', 'all'];
/** Where a name is filled in that is no credential's. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^lockstep adopt/, 'fresh-key'],
  // The values of the embedded world name its places, and no world is here.
  [/^lockstep supply/, 'openai-leases --stage staging'],
];

/** What follows one of these in a text of ours is meant to be typed. */
const ANNOUNCED = /(?:firstCommand: ["'`]|\b(?:run|see|with|is): )lockstep (?<verb>[\w-]+)/g;

/** A command and its arguments, without the prose around it: words of ours, options, quoted texts and names. */
const COMMAND = new RegExp(
  `lockstep (?:${VERBS.join('|')})\\b(?: (?:${SECOND_WORDS.join('|')})\\b| \\$\\{[^}]*\\}| <credential>| --[a-z-]+| '[^']*'| \\d+)*`,
  'g',
);

/** Spoken of in a sentence without what belongs to it (`adopt`), or no command at all (the first words of an audit head). */
const NAMED_ONLY: ReadonlySet<string> = new Set(['lockstep adopt', 'lockstep audit', 'lockstep supply']);

const files = WHERE.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

/** A file without its imports and comments: what is left can reach a person. */
const codeOf = (file: string): string =>
  readFileSync(join(ROOT, file), 'utf8')
    .replaceAll(/^import .*$/gm, '')
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

/** What people are told to run, by the file that tells them. Names that are filled in become the double's. */
const told = files.flatMap((file) =>
  [...codeOf(file).matchAll(COMMAND)]
    .map(([command]) => command)
    .filter((command) => !NAMED_ONLY.has(command))
    .map((command) => ({ file, line: typed(command) })),
);
const distinct = [...new Map(told.map((each) => [`${each.file} ${each.line}`, each])).values()];

function typed(command: string): string {
  const name = NAMES.find(([begins]) => begins.test(command))?.[1] ?? 'vector-store';
  return command
    .replace(/^lockstep /, '')
    .replaceAll(/\$\{[^}]*\.map\([^}]*\}/g, '--dependent embedder')
    .replaceAll(/\$\{[^}]*\}|<credential>/g, name);
}

/** What a broker answers to the asks behind such commands. */
const REPLIES: Readonly<Record<string, object>> = {
  leases: { leases: [] },
  approve: { approved: 1, needed: 1 },
  approvals: { approvals: [] },
  review: {},
  revoke: { ending: 1, more: false },
};

describe('the first commands that people are told', { timeout: 60_000 }, () => {
  it('are found at all', () => {
    expect(distinct.length).toBeGreaterThan(30);
    for (const { firstCommand } of ALARMS)
      expect(distinct.map(({ line }) => `lockstep ${line}`)).toContain(firstCommand);
  });

  it('begin with a command that there is', () => {
    const unknown = files.flatMap((file) =>
      [...codeOf(file).matchAll(ANNOUNCED)]
        .filter(({ groups }) => !VERBS.includes(groups?.['verb'] ?? ''))
        .map(([text]) => `${file}: ${text}`),
    );
    expect(unknown).toEqual([]);
  });

  it.each(distinct)('can be typed as they stand: lockstep $line ($file)', async ({ line: words }) => {
    // given somebody at a terminal, as whoever reads a page is: what is left out is asked for
    const line = new CommandLine();
    const value = words.startsWith('supply') ? 'sk-admin-not-a-real-key-of-anybody' : 'a fake value';
    line.person = {
      answers: ['cause mended', 'vector-store'],
      hidden: value,
      piped: value,
    };
    line.workspace = example;
    line.workingFolder = EXAMPLE_FOLDER;
    line.serving = { openAccess: async () => ({ ask: async (ask) => REPLIES[ask] as never }) };
    // what works is what the file says, and one that is yet to be adopted where the command is about that
    line.pipeline.credentials = [
      ...Object.keys(example.credentials).map((name) => aStatus(name)),
      ...(words.includes('fresh-key') ? [aStatus('fresh-key', { adopted: false })] : []),
    ];

    const code = await line.run(words);

    // then nothing about the command line itself is wrong
    expect([line.errors.includes('COMMAND_INVALID'), code]).toEqual([false, 0]);
  });
});

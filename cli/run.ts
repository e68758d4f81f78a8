import { CommanderError, type Command } from 'commander';
import { describeError, isLockstepError, LockstepError } from '../lambdas/core/errors.ts';
import type { Act } from './command-tools.ts';
import { demandBehind } from './demand-behind.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { Invocation } from './invocation.ts';
import { demandNoValues } from './looks-like-a-value.ts';
import { nextStepAfter } from './next-steps.ts';
import { plainText } from './output/plain-text.ts';
import { makeProgram } from './program.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one command line, and answers with the exit code. Never throws: whatever fails is told in our own words on
 * the stream of errors, as JSON where that was asked for.
 */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  // What stands behind -- is for a program, and none of it is for us.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const isJson = own.includes('--json');
  let code: number = EXIT.done;
  const act: Act =
    (work) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const invocation = new Invocation<Parameters<typeof work>[0]['options']>(
        surroundings,
        command.optsWithGlobals(),
      );
      try {
        demandBehind(command, given.slice(0, -2), words);
        code = await work(invocation, ...(given.slice(0, -2) as (string | undefined)[]));
      } finally {
        await invocation.close();
      }
    };
  // For programs, standard error holds one JSON text and no help beside it.
  const errors = isJson ? { ...surroundings.errors, write: () => undefined } : surroundings.errors;
  const program = makeProgram({ ...surroundings, errors }, act);
  try {
    demandNoValues(words);
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const failure = error instanceof CommanderError ? misunderstood(error) : error;
    surroundings.errors.write(`${failureText(failure, helpFor(program, own), isJson)}\n`);
    return exitCodeOf(failure);
  }
}

/** Messages of commander's that name only what we have written ourselves: our options, our arguments. */
const SAFE_CODES: ReadonlySet<string> = new Set([
  'commander.missingArgument',
  'commander.optionMissingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.conflictingOption',
]);

const OTHER_CODES: Readonly<Record<string, string>> = {
  'commander.unknownCommand': 'there is no such command',
  'commander.unknownOption': 'there is no such option here',
  'commander.excessArguments':
    'more was given than this command takes; a value never belongs on the command line',
  'commander.help': 'a command is missing',
};

/** A command line that commander did not understand, without what commander quotes of it. */
function misunderstood({ code, message }: CommanderError): LockstepError {
  // The suggestion is one of our own commands or options.
  const suggestion = /\(Did you mean (?:one of )?([\w, -]+)\?\)/.exec(message)?.[1];
  const what = SAFE_CODES.has(code)
    ? message.replace(/^error: /, '')
    : code === 'commander.invalidArgument'
      ? wrongValue(message)
      : (OTHER_CODES[code] ?? 'the command line was not understood');
  return new LockstepError(
    'COMMAND_INVALID',
    suggestion === undefined ? what : `${what}; did you mean ${suggestion}?`,
  );
}

/** What an option was given and what it takes, in the words of our own parsers. */
function wrongValue(message: string): string {
  const [, option, found = '', allowed] =
    /^error: option '([^']+)' argument '(.*)' is invalid\. (.+)$/s.exec(message) ?? [];
  if (option === undefined || allowed === undefined)
    return 'an option was given something that it does not take';
  // Numbers and durations that miss are shown. A word may be a secret that was meant for elsewhere.
  const shown = /^[-+]?[\d.]{0,12}[smhd]?$|^NaN$/.test(found) ? `found '${found}'` : 'found another text';
  return `${option}: ${allowed}, ${shown}`;
}

/** The command that shows how the one that was meant is used. Names only commands that exist. */
function helpFor(program: Command, words: readonly string[]): string {
  const path = ['lockstep', 'help'];
  let at: Command | undefined = program;
  for (const word of words.filter((each) => !each.startsWith('-'))) {
    at = at?.commands.find((each) => each.name() === word);
    if (!at) break;
    path.push(at.name());
  }
  return path.join(' ');
}

/** A failure as programs read it. */
interface FailureJson {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly next?: string;
    readonly exit: ExitCode;
  };
}

function failureText(error: unknown, help: string, isJson: boolean): string {
  const { code, message } = isLockstepError(error) ? error : describeError(error);
  const next = nextStepAfter(error, help);
  if (isJson) {
    const told: FailureJson = {
      error: { code, message, ...(next === undefined ? {} : { next }), exit: exitCodeOf(error) },
    };
    return JSON.stringify(told, null, 2);
  }
  const [first = '', ...others] = message.split('\n').map(plainText);
  const lines = [`lockstep: ${first}${others.length === 0 ? ` (${code})` : ''}`, ...others];
  return [...lines, ...(next === undefined ? [] : [`  next: ${next}`])].join('\n');
}

import { LockstepError } from '../../lambdas/core/errors.ts';

const WORD = /(?:[^\s"'\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/g;
const PART = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^"'\\]+)/g;

/**
 * The words of a command line that is started without a shell, as `credential_process` of AWS is: quotes hold a word
 * together, a backslash takes the next character as it is, and nothing else means anything. No variable, no pipe and no
 * pattern is looked at, so no text of others that gets into a word becomes a command. Throws `COMMAND_INVALID`.
 */
export function commandWords(line: string, option: string): readonly string[] {
  const words = line.match(WORD) ?? [];
  const rest = line.replaceAll(WORD, '').trim();
  if (words.length === 0 || rest !== '')
    throw new LockstepError(
      'COMMAND_INVALID',
      `${option} takes a program and its words, with every quote closed; pipes and variables need a shell: sh -c '…'`,
    );
  const [program = '', ...given] = words.map((word) => word.replaceAll(PART, unquoted));
  if (program === '')
    throw new LockstepError('COMMAND_INVALID', `${option} begins with the program, and its name is empty`);
  return [program, ...given];
}

function unquoted(
  _part: string,
  single: string | undefined,
  double: string | undefined,
  escaped: string | undefined,
  plain: string | undefined,
): string {
  // As a POSIX shell reads it: between double quotes a backslash stands for itself but before these.
  return single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
}

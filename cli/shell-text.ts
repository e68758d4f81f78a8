import type { AccessOptions } from './access-options.ts';
import type { SharedOptions } from './invocation.ts';

/** Words as a shell reads them back: to be pasted. */
export const shellText = (words: readonly string[]): string =>
  words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');

/** Options that were given, as they are written. */
export const optionWords = (options: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));

/** The options by which it was said who asks, and of whom. */
export const askerWords = (options: AccessOptions & SharedOptions): readonly string[] =>
  optionWords({
    as: options.as,
    stage: options.stage,
    broker: options.broker,
    'token-command': options.tokenCommand,
    'token-file': options.tokenFile,
    'acting-for': options.actingFor,
    folder: options.folder,
  });

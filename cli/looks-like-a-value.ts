import { LockstepError } from '../lambdas/core/errors.ts';

/** Beginnings of well-known keys and tokens, wherever in a word they stand. */
const KEY_PREFIX =
  /(?:^|[^A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{6}|whsec_|AKIA[A-Z0-9]{8}|ASIA[A-Z0-9]{8}|gh[oprsu]_[A-Za-z0-9]{6}|github_pat_|glpat-|xox[abp]-|hf_[A-Za-z0-9]{8}|eyJ[A-Za-z0-9_-]{8}|AIza[A-Za-z0-9_-]{8}|-----BEGIN)/;

/** As long and as mixed as no word, id, digest or address is that a person has reason to write here. */
const KEY_RUN = /(?<![A-Za-z0-9_+=])(?=\w*[a-z])(?=\w*[A-Z])(?=\w*[0-9])[A-Za-z0-9_+=]{32,}/;

/** A login in a URL, or a field that names its secret. */
const LOGIN = /:\/\/[^\s/@]*:[^\s/@]+@|["']?(?:password|adminKey|apiKey|secret)["']?\s*[:=]\s*["']/i;

/** Whether a text may hold a secret value. It may err; whoever asks must refuse without showing the text. */
export const looksLikeAValue = (text: string): boolean =>
  KEY_PREFIX.test(text) || KEY_RUN.test(text) || LOGIN.test(text);

/**
 * Refuses a command line on which somebody has put a value: the other processes of the machine see it, the
 * shell remembers it, and a reason goes into the audit for good. Shows none of it.
 */
export function demandNoValues(words: readonly string[]): void {
  if (!words.some(looksLikeAValue)) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    'something that was written here looks like a secret value, and was not used. A value belongs neither on a command ' +
      'line, which other processes and the history of the shell can see, nor in a reason, which the audit keeps. Take it out ' +
      'of the history, treat it as exposed if others use this machine, and give a value on standard input or at the prompt: ' +
      'lockstep adopt <credential>',
  );
}
